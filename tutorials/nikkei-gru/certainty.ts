/** How sure a forecast may be, from the errors that it made on windows it was not fitted on. */

import type { PriceWindows } from "../price-windows.ts";
import type { Parts } from "./networks.ts";

export interface Certainty {
  /** The ends of 80 % intervals for the test days. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The chance of a rise on each test day, 0 … 1. */
  readonly rise: Float64Array;
}

/** Intervals and chances for the test days, from the errors on the validation windows, as shares of the last close. */
export function certaintyOf({ last, truth }: PriceWindows, forecast: Float64Array, parts: Parts): Certainty {
  const { fitted, trained } = parts;
  const errors = truth.map((price, n) => (price - forecast[n]) / last[n]).subarray(fitted, trained);
  const sorted = errors.toSorted();
  const [low, high] = [0.1, 0.9].map((q) => sorted[Math.round(q * (sorted.length - 1))]);
  const at = (share: number) => forecast.map((price, n) => price + share * last[n]).subarray(trained);
  const rise = Float64Array.from(forecast.subarray(trained), (price, n) => {
    const change = price / last[trained + n] - 1;
    return sorted.filter((error) => change + error > 0).length / sorted.length;
  });
  return { lower: at(low), upper: at(high), rise };
}
