/**
 * The ops as methods of tensors: `x.add(y)` is `add(x, y)`. Importing `refrain` installs them, once, on the one Tensor class.
 */

import * as autograd from "./autograd/backward.ts";
import { OpNode } from "./autograd/node.ts";
import { checkDevice } from "./backend/device.ts";
import type { Along } from "./ops/along.ts";
import * as arithmetic from "./ops/arithmetic.ts";
import * as arrange from "./ops/arrange.ts";
import { cast } from "./ops/cast.ts";
import * as close from "./ops/close.ts";
import * as combine from "./ops/combine.ts";
import * as comparison from "./ops/comparison.ts";
import * as create from "./ops/create.ts";
import * as cumulative from "./ops/cumulative.ts";
import * as elementWise from "./ops/element-wise.ts";
import * as extremes from "./ops/extremes.ts";
import * as gather from "./ops/gather.ts";
import * as inPlace from "./ops/in-place.ts";
import * as inPlaceFunctions from "./ops/in-place-functions.ts";
import * as indexing from "./ops/indexing.ts";
import * as join from "./ops/join.ts";
import * as matmul from "./ops/matmul.ts";
import { norm } from "./ops/norm.ts";
import * as products from "./ops/products.ts";
import * as fills from "./ops/random-fills.ts";
import * as read from "./ops/read.ts";
import * as reductions from "./ops/reductions.ts";
import * as softmax from "./ops/softmax.ts";
import * as sorting from "./ops/sorting.ts";
import * as views from "./ops/views.ts";
import * as where from "./ops/where.ts";
import { checkOptions } from "./tensor/check-options.ts";
import { DTYPES, type DType } from "./tensor/dtype.ts";
import { ArgumentError, AutogradError, ShapeError } from "./tensor/errors.ts";
import { formatTensor } from "./tensor/print.ts";
import { existingAxis, formatShape, type Shape } from "./tensor/shape.ts";
import { checkTensor, Tensor } from "./tensor/tensor.ts";

const { add, sub, mul, div, pow, maximum, minimum, remainder, floorDivide, atan2 } = arithmetic;
const { sum, mean, prod, any, all, std, logsumexp } = reductions;
const { amax, amin, argmax, argmin } = extremes;
const { clone, contiguous, detach, flatten, unflatten, transpose, t, movedim, unsqueeze, squeeze } = views;
const { select, slice, narrow, unfold } = views;
const { gather: pick, scatter, scatterAdd, indexSelect, indexAdd, oneHot } = gather;
const { repeatInterleave, roll, tril, triu, diag, diff } = arrange;
const { item, itemBigInt, toTypedArray, itemAsync, toTypedArrayAsync, toJSON } = read;
const { fill_, zero_, copy_, add_, sub_, mul_, div_ } = inPlace;
const { split, chunk, unbind } = join;

/**
 * The gradients of everything that this tensor was made of: `loss.backward()`; of more than one number, with their own
 * gradient: `y.backward(dy)` or `y.backward({ gradient: dy })`.
 */
function backward(x: Tensor, options?: Tensor | autograd.BackwardOptions): void {
  if (options === undefined) autograd.backward(x);
  else if (options instanceof Tensor) autograd.backward(x, { gradient: options });
  else {
    checkOptions("backward", options, ["gradient", "retainGraph"]);
    autograd.backward(x, options);
  }
}

/** Functions whose first argument is the tensor; their other arguments are the method's. */
const METHODS = {
  ...{ add, sub, mul, div, pow, maximum, minimum, remainder, floorDivide, atan2 },
  ...comparison,
  ...close,
  ...combine,
  ...elementWise,
  ...{ sum, mean, prod, amax, amin, argmax, argmin, any, all, std, norm, logsumexp },
  ...cumulative,
  ...{ sort: sorting.sort, argsort: sorting.argsort, topk: sorting.topk },
  ...{ softmax: softmax.softmax, logSoftmax: softmax.logSoftmax },
  ...{ clone, contiguous, detach, flatten, unflatten, transpose, t, movedim, unsqueeze, squeeze },
  ...{ select, slice, narrow, unfold, split, chunk, unbind },
  ...{ repeatInterleave, roll, tril, triu, diag, diff },
  ...{ gather: pick, scatter, scatterAdd, indexSelect, indexAdd, oneHot },
  ...{ index: indexing.index, indexPut_: indexing.indexPut_, nonzero: indexing.nonzero },
  ...{ maskedSelect: indexing.maskedSelect, clamp: where.clamp, maskedFill: where.maskedFill },
  ...{ matmul: matmul.matmul, dot: matmul.dot, outer: matmul.outer },
  ...products,
  ...{ item, itemBigInt, toTypedArray, itemAsync, toTypedArrayAsync, toJSON },
  ...{ fill_, zero_, copy_, add_, sub_, mul_, div_ },
  ...inPlaceFunctions,
  ...fills,
  ...{ bernoulli: create.bernoulli, multinomial: create.multinomial },
  backward,
};

