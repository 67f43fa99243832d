/** Losses that are ops of their own because every training step runs through them. */

import { defineOp } from "../autograd/define-op.ts";
import { allocate, allocateOutput } from "../backend/allocate.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { neg } from "./element-wise.ts";
import { sum } from "./reductions.ts";

/** `(x, y) → scale · Σ (x − y)²`, of one shape and dtype. */
export const squaredError = defineOp({
  name: "mseLoss",
  forward(kernels, x: Tensor, y: Tensor, scale: number) {
    const output = allocate([], x.dtype);
    kernels.squaredErrorSum(x, y, scale, output);
    return { output, saved: { x, y, scale } };
  },
  backward(_, dy, { x, y, scale }, { needs }) {
    const dx = squaredErrorGradient(dy, x, y, 2 * scale);
    return [dx, needs[1] ? neg(dx) : null];
  },
});

/** `(dy [], x, y) → scale · dy · (x − y)`. */
export const squaredErrorGradient = defineOp({
  name: "squaredErrorGradient",
  forward(kernels, dy: Tensor, x: Tensor, y: Tensor, scale: number) {
    const output = allocateOutput(x.shape, x.dtype);
    kernels.squaredErrorGradient(dy, x, y, scale, output);
    return { output, saved: { dy, x, y, scale } };
  },
  backward(_, ddx, { dy, x, y, scale }) {
    const dx = mul(ddx, mul(dy, scale));
    return [mul(sum(mul(ddx, sub(x, y))), scale), dx, neg(dx)];
  },
});
