/** Dropout: a random mask at training time. Masks are drawn in PyTorch's stream, so the same elements fall. */

import { allocate } from "../backend/allocate.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import type { Generator } from "../tensor/random/generator.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { mul } from "./arithmetic.ts";
import { elementsOfNew } from "./new-elements.ts";

/**
 * Each element is 0 with probability p, else x / (1 − p).
 * @param options.p probability of a zero, 0 … 1. Default 0.5
 * @param options.training false returns x itself. Default true
 */
export function dropout(x: Tensor, options: { p?: number; training?: boolean; generator?: Generator } = {}): Tensor {
  checkTensor("dropout", x);
  checkOptions("dropout", options, ["p", "training", "generator"]);
  const { p = 0.5, training = true, generator = defaultGenerator } = options;
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`dropout: p must be a probability, 0 … 1, got ${p}`);
  if (!training || p === 0) return x;
  const mask = allocate(x.shape, x.dtype);
  generator.dropoutMask(elementsOfNew(mask) as Float32Array | Float64Array, p);
  return mul(x, mask);
}
