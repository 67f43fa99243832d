/** Arithmetic of three tensors, as optimisers and moving averages are written. */

import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";

export interface ValueOptions {
  /** A factor of the product or quotient. Default 1. */
  readonly value?: number;
}

function times(place: string, x: Tensor, options: ValueOptions): Tensor {
  checkOptions(place, options, ["value"]);
  return options.value === undefined || options.value === 1 ? x : mul(x, options.value);
}

/** `x + value · y · z`, all three broadcasting. */
export const addcmul = (x: Tensor, y: Tensor, z: Tensor, options: ValueOptions = {}): Tensor =>
  add(x, times("addcmul", mul(y, z), options));

/** `x + value · y / z`, all three broadcasting. */
export const addcdiv = (x: Tensor, y: Tensor, z: Tensor, options: ValueOptions = {}): Tensor =>
  add(x, times("addcdiv", div(y, z), options));

/**
 * `start + weight · (end − start)`: from start at 0 to end at 1. Counted from the nearer side, as PyTorch does, so that
 * weight 1 is exactly `end`.
 */
export function lerp(start: Tensor, end: Tensor, weight: number | Tensor): Tensor {
  checkTensor("lerp", start);
  checkTensor("lerp", end);
  if (typeof weight !== "number" && !(weight instanceof Tensor)) {
    throw new ArgumentError(`lerp: weight must be a number or a tensor, got ${String(weight)}`);
  }
  const way = sub(end, start);
  if (weight instanceof Tensor) return add(start, mul(weight, way));
  return weight < 0.5 ? add(start, mul(way, weight)) : sub(end, mul(way, 1 - weight));
}