type Method<F> = F extends (x: never, ...args: infer A) => infer R ? (...args: A) => R : never;
type Methods = { readonly [K in keyof typeof METHODS]: Method<(typeof METHODS)[K]> };

declare module "./tensor/tensor.ts" {
  interface Tensor extends Methods {
    /** The number of axes, `rank`. */
    readonly ndim: number;
    /** The matrix transposed. @throws {ShapeError} for more than two axes: use mT or permute */
    readonly T: Tensor;
    /** The last two axes swapped: every matrix of a batch transposed. @throws {ShapeError} for fewer than two axes */
    readonly mT: Tensor;
    /** The largest element; along an axis, the largest elements and where they are; with a tensor, the larger of the two. */
    max(): Tensor;
    max(other: Tensor): Tensor;
    max(dim: extremes.AlongOne, options?: extremes.OneAxisOptions): extremes.ValuesAndIndices;
    /** The smallest element; along an axis, the smallest elements and where they are; with a tensor, the smaller of the two. */
    min(): Tensor;
    min(other: Tensor): Tensor;
    min(dim: extremes.AlongOne, options?: extremes.OneAxisOptions): extremes.ValuesAndIndices;
    /** The middle element, the lower one of two; along an axis, the middle elements and where they are. */
    median(): Tensor;
    median(dim: number | sorting.MedianOptions, options?: sorting.MedianOptions): extremes.ValuesAndIndices;
    /** The variance; `correction` 1 by default. */
    var(dim?: Along<reductions.VarianceOptions>, options?: reductions.VarianceOptions): Tensor;
    /** x where the condition holds, `other` elsewhere. */
    where(condition: Tensor, other: arithmetic.TensorOrNumber): Tensor;
    /** The elements nested as the axes are, or the one of a 0-d tensor: `x.toArray<number[][]>()` for a matrix. */
    toArray<T extends read.NestedArray<number | boolean> = number[]>(): T;
    /** PyTorch's word for `toArray`. */
    tolist<T extends read.NestedArray<number | boolean> = number[]>(): T;
    toArrayAsync<T extends read.NestedArray<number | boolean> = number[]>(): Promise<T>;
    /** The same elements as another shape: `x.reshape(2, -1)` or `x.reshape([2, -1])`. */
    reshape(...shape: number[] | [Shape]): Tensor;
    /** As reshape, but never a copy. */
    view(...shape: number[] | [Shape]): Tensor;
    /** The axes in another order: `x.permute(1, 0, 2)`. */
    permute(...axes: number[] | [Shape]): Tensor;
    /** Axes of size 1 repeated; -1 keeps a size. */
    expand(...shape: number[] | [Shape]): Tensor;
    /** Expanded to the shape of another tensor. */
    expandAs(other: Tensor): Tensor;
    /** The same elements in the shape of another tensor. */
    reshapeAs(other: Tensor): Tensor;
    /** As reshapeAs, but never a copy. */
    viewAs(other: Tensor): Tensor;
    /** The whole tensor, so many times along each axis: `x.repeat(2, 1)`. A copy. */
    repeat(...times: number[] | [Shape]): Tensor;
    /** As repeat, but fewer numbers than axes count from the last axis. */
    tile(...times: number[] | [Shape]): Tensor;
    /** The elements in reverse order along the axes named: `x.flip(0)`. A copy. */
    flip(...dims: number[] | [Shape]): Tensor;
    /** A new tensor of this one's dtype. */
    newTensor(data: create.TensorData, options?: create.CreateOptions): Tensor;
    newZeros(shape: Shape, options?: create.CreateOptions): Tensor;
    newOnes(shape: Shape, options?: create.CreateOptions): Tensor;
    newEmpty(shape: Shape, options?: create.CreateOptions): Tensor;
    newFull(shape: Shape, value: number | bigint | boolean, options?: create.CreateOptions): Tensor;
    /** As another dtype, or on another device: `x.to("float64")` or `x.to({ dtype: "float64" })`. */
    to(target: DType | Tensor | { readonly type: string } | { readonly dtype: DType } | (string & {})): Tensor;
    /** As the dtype of another tensor. */
    typeAs(other: Tensor): Tensor;
    /** On the processor, where every tensor is: itself. */
    cpu(): Tensor;
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

function shapeOf(place: string, other: Tensor): Shape {
  checkTensor(place, other);
  return other.shape;
}

const list = (shape: readonly (number | Shape)[]): Shape =>
  shape.length === 1 && Array.isArray(shape[0]) ? shape[0] : (shape as Shape);

const SPECIAL: Record<string | symbol, (...args: never[]) => unknown> & ThisType<Tensor> = {
  max(dim?: number, options?: extremes.OneAxisOptions) {
    return extremes.max(this, dim as number, options);
  },
  min(dim?: number, options?: extremes.OneAxisOptions) {
    return extremes.min(this, dim as number, options);
  },
  median(dim?: number, options?: sorting.MedianOptions) {
    return sorting.median(this, dim as number, options);
  },
  var(dim?: Along<reductions.VarianceOptions>, options?: reductions.VarianceOptions) {
    return reductions.variance(this, dim, options);
  },
  where(condition: Tensor, other: arithmetic.TensorOrNumber) {
    return where.where(condition, this, other);
  },
  toArray() {
    return read.toArray(this);
  },
  tolist() {
    return read.toArray(this);
  },
  toArrayAsync() {
    return read.toArrayAsync(this);
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
  expandAs(other: Tensor) {
    return views.expand(this, shapeOf("expandAs", other));
  },
  reshapeAs(other: Tensor) {
    return views.reshape(this, shapeOf("reshapeAs", other));
  },
  viewAs(other: Tensor) {
    return views.view(this, shapeOf("viewAs", other));
  },
  repeat(...times: number[]) {
    return arrange.repeat(this, list(times));
  },
  tile(...times: number[]) {
    return arrange.tile(this, list(times));
  },
  flip(...dims: number[]) {
    return views.flip(this, list(dims));
  },
  newTensor(data: create.TensorData, options?: create.CreateOptions) {
    return create.tensor(data, { dtype: this.dtype, ...options });
  },
  newZeros(shape: Shape, options?: create.CreateOptions) {
    return create.zeros(shape, { dtype: this.dtype, ...options });
  },
  newOnes(shape: Shape, options?: create.CreateOptions) {
    return create.ones(shape, { dtype: this.dtype, ...options });
  },
  newEmpty(shape: Shape, options?: create.CreateOptions) {
    return create.empty(shape, { dtype: this.dtype, ...options });
  },
  newFull(shape: Shape, value: number | bigint | boolean, options?: create.CreateOptions) {
    return create.full(shape, value, { dtype: this.dtype, ...options });
  },
  typeAs(other: Tensor) {
    checkTensor("typeAs", other);
    return cast(this, other.dtype);
  },
  cpu() {
    return this;
  },
  to(target: string | Tensor | { type: string } | { dtype: DType }) {
    if (typeof target === "object" && target !== null && "dtype" in target) return cast(this, target.dtype);
    if (typeof target === "string" && (DTYPES as readonly string[]).includes(target))
      return cast(this, target as DType);
    if (target === undefined || target === null) {
      throw new ArgumentError(`to: name a dtype or a device, as x.to("float64"), got ${String(target)}`);
    }
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
    if (typeof value !== "boolean") {
      throw new ArgumentError(`requiresGrad_: the value must be true or false, got ${String(value)}`);
    }
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

/** Read without parentheses, as in PyTorch. */
const GETTERS: Record<string, (x: Tensor) => unknown> = {
  ndim: (x) => x.rank,
  T(x) {
    if (x.rank > 2) {
      throw new ShapeError(`T: expects at most 2 axes, got ${formatShape(x.shape)}; use mT for batches, or permute`);
    }
    return views.t(x);
  },
  mT(x) {
    if (x.rank < 2) throw new ShapeError(`mT: expects a matrix or a batch of them, got ${formatShape(x.shape)}`);
    return views.transpose(x, -2, -1);
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
  for (const [name, read] of Object.entries(GETTERS)) {
    Object.defineProperty(prototype, name, {
      get(this: Tensor) {
        return read(this);
      },
      configurable: true,
      enumerable: false,
    });
  }
}
