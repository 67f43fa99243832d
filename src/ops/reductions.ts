/**
 * Reductions: along the axes that are named, or over all of them.
 *
 * `dim` is an axis or several; none means all. `keepdim` leaves the reduced axes in place with size 1.
 */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate, viewOf } from "../backend/allocate.ts";
import type { Backend, Reduction } from "../backend/backend.ts";
import { backend } from "../backend/select.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { type DType, floatingDType, isFloating, sumDType } from "../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../tensor/errors.ts";
import {
  contiguousStrides,
  elementCount,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
} from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq, isfinite } from "./comparison.ts";
import { exp, log, square } from "./element-wise.ts";
import { gatherAlong } from "./gather.ts";
import { detach, expand, flip, reshape, unsqueeze } from "./views.ts";
import { where } from "./where.ts";

export interface ReduceOptions {
  readonly dim?: number | readonly number[] | null;
  readonly keepdim?: boolean;
}

/** An axis, several, or options: `x.sum(1)` is `x.sum({ dim: 1 })`. */
export type Along = number | readonly number[] | ReduceOptions;

const OPTIONS = ["dim", "keepdim", "correction"];

/** The axes and whether they stay, however they were said. */
function along(place: string, x: Tensor, over: Along): { axes: number[]; keepdim: boolean } {
  checkTensor(place, x);
  const options: ReduceOptions =
    typeof over === "number" || Array.isArray(over) ? { dim: over } : (over as ReduceOptions);
  checkOptions(place, options, OPTIONS);
  return { axes: normalizeAxes(place, options.dim, x.rank), keepdim: options.keepdim ?? false };
}

const kept = (shape: Shape, axes: readonly number[]): number[] => shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
const dropped = (shape: Shape, axes: readonly number[]): number[] => shape.filter((_, axis) => !axes.includes(axis));

function run(
  kernels: Backend,
  kernel: Reduction,
  x: Tensor,
  axes: readonly number[],
  keepdim: boolean,
  dtype: DType,
): Tensor {
  const full = allocate(kept(x.shape, axes), dtype);
  kernels.reduce(kernel, x, full);
  if (keepdim) return full;
  const shape = dropped(x.shape, axes);
  return viewOf(full, shape, contiguousStrides(shape));
}

/** dy of a reduction, spread over the shape of its input again. */
function spread(dy: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return expand(reshape(dy, kept(shape, axes)), shape);
}

