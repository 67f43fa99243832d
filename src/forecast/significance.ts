/**
 * Does one forecaster beat another beyond chance? The Diebold–Mariano test.
 *
 *   d_t = loss of A − loss of B at origin t,   DM = d̄ / √(v / n),   v = γ_0 + 2 Σ_{k<H} γ_k
 * for horizon H (errors of overlapping forecasts are correlated up to H − 1 origins apart), multiplied by
 *   √((n + 1 − 2H + H(H − 1)/n) / n)
 * and held against Student's t with n − 1 degrees of freedom. Should the sum for v not be above 0, Bartlett's weights
 * 1 − k/H, which cannot go below, take over. Diebold & Mariano 1995; Harvey, Leybourne & Newbold 1997.
 */
import { ArgumentError } from "../tensor/errors.ts";
import { studentTwoSided } from "./distributions.ts";

export interface DieboldMariano {
  /** Below 0 when A has the smaller loss. */
  readonly statistic: number;
  /** The probability of a difference this large, either way, if both forecast equally well. */
  readonly pValue: number;
  /** Mean loss of A − mean loss of B. */
  readonly meanDifference: number;
  /** Origins compared. */
  readonly count: number;
}

/** Origins below which the test has nothing to say: three forecasts that do not overlap, and at least twenty in all. */
export const fewestOrigins = (horizon: number): number => Math.max(20, 3 * horizon);

/**
 * @param lossA   the loss of A at each origin, in time order (squared error, or its mean over the steps); NaN for gaps
 * @param lossB   the same for B
 * @param horizon steps of the forecasts, the lag up to which losses overlap. Default 1.
 * @throws {ArgumentError} if the two differ in length
 */
export function dieboldMariano(lossA: Float64Array, lossB: Float64Array, horizon = 1): DieboldMariano {
  if (lossA.length !== lossB.length) {
    throw new ArgumentError(`dieboldMariano: the losses must pair up, got ${lossA.length} and ${lossB.length} origins`);
  }
  const d = lossA.map((loss, t) => loss - lossB[t]).filter((difference) => !Number.isNaN(difference));
  const n = d.length;
  const undecided = { statistic: 0, pValue: 1, count: n };
  if (n < 2) return { ...undecided, meanDifference: n === 1 ? d[0] : 0 };
  const mean = d.reduce((a, b) => a + b, 0) / n;
  const lags = Math.min(horizon, n) - 1;
  const covariance = Float64Array.from({ length: lags + 1 }, (_, k) => {
    let sum = 0;
    for (let t = k; t < n; t++) sum += (d[t] - mean) * (d[t - k] - mean);
    return sum / n;
  });
  const longRun = (weight: (k: number) => number) =>
    covariance.reduce((sum, gamma, k) => sum + (k === 0 ? gamma : 2 * weight(k) * gamma), 0);
  let variance = longRun(() => 1);
  if (!(variance > 0)) variance = longRun((k) => 1 - k / (lags + 1));
  // A difference without any spread: nothing if it is zero, certain if it is not.
  if (!(variance > 1e-24 * mean * mean)) return { ...undecided, pValue: mean === 0 ? 1 : 0, meanDifference: mean };
  const H = lags + 1;
  const correction = Math.sqrt(Math.max(0, (n + 1 - 2 * H + (H * (H - 1)) / n) / n));
  const statistic = (correction * mean) / Math.sqrt(variance / n);
  return { statistic, pValue: studentTwoSided(statistic, n - 1), meanDifference: mean, count: n };
}
