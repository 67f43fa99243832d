/** Seeded inputs for tests: values that spread evenly over a range, never equal to one another. */

import { Generator, type Tensor, tensor } from "refrain";

/** float64 draws from [low, high), without a gradient. */
export function values(shape: readonly number[], low = -2, high = 2, seed = 1): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(new Generator(seed).fillUniform(new Float64Array(count), low, high), { shape });
}

/** The same as a row-major leaf that requires a gradient. */
export const leaf = (shape: readonly number[], low = -2, high = 2, seed = 1): Tensor =>
  values(shape, low, high, seed).requiresGrad_();

/** The same as a leaf whose axes lie in memory in reverse order, every second element used, with an offset. */
export function strided(shape: readonly number[], low = -2, high = 2, seed = 1): Tensor {
  const reversed = [...shape].reverse();
  const axes = shape.map((_, i) => shape.length - 1 - i);
  const wide = values([...reversed.slice(0, -1), 2 * (reversed[reversed.length - 1] ?? 1) + 1], low, high, seed);
  return wide.slice(-1, 1, null, 2).permute(axes).detach().requiresGrad_();
}
