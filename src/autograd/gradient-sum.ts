/** The sum of two gradients of one tensor: an op, so that it is recorded when gradients are to be differentiated again. */

import { allocate } from "../backend/allocate.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineOp } from "./define-op.ts";

/** `(a, b) → a + b`, of one shape and dtype. */
export const gradientSum = defineOp({
  name: "gradientSum",
  forward(kernels, a: Tensor, b: Tensor) {
    const output = allocate(a.shape, a.dtype);
    kernels.binary("add", a, b, output);
    return { output, saved: null };
  },
  backward(_, dy) {
    return [dy, dy];
  },
});
