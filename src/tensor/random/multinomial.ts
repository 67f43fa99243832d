/**
 * Draws of categories in proportion to weights, as `torch.multinomial`.
 *
 *   with replacement      the first category whose cumulated weight, normalised, reaches a uniform draw in float64
 *   without, or just one  the categories with the largest weight / e, e exponential: the race that the quickest win
 */
import { ArgumentError } from "../errors.ts";
import type { Generator } from "./generator.ts";
import type { FloatArray } from "./normal.ts";

/**
 * @param weights     one for each category, non-negative, finite, not all 0; they need not sum to 1
 * @param count       how many to draw
 * @param replacement whether a category can come again; default false
 * @returns the drawn categories, in the order drawn
 * @throws {ArgumentError} for impossible weights, or more draws than categories without replacement
 */
export function multinomial(generator: Generator, weights: FloatArray, count: number, replacement = false): Int32Array {
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`multinomial: a whole number of draws ≥ 1 expected, got ${count}`);
  }
  if (!replacement && count > weights.length) {
    throw new ArgumentError(
      `multinomial: at most ${weights.length} draws without replacement from ${weights.length} weights, got ${count}; ` +
        "did you mean replacement = true?",
    );
  }
  if (!weights.every((w) => w >= 0 && w < Infinity) || !weights.some((w) => w > 0)) {
    throw new ArgumentError("multinomial: weights that are finite, non-negative and not all 0 expected");
  }
  return replacement && count > 1 ? bySum(generator, weights, count) : byRace(generator, weights, count);
}

function bySum(generator: Generator, weights: FloatArray, count: number): Int32Array {
  const last = weights.length - 1;
  const cumulated = weights.slice();
  for (let k = 1; k <= last; k++) cumulated[k] = cumulated[k - 1] + weights[k];
  const sum = cumulated[last];
  for (let k = 0; k < last; k++) cumulated[k] /= sum;
  cumulated[last] = 1;
  const drawn = new Int32Array(count);
  for (let i = 0; i < count; i++) drawn[i] = firstAtLeast(cumulated, generator.random53() * 2 ** -53);
  return drawn;
}

function firstAtLeast(sorted: FloatArray, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byRace(generator: Generator, weights: FloatArray, count: number): Int32Array {
  const speed = generator.exponential(weights.slice());
  for (let k = 0; k < speed.length; k++) speed[k] = weights[k] / speed[k];
  const order = Int32Array.from(weights, (_, k) => k).sort((a, b) => speed[b] - speed[a] || a - b);
  return order.slice(0, count);
}
