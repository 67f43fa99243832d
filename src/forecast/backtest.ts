/**
 * Forecasts from every origin of a part, beside the truth.
 *
 * Nothing is refitted on the way: at each origin the forecaster gets the true history up to there, and no row beyond it.
 * Scores run over the steps 1 … H of all origins together.
 */
import { type Mask, type Scores, scores } from "./metrics.ts";
import { originsOf, type Part } from "./split.ts";

export interface Backtest {
  readonly horizon: number;
  /** The row of the last known value of each forecast, `[origins]`. */
  readonly origins: Int32Array;
  /** `[origins, horizon]` row by row, in the data's units. */
  readonly forecast: Float64Array;
  /** What came, `[origins, horizon]`. */
  readonly truth: Float64Array;
  /** 1 where the truth was observed, `[origins, horizon]`; gaps are not scored. */
  readonly mask: Uint8Array;
}

export interface BacktestOptions {
  part: Part;
  horizon: number;
  /** The earliest origin that can be forecast. Default 0. */
  firstOrigin?: number;
  /** 1 for each row that was observed, 0 for a gap that was filled in. Default all observed. */
  observed?: Mask;
}

/**
 * @param values   the whole series, in the data's units
 * @param forecast given the history up to and with an origin, the next `horizon` values
 */
export function backtest(
  values: Float64Array,
  forecast: (history: Float64Array, horizon: number) => ArrayLike<number>,
  options: BacktestOptions,
): Backtest {
  const { part, horizon, firstOrigin = 0, observed } = options;
  const origins = originsOf(part, horizon, firstOrigin);
  const result = {
    horizon,
    origins,
    forecast: new Float64Array(origins.length * horizon),
    truth: new Float64Array(origins.length * horizon),
    mask: new Uint8Array(origins.length * horizon),
  };
  origins.forEach((origin, i) => {
    result.forecast.set(forecast(values.subarray(0, origin + 1), horizon), i * horizon);
    for (let h = 1; h <= horizon; h++) {
      result.truth[i * horizon + h - 1] = values[origin + h];
      result.mask[i * horizon + h - 1] = observed ? Number(Boolean(observed[origin + h])) : 1;
    }
  });
  return result;
}

/** The four scores of a backtest. @param scale from `maseScale` of the training part. */
export function scoreBacktest(result: Backtest, scale: number): Scores {
  return scores(result.truth, result.forecast, scale, result.mask);
}

/** truth − forecast, `[origins, horizon]`; NaN for gaps. */
export function residuals({ truth, forecast, mask }: Backtest): Float64Array {
  return truth.map((value, i) => (mask[i] ? value - forecast[i] : Number.NaN));
}

/** The mean squared error of each origin over its observed steps, `[origins]`; NaN where all are gaps. */
export function lossPerOrigin({ truth, forecast, mask, horizon, origins }: Backtest): Float64Array {
  return Float64Array.from(origins, (_, i) => {
    let sum = 0;
    let count = 0;
    for (let j = i * horizon; j < (i + 1) * horizon; j++) {
      if (!mask[j]) continue;
      sum += (truth[j] - forecast[j]) ** 2;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  });
}
