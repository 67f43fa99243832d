/**
 * The autoregression AR(p):  x_t = a + Σ_{k=1…p} φ_k x_{t−k} + noise, by least squares, iterated to the horizon.
 *
 * x is the (log) series, or its differences where the level wanders (KPSS at 5 %, stationarity.ts); differences make the
 * intercept a drift. The order is that of the smallest AICc = n ln(RSS/n) + 2K + 2K(K+1)/(n−K−1), K = p + 2, over p = 0 … P on
 * one common set of rows (Hurvich & Tsai 1989); one triangular factor holds all orders. P is 10 log₁₀ n, or a season and one
 * more, and at most a quarter of the rows. Orders whose response to one shock grows without end are passed over.
 */
import { wanders } from "../stationarity.ts";
import { fitTransform, suggestTransform, transformed, untransformed } from "../transform.ts";
import { residualSumOfSquares, solveTriangle, TriangularFactor } from "../triangular-factor.ts";
import type { Baseline, BaselineOptions, FittedBaseline, SimpleState } from "./baseline.ts";

export interface FittedAutoregression extends FittedBaseline {
  readonly order: number;
  /** True if it was fitted to differences. */
  readonly differenced: boolean;
  readonly intercept: number;
  /** φ_1 … φ_p. */
  readonly coefficients: Float64Array;
}

export const ar: Baseline = { name: "ar", fit: fitAutoregression };

export function fitAutoregression(training: Float64Array, options: BaselineOptions): FittedAutoregression {
  const season = options.season ?? null;
  const transform = fitTransform(training, options.transform ?? suggestTransform(training, season));
  const levels = training.map((value) => transformed(transform, value));
  const differenced = wanders(levels);
  const x = differenced ? levels.slice(1).map((value, i) => value - levels[i]) : levels;
  const { intercept, coefficients } = chooseOrder(x, season);
  return autoregressionFrom({ name: "ar", transform, differenced, intercept, coefficients: Array.from(coefficients) });
}

/** The fitted autoregression again, from what was saved of it. */
export function autoregressionFrom(state: Extract<SimpleState, { name: "ar" }>): FittedAutoregression {
  const { transform, differenced, intercept, coefficients } = state;
  const order = coefficients.length;

  /** The newest `order` values of x, oldest first; the part of the history before the first row counts as the first row. */
  const newest = (history: Float64Array): number[] => {
    const level = (back: number) => transformed(transform, history[Math.max(0, history.length - 1 - back)]);
    return Array.from({ length: order }, (_, i) => {
      const back = order - 1 - i;
      return differenced ? level(back) - level(back + 1) : level(back);
    });
  };
  return {
    name: "ar",
    state,
    description: `AR(${order}) on ${differenced ? "differences of " : ""}${transform.name === "log" ? "log " : ""}levels`,
    order,
    differenced,
    intercept,
    coefficients: Float64Array.from(coefficients),
    forecast(history, horizon) {
      const known = newest(history);
      let level = transformed(transform, history[history.length - 1]);
      return Float64Array.from({ length: horizon }, () => {
        let next = intercept;
        for (let k = 1; k <= order; k++) next += coefficients[k - 1] * known[known.length - k];
        known.push(next);
        level = differenced ? level + next : next;
        return untransformed(transform, level);
      });
    },
  };
}

function chooseOrder(x: Float64Array, season: number | null): { intercept: number; coefficients: Float64Array } {
  const wanted = Math.max(Math.floor(10 * Math.log10(Math.max(1, x.length))), season ? season + 1 : 0);
  const most = Math.max(0, Math.min(wanted, Math.floor(x.length / 4)));
  const columns = most + 2;
  const factor = new TriangularFactor(columns);
  const row = new Float64Array(columns);
  for (let t = most; t < x.length; t++) {
    row[0] = 1;
    for (let k = 1; k <= most; k++) row[k] = x[t - k];
    row[most + 1] = x[t];
    factor.add(row);
  }
  const r = factor.triangle();
  const n = factor.rows;
  // What is left by a perfect fit is rounding: higher orders must not be chosen for fitting it.
  const rounding = 1e-24 * residualSumOfSquares(r, columns, 0);
  const orders = Array.from({ length: most + 1 }, (_, order) => {
    const parameters = order + 2;
    const rss = Math.max(residualSumOfSquares(r, columns, order + 1), rounding, Number.MIN_VALUE);
    const penalty =
      n - parameters > 1 ? (2 * parameters * (parameters + 1)) / (n - parameters - 1) : Number.POSITIVE_INFINITY;
    return { order, criterion: n * Math.log(rss / n) + 2 * parameters + penalty };
  }).sort((a, b) => a.criterion - b.criterion);
  for (const { order } of orders) {
    const solution = solveTriangle(r, columns, order + 1);
    const coefficients = solution.slice(1);
    if (settles(coefficients)) return { intercept: solution[0], coefficients };
  }
  return { intercept: 0, coefficients: new Float64Array(0) };
}

/** Whether the response to one shock of size 1 stays below 100 over 500 steps. */
function settles(coefficients: Float64Array): boolean {
  const steps = 500;
  const response = new Float64Array(steps);
  response[0] = 1;
  for (let t = 1; t < steps; t++) {
    for (let k = 1; k <= Math.min(t, coefficients.length); k++) response[t] += coefficients[k - 1] * response[t - k];
    if (!(Math.abs(response[t]) < 100)) return false;
  }
  return true;
}
