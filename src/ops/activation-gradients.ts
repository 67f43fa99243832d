/** dx from y = f(x) and dy in one kernel, for the activations that recurrent networks live on; ops, so they differentiate again. */

import { defineOp } from "../autograd/define-op.ts";
import { allocateOutput } from "../backend/allocate.ts";
import type { BinaryKernel } from "../backend/backend.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { mul, sub } from "./arithmetic.ts";

type Rule = (g: Tensor, y: Tensor, dy: Tensor) => readonly [Tensor | null, Tensor];

function defineGradient(kernel: BinaryKernel, rule: Rule) {
  return defineOp({
    name: kernel,
    forward(kernels, y: Tensor, dy: Tensor) {
      const output = allocateOutput(y.shape, y.dtype);
      kernels.binary(kernel, y, dy, output);
      return { output, saved: { y, dy } };
    },
    backward(_, g, { y, dy }) {
      return rule(g, y, dy);
    },
  });
}

/** dy (1 − y²) */
export const tanhGradient = defineGradient("tanhGradient", (g, y, dy) => [
  mul(mul(g, dy), mul(y, -2)),
  tanhGradient(y, g),
]);

/** dy y (1 − y) */
export const sigmoidGradient = defineGradient("sigmoidGradient", (g, y, dy) => [
  mul(mul(g, dy), sub(1, mul(y, 2))),
  sigmoidGradient(y, g),
]);

/** dy where y > 0, else 0 */
export const reluGradient = defineGradient("reluGradient", (g, y) => [null, reluGradient(y, g)]);
