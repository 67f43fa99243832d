/** The two changes in place that most optimisers are made of. */

import { backend } from "../backend/select.ts";
import { mul_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** `x ← x + scale · y`, of one shape and dtype. */
export function addScaled_(x: Tensor, y: Tensor, scale: number): Tensor {
  x.storage.version++;
  backend().accumulate(y, x, scale);
  return x;
}

/** A running mean: `mean ← β mean + (1 − β) x`. */
export const average_ = (mean: Tensor, x: Tensor, beta: number): Tensor => addScaled_(mul_(mean, beta), x, 1 - beta);