const sumOp = defineOp({
  name: "sum",
  forward(kernels, x: Tensor, axes: readonly number[], keepdim: boolean) {
    return { output: run(kernels, "sum", x, axes, keepdim, x.dtype), saved: { shape: x.shape, axes } };
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

const countAlong = (shape: Shape, axes: readonly number[]): number => elementCount(axes.map((axis) => shape[axis]));

const prodOp = defineOp({
  name: "prod",
  forward(kernels, x: Tensor, axes: readonly number[], keepdim: boolean) {
    return { output: run(kernels, "prod", x, axes, keepdim, x.dtype), saved: { x, axes } };
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
  const values = new Float64Array(kernels.bytes(from.storage), from.offset * 8, elementCount(flat.shape));
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
  new Float64Array(kernels.bytes(source.storage)).set(result);
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

function refuseEmpty(place: string, shape: Shape, axes: readonly number[]): void {
  if (countAlong(shape, axes) === 0) throw new ShapeError(`${place}: there is no largest or smallest of no elements`);
}

function defineExtreme(kernel: "max" | "min") {
  return defineOp({
    name: kernel === "max" ? "amax" : "amin",
    forward(kernels, x: Tensor, axes: readonly number[], keepdim: boolean) {
      const output = run(kernels, kernel, x, axes, keepdim, x.dtype);
      return { output, saved: { x, output, axes } };
    },
    // Shared evenly at ties, as in PyTorch.
    backward(_, dy, { x, output, axes }) {
      const winners = cast(eq(x, spread(output, x.shape, axes)), x.dtype);
      const share = div(winners, sumOp(winners, axes, true));
      return [mul(spread(dy, x.shape, axes), share)];
    },
  });
}

const amaxOp = defineExtreme("max");
const aminOp = defineExtreme("min");

/** The largest element along `dim` (all axes by default); the gradient is shared evenly at ties. */
export function amax(x: Tensor, over: Along = {}): Tensor {
  const { axes, keepdim } = along("amax", x, over);
  refuseEmpty("amax", x.shape, axes);
  return amaxOp(x, axes, keepdim);
}

/** The smallest element along `dim` (all axes by default); the gradient is shared evenly at ties. */
export function amin(x: Tensor, over: Along = {}): Tensor {
  const { axes, keepdim } = along("amin", x, over);
  refuseEmpty("amin", x.shape, axes);
  return aminOp(x, axes, keepdim);
}

function argExtreme(
  kernel: "max" | "min",
  x: Tensor,
  dim: number | null | undefined,
  keepdim: boolean,
  place = `arg${kernel}`,
): Tensor {
  checkTensor(place, x);
  if (dim === undefined || dim === null) {
    refuseEmpty(place, x.shape, normalizeAxes(place, null, x.rank));
    const flat = argExtreme(kernel, reshape(x, [-1]), 0, false);
    return keepdim
      ? reshape(
          flat,
          x.shape.map(() => 1),
        )
      : flat;
  }
  const axis = normalizeAxis(place, dim, x.rank);
  if (x.rank > 0) refuseEmpty(place, x.shape, [axis]);
  const full = allocate(kept(x.shape, [axis]), "int64");
  backend().argReduce(kernel, x, axis, full);
  return keepdim ? full : reshape(full, dropped(x.shape, [axis]));
}

/** The index of the largest element along `dim`, the first one at ties; in the flattened tensor without `dim`. int64. */
export const argmax = (x: Tensor, options: { dim?: number | null; keepdim?: boolean } = {}): Tensor =>
  argExtreme("max", x, options.dim, options.keepdim ?? false);
/** The index of the smallest element, likewise. */
export const argmin = (x: Tensor, options: { dim?: number | null; keepdim?: boolean } = {}): Tensor =>
  argExtreme("min", x, options.dim, options.keepdim ?? false);

export interface ValuesAndIndices {
  readonly values: Tensor;
  /** int64 */
  readonly indices: Tensor;
}

/**
 * The largest element of all; or, along an axis, the largest elements and where they are (the gradient then goes to the
 * returned index).
 */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, dim: number, options?: { keepdim?: boolean }): ValuesAndIndices;
export function max(x: Tensor, dim?: number, options: { keepdim?: boolean } = {}): Tensor | ValuesAndIndices {
  return dim === undefined ? amax(x) : extremeAlong("max", x, dim, options.keepdim ?? false);
}

/** The smallest element of all; or, along an axis, the smallest elements and where they are. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, dim: number, options?: { keepdim?: boolean }): ValuesAndIndices;
export function min(x: Tensor, dim?: number, options: { keepdim?: boolean } = {}): Tensor | ValuesAndIndices {
  return dim === undefined ? amin(x) : extremeAlong("min", x, dim, options.keepdim ?? false);
}

function extremeAlong(kernel: "max" | "min", x: Tensor, dim: number, keepdim: boolean) {
  const indices = argExtreme(kernel, x, dim, true, kernel);
  const values = x.rank === 0 ? x : gatherAlong(x, dim, indices);
  if (keepdim || x.rank === 0) return { values, indices: x.rank === 0 ? reshape(indices, []) : indices };
  const shape = dropped(x.shape, [normalizeAxis("max", dim, x.rank)]);
  return { values: reshape(values, shape), indices: reshape(indices, shape) };
}

/** Whether any element is not zero. bool. */
export const any = (x: Tensor, over: Along = {}): Tensor => decide("any", x, over);
/** Whether no element is zero. bool. */
export const all = (x: Tensor, over: Along = {}): Tensor => decide("all", x, over);

function decide(kernel: "any" | "all", x: Tensor, over: Along): Tensor {
  const { axes, keepdim } = along(kernel, x, over);
  return run(backend(), kernel, x, axes, keepdim, "bool");
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

/** The elements in order along `dim` (ascending by default, NaN last, stable), and where each came from. */
export function sort(x: Tensor, options: { dim?: number; descending?: boolean } = {}): ValuesAndIndices {
  const axis = normalizeAxis("sort", options.dim ?? -1, x.rank);
  const source = x.rank === 0 ? unsqueeze(x, 0) : x;
  const values = allocate(source.shape, x.dtype);
  const indices = allocate(source.shape, "int64");
  backend().sort(source, axis, options.descending ?? false, values, indices);
  const gathered = x.requiresGrad ? gatherAlong(source, axis, indices) : values;
  return x.rank === 0
    ? { values: reshape(gathered, []), indices: reshape(indices, []) }
    : { values: gathered, indices };
}

/** The `k` largest (or smallest) elements along `dim`, in order, and where they are. */
export function topk(x: Tensor, k: number, options: { dim?: number; largest?: boolean } = {}): ValuesAndIndices {
  if (x.rank === 0) {
    const { values, indices } = topk(unsqueeze(x, 0), k, { ...options, dim: 0 });
    return { values: reshape(values, []), indices: reshape(indices, []) };
  }
  const axis = normalizeAxis("topk", options.dim ?? -1, x.rank);
  if (!Number.isInteger(k) || k < 0 || k > x.shape[axis]) {
    throw new ShapeError(`topk: k must be 0 … ${x.shape[axis]}, the size of axis ${axis}, got ${k}`);
  }
  const { indices } = sort(x, { dim: axis, descending: options.largest ?? true });
  const shape = [...indices.shape];
  shape[axis] = k;
  const first = viewOf(indices, shape, indices.strides);
  return { values: gatherAlong(x, axis, first), indices: first };
}
