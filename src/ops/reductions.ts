/**
 * Reductions: along the axes that are named, or over all of them.
 *
 * `dim` is an axis or several; none means all. `keepdim` leaves the reduced axes in place with size 1.
 */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate, viewOf } from "../backend/allocate.ts";
import type { Backend } from "../backend/backend.ts";
import { backend } from "../backend/select.ts";
import { floatingDType, isFloating, sumDType } from "../tensor/dtype.ts";
import { DTypeError } from "../tensor/errors.ts";
import { contiguousStrides, elementCount, normalizeAxis, type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Along, along, countAlong, dropped, reduceAlong, spread } from "./along.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq, isfinite } from "./comparison.ts";
import { exp, log, square } from "./element-wise.ts";
import { amax } from "./extremes.ts";
import { detach, flip, reshape } from "./views.ts";
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

/** The sum; whole numbers and bools sum in int64. */
export function sum(x: Tensor, over: Along = {}): Tensor {
  const { axes, keepdim } = along("sum", x, over);
  return sumOp(cast(x, sumDType(x.dtype)), axes, keepdim);
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

/** The arithmetic mean. @throws {DTypeError} for whole numbers: cast them to float32 first, as in PyTorch */
export function mean(x: Tensor, over: Along = {}): Tensor {
  const { axes, keepdim } = along("mean", x, over);
  refuseWhole("mean", x);
  return div(sumOp(x, axes, keepdim), countAlong(x.shape, axes));
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
export function prod(x: Tensor, over: Along = {}): Tensor {
  const { axes, keepdim } = along("prod", x, over);
  return prodOp(cast(x, sumDType(x.dtype)), axes, keepdim);
}

/** Whether any element is not zero. bool. */
export const any = (x: Tensor, over: Along = {}): Tensor => decide("any", x, over);
/** Whether no element is zero. bool. */
export const all = (x: Tensor, over: Along = {}): Tensor => decide("all", x, over);

function decide(kernel: "any" | "all", x: Tensor, over: Along): Tensor {
  const { axes, keepdim } = along(kernel, x, over);
  return reduceAlong(backend(), kernel, x, axes, keepdim, "bool");
}

/** √x of a sum of squares: at 0, where the root has no slope, the gradient is 0, as in PyTorch. */
const root = defineOp({
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

/** The variance, Σ (x − mean)² / (n − correction). @param options.correction 1 by default: the unbiased estimate */
export const variance = (x: Tensor, over: Along & { correction?: number } = {}): Tensor => varianceFor("var", x, over);

function varianceFor(place: string, x: Tensor, over: Along & { correction?: number }): Tensor {
  const { axes, keepdim } = along(place, x, over);
  refuseWhole(place, x);
  const centred = sub(x, mean(x, { dim: axes, keepdim: true }));
  const count = countAlong(x.shape, axes) - (over.correction ?? 1);
  return div(sum(square(centred), { dim: axes, keepdim }), Math.max(count, 0));
}

/** The standard deviation: the root of the variance. */
export const std = (x: Tensor, over: Along & { correction?: number } = {}): Tensor => root(varianceFor("std", x, over));

/** The Euclidean norm, √Σ x². */
export function norm(x: Tensor, over: Along = {}): Tensor {
  const { axes, keepdim } = along("norm", x, over);
  return root(sumOp(square(cast(x, floatingDType(x.dtype))), axes, keepdim));
}

/** log Σ eˣ along `dim`, without overflow. */
export function logsumexp(x: Tensor, over: Along): Tensor {
  const floating = cast(x, floatingDType(x.dtype));
  const { axes, keepdim } = along("logsumexp", x, over);
  if (countAlong(x.shape, axes) === 0) return log(sum(exp(floating), { dim: axes, keepdim }));
  // The shift cancels, so it needs no gradient; an infinite one would make ∞ − ∞.
  const largest = amax(detach(floating), { dim: axes, keepdim: true });
  const shift = where(isfinite(largest), largest, 0);
  const shifted = log(sum(exp(sub(floating, shift)), { dim: axes, keepdim: true }));
  const result = add(shifted, shift);
  return keepdim ? result : reshape(result, dropped(x.shape, axes));
}

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

/** The running sum along `dim`; whole numbers sum in int64. */
export function cumsum(x: Tensor, dim: number): Tensor {
  return cumsumOp(cast(x, sumDType(x.dtype)), normalizeAxis("cumsum", dim, x.rank));
}
