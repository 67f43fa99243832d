/** Losses that are ops of their own because every training step runs through them. */

import { defineOp } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { neg } from "./element-wise.ts";

/** `(x, y) → scale · Σ (x − y)²`, of one shape and dtype. */
export const squaredError = defineOp({
  name: "squaredError",
  forward(kernels, x: Tensor, y: Tensor, scale: number) {
    const output = allocate([], x.dtype);
    kernels.squaredErrorSum(x, y, output);
    if (scale !== 1) kernels.binary("mul", output, scale, output);
    return { output, saved: { x, y, scale } };
  },
  backward(_, dy, { x, y, scale }, { needs }) {
    const dx = mul(sub(x, y), mul(dy, 2 * scale));
    return [dx, needs[1] ? neg(dx) : null];
  },
});
