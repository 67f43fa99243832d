/**
 * Windows of prices in a form that a network can learn from: how far each price of the window is from its last close.
 *
 *   input   (p_i / c_T − 1) / σ       for a price p_i of day i and the last close c_T of the window
 *   input   ln(1 + v_i) − ln(1 + v_T), divided by its own deviation, for a volume v_i
 *   target  (c_{T+1} / c_T − 1) / σ
 *
 * σ is the deviation of the daily change c_{t+1} / c_t − 1 over the training days, and of nothing else. A forecast of 0 is
 * "tomorrow is today", at 500 as at 20,000: what a level means never has to be learnt.
 */

import { type Tensor, tensor } from "refrain";

export interface PriceSeries {
  readonly close: Float64Array;
  /** Other prices of the same days. */
  readonly prices?: readonly Float64Array[];
  /** Shares traded. */
  readonly volume?: Float64Array;
}

export interface PriceWindows {
  /** [N, inputSteps, F]: the close, the other prices, the volume. */
  readonly x: Tensor;
  /** [N, 1] */
  readonly y: Tensor;
  /** The last close of each window: the naive forecast. */
  readonly last: Float64Array;
  /** The close that follows each window. */
  readonly truth: Float64Array;
  /** Daily changes have this deviation in the training part. */
  readonly sigma: number;
  /** From the network's outputs for windows `from` … to prices. */
  readonly toPrices: (outputs: Float64Array, from: number) => Float64Array;
}

/** @param trainDays days that σ may be computed from */
export function priceWindows(series: PriceSeries, inputSteps: number, trainDays: number): PriceWindows {
  const { close, prices = [], volume } = series;
  const sigma = deviation(changesOf(close.subarray(0, trainDays)));
  const logVolume = volume?.map((v) => Math.log1p(v));
  const volumeSigma = logVolume ? deviation(differencesOf(logVolume.subarray(0, trainDays))) || 1 : 1;
  const count = close.length - inputSteps;
  const last = close.slice(inputSteps - 1, -1);
  const truth = close.slice(inputSteps);
  const x = Array.from({ length: count }, (_, start) =>
    Array.from({ length: inputSteps }, (_, step) => {
      const day = start + step;
      const inputs = [close, ...prices].map((price) => (price[day] / last[start] - 1) / sigma);
      if (logVolume) inputs.push((logVolume[day] - logVolume[start + inputSteps - 1]) / volumeSigma);
      return inputs;
    }),
  );
  const y = Array.from(truth, (price, n) => [(price / last[n] - 1) / sigma]);
  return {
    x: tensor(x),
    y: tensor(y),
    last,
    truth,
    sigma,
    toPrices: (outputs, from) => outputs.map((output, n) => last[from + n] * (1 + sigma * output)),
  };
}

/** From each day to the next, as a share of the first: 0.01 is one per cent up. */
export function changesOf(prices: Float64Array): Float64Array {
  return prices.slice(1).map((price, day) => price / prices[day] - 1);
}

function differencesOf(values: Float64Array): Float64Array {
  return values.slice(1).map((value, day) => value - values[day]);
}

/** The deviation of the population. */
function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
