/**
 * Prediction intervals from what went wrong before: forecast ± the quantile of |residual| on the validation part, step by step.
 *
 * With n residuals the quantile is the ⌈(n + 1) · level⌉-th smallest: were the residuals of the future exchangeable with these,
 * an interval would hold the truth with at least that probability (split conformal prediction; Vovk et al. 2005, Lei et al.
 * 2018). Residuals of a series are not quite exchangeable, and when n is too small for the level even the largest falls short;
 * `attained` then says what the largest can promise, n / (n + 1). Widths never shrink as the horizon grows: with few
 * residuals that would be an accident of the sample.
 */
import { ArgumentError } from "../tensor/errors.ts";

export interface IntervalOptions {
  /** The share of truths that should fall inside, above 0 and below 1. Default 0.9. */
  level?: number;
}

export interface Intervals {
  readonly level: number;
  /** Half the width of the interval, one a step, in the data's units. */
  readonly halfWidth: Float64Array;
  /** What each step can promise: `level`, or less where residuals were too few. */
  readonly attained: Float64Array;
}

/**
 * @param residuals truth − forecast, `[origins, horizon]` row by row; NaN for gaps, which are left out
 * @throws {ArgumentError} if a step has no residual at all
 */
export function fitIntervals(residuals: Float64Array, horizon: number, options: IntervalOptions = {}): Intervals {
  const { level = 0.9 } = options;
  if (!(level > 0 && level < 1)) {
    throw new ArgumentError(`fitIntervals: level must lie between 0 and 1, got ${level}; did you mean ${level / 100}?`);
  }
  const halfWidth = new Float64Array(horizon);
  const attained = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    const sizes = residuals
      .filter((residual, i) => i % horizon === h && !Number.isNaN(residual))
      .map(Math.abs)
      .sort();
    const n = sizes.length;
    if (n === 0) {
      throw new ArgumentError(
        `fitIntervals: no residual for step ${h + 1}; the validation part is too short or all gaps`,
      );
    }
    // A whisker below, since 10 · 0.9 may come out above 9.
    const rank = Math.ceil((n + 1) * level - 1e-9);
    halfWidth[h] = Math.max(sizes[Math.min(rank, n) - 1], h > 0 ? halfWidth[h - 1] : 0);
    attained[h] = rank <= n ? level : n / (n + 1);
  }
  return { level, halfWidth, attained };
}

/** Lower and upper ends around a forecast `[horizon]` or many, `[origins, horizon]`. */
export function applyIntervals(
  forecast: Float64Array,
  { halfWidth }: Intervals,
): { lower: Float64Array; upper: Float64Array } {
  return {
    lower: forecast.map((value, i) => value - halfWidth[i % halfWidth.length]),
    upper: forecast.map((value, i) => value + halfWidth[i % halfWidth.length]),
  };
}
