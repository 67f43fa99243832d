/**
 * Reductions: along the axes that are named, or over all of them.
 *
 * `dim` is an axis or several; none means all. `keepdim` leaves the reduced axes in place with size 1. `x.sum(1, { keepdim: true })`
 * and `x.sum({ dim: 1, keepdim: true })` are the same.
 */

import { defineOp } from "../autograd/define-op.ts";
import { allocate, viewOf } from "../backend/allocate.ts";
import type { Backend } from "../backend/backend.ts";
import { backend } from "../backend/select.ts";
import { type DType, floatingDType, isFloating, sumDType } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import { contiguousStrides, elementCount, type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Along,
  along,
  countAlong,
  dropped,
  REDUCE_OPTIONS,
  type ReduceOptions,
  reduceAlong,
  spread,
} from "./along.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq, isfinite } from "./comparison.ts";
import { exp, log, square } from "./element-wise.ts";
import { amax } from "./extremes.ts";
import { detach, reshape } from "./views.ts";
import { where } from "./where.ts";

const sumOp = defineOp({
  name: "sum",
  forward(kernels, x: Tensor, axes: readonly number[], keepdim: boolean) {
    return { output: reduceAlong(kernels, "sum", x, axes, keepdim, x.dtype), saved: { shape: x.shape, axes } };
  },
  backward(_, dy, { shape, axes }) {
    return [spread(dy, shape, axes)];
  },
});

/** Options of sums, products and means. */
export interface SumOptions extends ReduceOptions {
  /** The dtype to cast x to first, and so of the result. Default: x's, or int64 for whole numbers and bools. */
  readonly dtype?: DType;
}

const SUM_OPTIONS = [...REDUCE_OPTIONS, "dtype"];

/** The sum; whole numbers and bools sum in int64. */
export function sum(x: Tensor, over?: Along<SumOptions>, more?: SumOptions): Tensor {
  const { axes, keepdim, options } = along("sum", x, over, more, SUM_OPTIONS);
  return sumOp(cast(x, options.dtype ?? sumDType(x.dtype)), axes, keepdim);
}

/** `x` summed down to `shape`, which broadcasts to x's: how the gradient of a broadcast operand is made. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes: number[] = [];
  for (let axis = 0; axis < x.rank; axis++) {
    if (axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1)) axes.push(axis);
  }
  return reshape(sumOp(x, axes, true), shape);
}

const meanOp = defineOp({
  name: "mean",
  forward(kernels, x: Tensor, axes: readonly number[], keepdim: boolean) {
    const output = reduceAlong(kernels, "sum", x, axes, keepdim, x.dtype);
    const count = countAlong(x.shape, axes);
    kernels.binary("div", output, count, output);
    return { output, saved: { shape: x.shape, axes, count } };
  },
  backward(_, dy, { shape, axes, count }) {
    return [spread(div(dy, count), shape, axes)];
  },
});

/** The arithmetic mean. @throws {DTypeError} for whole numbers: cast them to float32 first, as in PyTorch */
export function mean(x: Tensor, over?: Along<SumOptions>, more?: SumOptions): Tensor {
  const { axes, keepdim, options } = along("mean", x, over, more, SUM_OPTIONS);
  const floating = cast(x, options.dtype ?? x.dtype);
  refuseWhole("mean", floating);
  return meanOp(floating, axes, keepdim);
}

function refuseWhole(place: string, x: Tensor): void {
  if (isFloating(x.dtype)) return;
  throw new DTypeError(`${place}: that of ${x.dtype} is not whole; cast first: x.to("float32").${place}()`);
}

const prodOp = defineOp({
  name: "prod",
  forward(kernels, x: Tensor, axes: readonly number[], keepdim: boolean) {
    return { output: reduceAlong(kernels, "prod", x, axes, keepdim, x.dtype), saved: { x, axes } };
  },
  // Not dy · y / x, which fails at zeros: the product of the others, from prefix and suffix products.
  fused: true,
  backward(kernels, dy, { x, axes }) {
    const others = allocate(x.shape, x.dtype);
    productsOfOthers(kernels, x, axes, others);
    return [mul(spread(dy, x.shape, axes), others)];
  },
});

function productsOfOthers(kernels: Backend, x: Tensor, axes: readonly number[], out: Tensor): void {
  const flat = mergeAxes(x, axes);
  const size = flat.shape[flat.rank - 1];
  const rows = elementCount(flat.shape) / Math.max(size, 1);
  const from = cast(flat, "float64");
  const values = (kernels.elements(from.storage, "float64") as Float64Array).subarray(
    from.offset,
    from.offset + elementCount(flat.shape),
  );
  const result = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    const at = row * size;
    let product = 1;
    for (let i = 0; i < size; i++) {
      result[at + i] = product;
      product *= values[at + i];
    }
    product = 1;
    for (let i = size - 1; i >= 0; i--) {
      result[at + i] *= product;
      product *= values[at + i];
    }
  }
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...rest, ...axes];
  const shape = order.map((axis) => x.shape[axis]);
  const target = viewOf(
    out,
    shape,
    order.map((axis) => out.strides[axis]),
  );
  const source = allocate(shape, "float64");
  (kernels.elements(source.storage, "float64") as Float64Array).set(result);
  kernels.copy(source, target);
}

