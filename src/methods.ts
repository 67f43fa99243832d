/**
 * The ops as methods of tensors: `x.add(y)` is `add(x, y)`. Importing `refrain` installs them, once, on the one Tensor class.
 */

import * as autograd from "./autograd/backward.ts";
import { OpNode } from "./autograd/node.ts";
import { checkDevice } from "./backend/device.ts";
import type { Along } from "./ops/along.ts";
import * as arithmetic from "./ops/arithmetic.ts";
import { cast } from "./ops/cast.ts";
import * as comparison from "./ops/comparison.ts";
import * as elementWise from "./ops/element-wise.ts";
import * as extremes from "./ops/extremes.ts";
import * as gather from "./ops/gather.ts";
import * as inPlace from "./ops/in-place.ts";
import * as indexing from "./ops/indexing.ts";
import * as join from "./ops/join.ts";
import * as matmul from "./ops/matmul.ts";
import * as read from "./ops/read.ts";
import * as reductions from "./ops/reductions.ts";
import * as softmax from "./ops/softmax.ts";
import * as sorting from "./ops/sorting.ts";
import * as views from "./ops/views.ts";
import * as where from "./ops/where.ts";
import { DTYPES, type DType } from "./tensor/dtype.ts";
import { AutogradError } from "./tensor/errors.ts";
import { formatTensor } from "./tensor/print.ts";
import { existingAxis, type Shape } from "./tensor/shape.ts";
import { Tensor } from "./tensor/tensor.ts";

const { add, sub, mul, div, pow, maximum, minimum, remainder, floorDivide, atan2 } = arithmetic;
const { eq, ne, lt, le, gt, ge, logicalAnd, logicalOr, logicalXor, logicalNot, isnan, isfinite } = comparison;
const { sum, mean, prod, any, all, std, norm, logsumexp, cumsum } = reductions;
const { amax, amin, max, min, argmax, argmin } = extremes;
const { sort, topk } = sorting;
const { clone, contiguous, detach, flatten, unflatten, transpose, t, movedim, unsqueeze, squeeze } = views;
const { select, slice, narrow, flip, unfold } = views;
const { item, itemBigInt, toArray, toTypedArray, itemAsync, toArrayAsync, toTypedArrayAsync } = read;
const { fill_, zero_, copy_, add_, sub_, mul_, div_ } = inPlace;
const { split, chunk, unbind } = join;

/** Functions whose first argument is the tensor; their other arguments are the method's. */
const METHODS = {
  ...{ add, sub, mul, div, pow, maximum, minimum, remainder, floorDivide, atan2 },
  ...{ eq, ne, lt, le, gt, ge, logicalAnd, logicalOr, logicalXor, logicalNot, isnan, isfinite },
  ...elementWise,
  ...{ sum, mean, prod, amax, amin, argmax, argmin, any, all, std, norm, logsumexp, cumsum, sort, topk },
  ...{ softmax: softmax.softmax, logSoftmax: softmax.logSoftmax },
  ...{ clone, contiguous, detach, flatten, unflatten, transpose, t, movedim, unsqueeze, squeeze },
  ...{ select, slice, narrow, flip, unfold, split, chunk, unbind },
  ...{ gather: gather.gather, scatterAdd: gather.scatterAdd, indexSelect: gather.indexSelect, oneHot: gather.oneHot },
  ...{ index: indexing.index, indexPut_: indexing.indexPut_, nonzero: indexing.nonzero },
  ...{ clamp: where.clamp, maskedFill: where.maskedFill },
  ...{ matmul: matmul.matmul, dot: matmul.dot },
  ...{ item, itemBigInt, toArray, toTypedArray, itemAsync, toArrayAsync, toTypedArrayAsync },
  ...{ fill_, zero_, copy_, add_, sub_, mul_, div_ },
  backward: autograd.backward,
};

type Method<F> = F extends (x: never, ...args: infer A) => infer R ? (...args: A) => R : never;
type Methods = { readonly [K in keyof typeof METHODS]: Method<(typeof METHODS)[K]> };

