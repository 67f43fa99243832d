/**
 * How far forecasts are from the truth.
 *
 * Every measure runs over pairs (truth, forecast); a mask says which pairs are scored (1) and which are gaps (0): a value that
 * was filled in is never scored. With e = truth − forecast:
 *   rmse  = √ mean e²                      mae  = mean |e|                 bias = mean (forecast − truth)
 *   mase  = mae / q, where q = mean |y_t − y_{t−m}| over the TRAINING part: 1 is what the (seasonal) naive forecast did there
 *   smape = mean 200 |e| / (|truth| + |forecast|), 0 … 200 %; a pair of two zeros counts as 0
 * MASE: Hyndman & Koehler 2006, equation of section 3, with the seasonal scale of their section 3.2; sMAPE as in Makridakis 1993.
 */
import { ArgumentError } from "../tensor/errors.ts";

/** 1 where a value was observed, 0 where it is a gap. */
export type Mask = ArrayLike<number>;

export interface Scores {
  rmse: number;
  mae: number;
  /** null when the training part is constant: every error is then infinitely larger than none. */
  mase: number | null;
  /** Per cent, 0 … 200. */
  smape: number;
}

/** The four scores of the table. @param scale from {@link maseScale}. */
export function scores(truth: Float64Array, forecast: Float64Array, scale: number, mask?: Mask): Scores {
  return {
    rmse: rmse(truth, forecast, mask),
    mae: mae(truth, forecast, mask),
    mase: mase(truth, forecast, scale, mask),
    smape: smape(truth, forecast, mask),
  };
}

/** Root of the mean squared error, in the data's units. */
export function rmse(truth: Float64Array, forecast: Float64Array, mask?: Mask): number {
  return Math.sqrt(meanOver("rmse", truth, forecast, mask, (y, f) => (y - f) ** 2));
}

/** Mean absolute error, in the data's units. */
export function mae(truth: Float64Array, forecast: Float64Array, mask?: Mask): number {
  return meanOver("mae", truth, forecast, mask, (y, f) => Math.abs(y - f));
}

/** Mean of forecast − truth: above 0, the forecasts are too high. */
export function bias(truth: Float64Array, forecast: Float64Array, mask?: Mask): number {
  return meanOver("bias", truth, forecast, mask, (y, f) => f - y);
}

/** Symmetric mean absolute percentage error, 0 … 200. */
export function smape(truth: Float64Array, forecast: Float64Array, mask?: Mask): number {
  return meanOver("smape", truth, forecast, mask, (y, f) => {
    const size = Math.abs(y) + Math.abs(f);
    return size === 0 ? 0 : (200 * Math.abs(y - f)) / size;
  });
}

/** Mean absolute scaled error; null if the scale is 0. @param scale from {@link maseScale}, of the training part. */
export function mase(truth: Float64Array, forecast: Float64Array, scale: number, mask?: Mask): number | null {
  const error = mae(truth, forecast, mask);
  return scale > 0 ? error / scale : null;
}

/**
 * The scale of MASE: the mean absolute error of the seasonal naive forecast within the training part.
 *
 * @param training the training values
 * @param season   rows of a season; 1 (the default) for none
 * @param mask     differences with a gap at either end are left out
 * @returns 0 for a constant training part, or one too short to hold a season
 */
export function maseScale(training: Float64Array, season = 1, mask?: Mask): number {
  let sum = 0;
  let count = 0;
  for (let t = season; t < training.length; t++) {
    if (mask && !(mask[t] && mask[t - season])) continue;
    sum += Math.abs(training[t] - training[t - season]);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/**
 * The share of pairs in which the forecast moves the way the truth moved, from the last known value. Pairs whose truth did not
 * move are not asked; a forecast of no movement is wrong. null if the truth never moved.
 *
 * @param last the value at the origin of each pair
 */
export function directionalAccuracy(
  truth: Float64Array,
  forecast: Float64Array,
  last: Float64Array,
  mask?: Mask,
): number | null {
  checkLengths("directionalAccuracy", truth, forecast, mask);
  checkLengths("directionalAccuracy", truth, last);
  let right = 0;
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    if ((mask && !mask[i]) || truth[i] === last[i]) continue;
    count++;
    if (Math.sign(truth[i] - last[i]) === Math.sign(forecast[i] - last[i])) right++;
  }
  return count === 0 ? null : right / count;
}

/** The share of truths within [lower, upper], 0 … 1. */
export function coverage(truth: Float64Array, lower: Float64Array, upper: Float64Array, mask?: Mask): number {
  checkLengths("coverage", truth, upper);
  return meanOver("coverage", truth, lower, mask, (y, low, i) => (y >= low && y <= upper[i] ? 1 : 0));
}

function meanOver(
  name: string,
  truth: Float64Array,
  forecast: Float64Array,
  mask: Mask | undefined,
  term: (y: number, f: number, index: number) => number,
): number {
  checkLengths(name, truth, forecast, mask);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    if (mask && !mask[i]) continue;
    sum += term(truth[i], forecast[i], i);
    count++;
  }
  if (count === 0)
    throw new ArgumentError(`${name}: no pair to score: every truth is a gap; choose a part with observed values`);
  return sum / count;
}

function checkLengths(name: string, truth: Float64Array, other: Float64Array, mask?: Mask): void {
  if (truth.length === other.length && (!mask || mask.length === truth.length)) return;
  throw new ArgumentError(
    `${name}: truth, forecast and mask must pair up, got ${truth.length}, ${other.length}${mask ? ` and ${mask.length}` : ""} values`,
  );
}
