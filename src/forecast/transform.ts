/**
 * The transform of a series before anything else is done to it: none, or the logarithm.
 *
 * A logarithm turns growth by a percentage into a straight line, and swings that grow with the level into swings of one size.
 * The inverse of a mean of logarithms is a median, so forecasts through `log` aim at the median and lie below the mean
 * (by a factor of about exp(σ²/2)); no correction is applied, since it needs a σ that is rarely known well.
 */
import { ArgumentError } from "../tensor/errors.ts";

export type TransformName = "none" | "log";

/** A transform as plain data, so that it can be saved with a model. */
export interface Transform {
  readonly name: TransformName;
  /** For `log`: values below this are taken as this, so that a zero met later does not become −∞. A tenth of the smallest training value. */
  readonly floor: number;
}

/** @throws {ArgumentError} for `log` when a training value is not above 0. */
export function fitTransform(training: Float64Array, name: TransformName): Transform {
  if (name === "none") return { name, floor: 0 };
  const smallest = training.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (!(smallest > 0)) {
    throw new ArgumentError(
      `transform log: every training value must be above 0, the smallest is ${smallest}; use transform none, or shift the series`,
    );
  }
  return { name, floor: smallest / 10 };
}

export function transformed(transform: Transform, value: number): number {
  return transform.name === "log" ? Math.log(Math.max(value, transform.floor)) : value;
}

export function untransformed(transform: Transform, value: number): number {
  return transform.name === "log" ? Math.exp(value) : value;
}

/**
 * `log` if the swings of the training part grow with its level, else `none`.
 *
 * The part is cut into blocks of one season (or of about a tenth of the rows); the slope of log deviation over log mean is 1
 * when swings are proportional to the level, and 0 when they do not depend on it. `log` above 0.5, where the levels explain it
 * (correlation above 0.5). Guerrero 1993. `none` whenever a value is not above 0.
 */
export function suggestTransform(training: Float64Array, season: number | null = null): TransformName {
  const size = season && season >= 4 ? season : Math.max(8, Math.floor(training.length / 10));
  const blocks = Math.floor(training.length / size);
  if (blocks < 4 || training.some((value) => !(value > 0))) return "none";
  const means = new Float64Array(blocks);
  const spreads = new Float64Array(blocks);
  const start = training.length - blocks * size;
  for (let b = 0; b < blocks; b++) {
    const block = training.subarray(start + b * size, start + (b + 1) * size);
    const mean = block.reduce((a, x) => a + x, 0) / size;
    const spread = Math.sqrt(block.reduce((a, x) => a + (x - mean) ** 2, 0) / size);
    if (!(spread > 0)) return "none";
    means[b] = Math.log(mean);
    spreads[b] = Math.log(spread);
  }
  const { slope, correlation } = line(means, spreads);
  return slope > 0.5 && correlation > 0.5 ? "log" : "none";
}

function line(x: Float64Array, y: Float64Array): { slope: number; correlation: number } {
  const mx = x.reduce((a, b) => a + b, 0) / x.length;
  const my = y.reduce((a, b) => a + b, 0) / y.length;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    xx += (x[i] - mx) ** 2;
    xy += (x[i] - mx) * (y[i] - my);
    yy += (y[i] - my) ** 2;
  }
  return xx > 0 && yy > 0 ? { slope: xy / xx, correlation: xy / Math.sqrt(xx * yy) } : { slope: 0, correlation: 0 };
}