declare module "./tensor/tensor.ts" {
  interface Tensor extends Methods {
    /** The largest element; along an axis, the largest elements and where they are. */
    max(): Tensor;
    max(dim: number, options?: { keepdim?: boolean }): extremes.ValuesAndIndices;
    /** The smallest element; along an axis, the smallest elements and where they are. */
    min(): Tensor;
    min(dim: number, options?: { keepdim?: boolean }): extremes.ValuesAndIndices;
    /** The variance; `correction` 1 by default. */
    var(where?: Along & { correction?: number }): Tensor;
    /** The same elements as another shape: `x.reshape(2, -1)` or `x.reshape([2, -1])`. */
    reshape(...shape: number[] | [Shape]): Tensor;
    /** As reshape, but never a copy. */
    view(...shape: number[] | [Shape]): Tensor;
    /** The axes in another order: `x.permute(1, 0, 2)`. */
    permute(...axes: number[] | [Shape]): Tensor;
    /** Axes of size 1 repeated; -1 keeps a size. */
    expand(...shape: number[] | [Shape]): Tensor;
    /** As another dtype, or on another device: `x.to("float64")` or `x.to({ dtype: "float64" })`. */
    to(target: DType | Tensor | { readonly type: string } | { readonly dtype: DType } | (string & {})): Tensor;
    float(): Tensor;
    double(): Tensor;
    int(): Tensor;
    long(): Tensor;
    bool(): Tensor;
    /** The size of an axis; without one, the shape. */
    size(): Shape;
    size(dim: number): number;
    /** The number of axes, `rank`. */
    dim(): number;
    /** The number of elements, `elementCount`. */
    numel(): number;
    /** Asks for a gradient (or not), and returns the tensor. */
    requiresGrad_(value?: boolean): Tensor;
    /** Keeps the gradient of a tensor that is not a leaf, for looking at. */
    retainGrad(): Tensor;
    toString(): string;
    /** The slices along the first axis. */
    [Symbol.iterator](): Iterator<Tensor>;
  }
}

const list = (shape: readonly (number | Shape)[]): Shape =>
  shape.length === 1 && Array.isArray(shape[0]) ? shape[0] : (shape as Shape);

const SPECIAL: Record<string | symbol, (...args: never[]) => unknown> & ThisType<Tensor> = {
  max(dim?: number, options?: { keepdim?: boolean }) {
    return dim === undefined ? max(this) : max(this, dim, options);
  },
  min(dim?: number, options?: { keepdim?: boolean }) {
    return dim === undefined ? min(this) : min(this, dim, options);
  },
  var(along?: Along & { correction?: number }) {
    return reductions.variance(this, along);
  },
  reshape(...shape: number[]) {
    return views.reshape(this, list(shape));
  },
  view(...shape: number[]) {
    return views.view(this, list(shape));
  },
  permute(...axes: number[]) {
    return views.permute(this, list(axes));
  },
  expand(...shape: number[]) {
    return views.expand(this, list(shape));
  },
  to(target: string | Tensor | { type: string } | { dtype: DType }) {
    if (typeof target === "object" && "dtype" in target) return cast(this, target.dtype);
    if (typeof target === "string" && (DTYPES as readonly string[]).includes(target))
      return cast(this, target as DType);
    checkDevice("to", target);
    return this;
  },
  float() {
    return cast(this, "float32");
  },
  double() {
    return cast(this, "float64");
  },
  int() {
    return cast(this, "int32");
  },
  long() {
    return cast(this, "int64");
  },
  bool() {
    return cast(this, "bool");
  },
  size(dim?: number) {
    return dim === undefined ? this.shape : this.shape[existingAxis("size", dim, this.rank)];
  },
  dim() {
    return this.rank;
  },
  numel() {
    return this.elementCount;
  },
  requiresGrad_(value = true) {
    this.requiresGrad = value;
    return this;
  },
  retainGrad() {
    if (!this.requiresGrad) throw new AutogradError("retainGrad: this tensor takes part in no gradient");
    if (this.source instanceof OpNode) {
      this.source.retained ??= new Map();
      this.source.retained.set(this.sourceIndex, this);
    }
    return this;
  },
  toString() {
    const flat = toTypedArray(this);
    return formatTensor({
      shape: this.shape,
      dtype: this.dtype,
      at: (i) => (this.dtype === "bool" ? flat[i] !== 0 : flat[i]),
      requiresGrad: this.requiresGrad,
      gradFnName: this.source?.name,
    });
  },
  [Symbol.iterator]() {
    return unbind(this)[Symbol.iterator]();
  },
  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.toString();
  },
};

/** Puts the methods on the class. Called by `index.ts`, the one import with an effect. */
export function installMethods(): void {
  const prototype = Tensor.prototype as unknown as Record<string | symbol, unknown>;
  const install = (name: string | symbol, value: unknown) =>
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
  for (const [name, op] of Object.entries(METHODS)) {
    const call = op as (x: Tensor, ...args: unknown[]) => unknown;
    install(name, function (this: Tensor, ...args: unknown[]) {
      return call(this, ...args);
    });
  }
  for (const name of Reflect.ownKeys(SPECIAL)) install(name, SPECIAL[name as string]);
}
