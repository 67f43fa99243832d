/** What has come together up to each element along an axis: running sums and products. */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { type DType, sumDType } from "../tensor/dtype.ts";
import { existingAxis, normalizeAxis } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { mul } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { stack, unbind } from "./join.ts";
import { flip } from "./views.ts";

const cumsumOp = defineOp({
  name: "cumsum",
  forward(kernels, x: Tensor, axis: number) {
    const output = allocate(x.shape, x.dtype);
    kernels.cumulativeSum(x, axis, output);
    return { output, saved: axis };
  },
  backward(_, dy, axis): Gradients {
    return [flip(cumsumOp(flip(dy, [axis]), axis), [axis])];
  },
});

export interface CumulativeOptions {
  /** The dtype to cast x to first. Default: x's, or int64 for whole numbers and bools. */
  readonly dtype?: DType;
}

function prepared(place: string, x: Tensor, options: CumulativeOptions): Tensor {
  checkTensor(place, x);
  checkOptions(place, options, ["dtype"]);
  return cast(x, options.dtype ?? sumDType(x.dtype));
}

/** The running sum along `dim`; whole numbers sum in int64. */
export function cumsum(x: Tensor, dim: number, options: CumulativeOptions = {}): Tensor {
  return cumsumOp(prepared("cumsum", x, options), normalizeAxis("cumsum", dim, x.rank));
}

/**
 * The running product along `dim`; whole numbers multiply in int64. One multiplication a step, so that gradients are right
 * where elements are 0.
 */
export function cumprod(x: Tensor, dim: number, options: CumulativeOptions = {}): Tensor {
  const from = prepared("cumprod", x, options);
  const axis = normalizeAxis("cumprod", dim, x.rank);
  if (x.rank === 0 || x.shape[existingAxis("cumprod", dim, x.rank)] === 0) return from;
  let product: Tensor | null = null;
  const products = unbind(from, axis).map((step) => {
    product = product === null ? step : mul(product, step);
    return product;
  });
  return stack(products, axis);
}
