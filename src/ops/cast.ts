/** Changing the dtype of elements. */

import { defineOp } from "../autograd/define-op.ts";
import { allocateOutput } from "../backend/allocate.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

const castOp = defineOp({
  name: "toCopy",
  forward(kernels, x: Tensor, dtype: DType) {
    const output = allocateOutput(x.shape, dtype);
    kernels.copy(x, output);
    return { output, saved: x.dtype };
  },
  backward(_, dy, dtype) {
    return [cast(dy, dtype)];
  },
});

/** `x` with elements of `dtype`; x itself if it has them already. Floats become whole numbers by truncation. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : castOp(x, dtype);
}
