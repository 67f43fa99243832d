/**
 * Forecasts without a fit worth the name, and hard to beat all the same.
 *   naive          ŷ_{t+h} = y_t
 *   seasonalNaive  ŷ_{t+h} = y_{t+h−s⌈h/s⌉}            the same phase of the last season seen
 *   drift          ŷ_{t+h} = y_t + h (y_n − y_1)/(n − 1)   the slope between the ends of the training part
 * Hyndman & Athanasopoulos, Forecasting: Principles and Practice, section 5.2.
 */
import { ArgumentError } from "../../tensor/errors.ts";
import type { Baseline, FittedBaseline } from "./baseline.ts";

export const naive: Baseline = { name: "naive", fit: naiveFrom };

export function naiveFrom(): FittedBaseline {
  return {
    name: "naive",
    state: { name: "naive" },
    description: "the last value",
    forecast: (history, horizon) => new Float64Array(horizon).fill(history[history.length - 1]),
  };
}

/** Without a season it is the naive forecast, and its description says so. @throws {ArgumentError} if the training part is shorter than a season */
export const seasonalNaive: Baseline = {
  name: "seasonalNaive",
  fit(training, options) {
    const season = options.season ?? 1;
    if (training.length < season) {
      throw new ArgumentError(
        `seasonalNaive: a season of ${season} rows is longer than the training part of ${training.length}; take a shorter season or a longer series`,
      );
    }
    return seasonalNaiveFrom(season);
  },
};

export function seasonalNaiveFrom(season: number): FittedBaseline {
  return {
    name: "seasonalNaive",
    state: { name: "seasonalNaive", season },
    description: season === 1 ? "no season: as naive" : `the value ${season} rows before`,
    forecast: (history, horizon) =>
      Float64Array.from({ length: horizon }, (_, i) => {
        const seasons = Math.ceil((i + 1) / season);
        return history[history.length + i - season * seasons];
      }),
  };
}

export const drift: Baseline = {
  name: "drift",
  fit(training) {
    const n = training.length;
    return driftFrom(n > 1 ? (training[n - 1] - training[0]) / (n - 1) : 0);
  },
};

export function driftFrom(slope: number): FittedBaseline {
  return {
    name: "drift",
    state: { name: "drift", slope },
    description: `the last value, ${slope < 0 ? "falling" : "rising"} by ${Math.abs(slope).toPrecision(3)} a row`,
    forecast: (history, horizon) =>
      Float64Array.from({ length: horizon }, (_, i) => history[history.length - 1] + (i + 1) * slope),
  };
}
