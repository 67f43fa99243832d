/** Softmax and its logarithm along an axis. */

import { defineOp } from "../autograd/define-op.ts";
import { allocateOutput } from "../backend/allocate.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { type DType, floatingDType } from "../tensor/dtype.ts";
import { normalizeAxis } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { exp } from "./element-wise.ts";
import { sum } from "./reductions.ts";

const softmaxOp = defineOp({
  name: "softmax",
  forward(kernels, x: Tensor, axis: number) {
    const output = allocateOutput(x.shape, x.dtype);
    kernels.softmax(x, axis, output);
    return { output, saved: { y: output, axis } };
  },
  // dx = y (dy − Σ dy y)
  backward(_, dy, { y, axis }) {
    return [mul(y, sub(dy, sum(mul(dy, y), { dim: axis, keepdim: true })))];
  },
});

const logSoftmaxOp = defineOp({
  name: "logSoftmax",
  forward(kernels, x: Tensor, axis: number) {
    const output = allocateOutput(x.shape, x.dtype);
    kernels.logSoftmax(x, axis, output);
    return { output, saved: { y: output, axis } };
  },
  // dx = dy − e^y Σ dy
  backward(_, dy, { y, axis }) {
    return [sub(dy, mul(exp(y), sum(dy, { dim: axis, keepdim: true })))];
  },
});

export interface SoftmaxOptions {
  /** The dtype to cast x to first. Default: x's, or float32 for whole numbers. */
  readonly dtype?: DType;
}

function floating(place: string, x: Tensor, options: SoftmaxOptions): Tensor {
  checkTensor(place, x);
  checkOptions(place, options, ["dtype"]);
  return cast(x, floatingDType(options.dtype ?? x.dtype));
}

/** `eˣ / Σ eˣ` along `dim`: positive, adding up to 1. */
export function softmax(x: Tensor, dim: number, options: SoftmaxOptions = {}): Tensor {
  return softmaxOp(floating("softmax", x, options), normalizeAxis("softmax", dim, x.rank));
}

/** `log softmax(x)` along `dim`, without underflow. */
export function logSoftmax(x: Tensor, dim: number, options: SoftmaxOptions = {}): Tensor {
  return logSoftmaxOp(floating("logSoftmax", x, options), normalizeAxis("logSoftmax", dim, x.rank));
}