/** x with `axes` moved to the end and joined into one, row-major. */
function mergeAxes(x: Tensor, axes: readonly number[]): Tensor {
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...rest, ...axes];
  const moved = viewOf(
    x,
    order.map((axis) => x.shape[axis]),
    order.map((axis) => x.strides[axis]),
  );
  const out = allocate(moved.shape, x.dtype);
  backend().copy(moved, out);
  const shape = [...rest.map((axis) => x.shape[axis]), countAlong(x.shape, axes)];
  return viewOf(out, shape, contiguousStrides(shape));
}

/** The product; whole numbers multiply in int64. */
export function prod(x: Tensor, over?: Along<SumOptions>, more?: SumOptions): Tensor {
  const { axes, keepdim, options } = along("prod", x, over, more, SUM_OPTIONS);
  return prodOp(cast(x, options.dtype ?? sumDType(x.dtype)), axes, keepdim);
}

/** Whether any element is not zero. bool. */
export const any = (x: Tensor, over?: Along, more?: ReduceOptions): Tensor => decide("any", x, over, more);
/** Whether no element is zero. bool. */
export const all = (x: Tensor, over?: Along, more?: ReduceOptions): Tensor => decide("all", x, over, more);

function decide(kernel: "any" | "all", x: Tensor, over?: Along, more?: ReduceOptions): Tensor {
  const { axes, keepdim } = along(kernel, x, over, more);
  return reduceAlong(backend(), kernel, x, axes, keepdim, "bool");
}

/** √x of a sum of squares: at 0, where the root has no slope, the gradient is 0, as in PyTorch. */
export const root = defineOp({
  name: "root",
  forward(kernels, x: Tensor) {
    const output = allocate(x.shape, x.dtype);
    kernels.unary("sqrt", x, output);
    return { output, saved: output };
  },
  backward(_, dy, y) {
    return [where(eq(y, 0), 0, div(dy, mul(y, 2)))];
  },
});

export interface VarianceOptions extends ReduceOptions {
  /** What is taken off the number of elements before dividing by it. Default 1: the unbiased estimate. */
  readonly correction?: number;
  /** PyTorch's older word: true is correction 1, false is correction 0. */
  readonly unbiased?: boolean;
}

const VARIANCE_OPTIONS = [...REDUCE_OPTIONS, "correction", "unbiased"];

/** The variance, Σ (x − mean)² / (n − correction). */
export const variance = (x: Tensor, over?: Along<VarianceOptions>, more?: VarianceOptions): Tensor =>
  varianceFor("var", x, over, more);

function varianceFor(place: string, x: Tensor, over?: Along<VarianceOptions>, more?: VarianceOptions): Tensor {
  const { axes, keepdim, options } = along(place, x, over, more, VARIANCE_OPTIONS);
  refuseWhole(place, x);
  const { correction, unbiased } = options;
  if (correction !== undefined && unbiased !== undefined) {
    throw new ArgumentError(`${place}: correction and unbiased say the same; give one of them`);
  }
  const centred = sub(x, mean(x, { dim: axes, keepdim: true }));
  const count = countAlong(x.shape, axes) - (correction ?? (unbiased === false ? 0 : 1));
  return div(sum(square(centred), { dim: axes, keepdim }), Math.max(count, 0));
}

/** The standard deviation: the root of the variance. */
export const std = (x: Tensor, over?: Along<VarianceOptions>, more?: VarianceOptions): Tensor =>
  root(varianceFor("std", x, over, more));

/** log Σ eˣ along `dim`, without overflow. */
export function logsumexp(x: Tensor, over: Along, more?: ReduceOptions): Tensor {
  const { axes, keepdim } = along("logsumexp", x, over, more);
  const floating = cast(x, floatingDType(x.dtype));
  if (countAlong(x.shape, axes) === 0) return log(sum(exp(floating), { dim: axes, keepdim }));
  // The shift cancels, so it needs no gradient; an infinite one would make ∞ − ∞.
  const largest = amax(detach(floating), { dim: axes, keepdim: true });
  const shift = where(isfinite(largest), largest, 0);
  const shifted = log(sum(exp(sub(floating, shift)), { dim: axes, keepdim: true }));
  const result = add(shifted, shift);
  return keepdim ? result : reshape(result, dropped(x.shape, axes));
}
