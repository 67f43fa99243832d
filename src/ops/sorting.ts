/** Elements in order. */

import { allocate, viewOf } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { normalizeAxis } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { withDim } from "./along.ts";
import { cast } from "./cast.ts";
import { isnan } from "./comparison.ts";
import { argmax, ValuesAndIndices } from "./extremes.ts";
import { gatherAlong } from "./gather.ts";
import { detach, narrow, reshape, squeeze, unsqueeze } from "./views.ts";
import { where } from "./where.ts";

export interface SortOptions {
  /** Default: the last axis. */
  readonly dim?: number;
  /** The largest first. Default false. */
  readonly descending?: boolean;
  /** Sorting is always stable; named so that PyTorch's calls go over. */
  readonly stable?: boolean;
}

const SORT_OPTIONS = ["dim", "descending", "stable"];

/**
 * The elements in order along `dim` (ascending by default, NaN last, stable), and where each came from.
 * @example const [values, indices] = x.sort(0, { descending: true })
 */
export function sort(x: Tensor, dim?: number | SortOptions, more?: SortOptions): ValuesAndIndices {
  return sorted("sort", x, dim, more);
}

/** The indices that put the elements in order along `dim`: `sort(…).indices`. int64. */
export const argsort = (x: Tensor, dim?: number | SortOptions, more?: SortOptions): Tensor =>
  sorted("argsort", x, dim, more).indices;

function sorted(place: string, x: Tensor, dim?: number | SortOptions, more?: SortOptions): ValuesAndIndices {
  checkTensor(place, x);
  const options = withDim<SortOptions>(place, dim, more, SORT_OPTIONS);
  const axis = normalizeAxis(place, options.dim ?? -1, x.rank);
  const source = x.rank === 0 ? unsqueeze(x, 0) : x;
  const values = allocate(source.shape, x.dtype);
  const indices = allocate(source.shape, "int64");
  backend().sort(source, axis, options.descending ?? false, values, indices);
  const gathered = x.requiresGrad ? gatherAlong(source, axis, indices) : values;
  return x.rank === 0
    ? new ValuesAndIndices(reshape(gathered, []), reshape(indices, []))
    : new ValuesAndIndices(gathered, indices);
}

export interface TopkOptions {
  /** Default: the last axis. */
  readonly dim?: number;
  /** False for the smallest ones. Default true. */
  readonly largest?: boolean;
  /** The result is always in order; named so that PyTorch's calls go over. */
  readonly sorted?: boolean;
}

/** The `k` largest (or smallest) elements along `dim`, in order, and where they are. */
export function topk(x: Tensor, k: number, dim?: number | TopkOptions, more?: TopkOptions): ValuesAndIndices {
  checkTensor("topk", x);
  const options = withDim<TopkOptions>("topk", dim, more, ["dim", "largest", "sorted"]);
  if (x.rank === 0) {
    const { values, indices } = topk(unsqueeze(x, 0), k, { ...options, dim: 0 });
    return new ValuesAndIndices(reshape(values, []), reshape(indices, []));
  }
  const axis = normalizeAxis("topk", options.dim ?? -1, x.rank);
  if (!Number.isInteger(k) || k < 0 || k > x.shape[axis]) {
    throw new ShapeError(`topk: k must be 0 … ${x.shape[axis]}, the size of axis ${axis}, got ${k}`);
  }
  const { indices } = sort(x, { dim: axis, descending: options.largest ?? true });
  const shape = [...indices.shape];
  shape[axis] = k;
  const first = viewOf(indices, shape, indices.strides);
  return new ValuesAndIndices(gatherAlong(x, axis, first), first);
}

export interface MedianOptions {
  readonly dim?: number;
  /** Whether the axis stays, with size 1. Default false. */
  readonly keepdim?: boolean;
}

/**
 * The middle element of all; along an axis, the middle elements and where they are. Of an even number the lower of the two
 * in the middle, and NaN where there is one, as PyTorch.
 */
export function median(x: Tensor): Tensor;
export function median(x: Tensor, dim: number | MedianOptions, options?: MedianOptions): ValuesAndIndices;
export function median(x: Tensor, dim?: number | MedianOptions, more?: MedianOptions): Tensor | ValuesAndIndices {
  checkTensor("median", x);
  if (dim === undefined && more === undefined) return medianAlong(reshape(x, [-1]), 0, false).values;
  const options = withDim<MedianOptions>("median", dim, more, ["dim", "keepdim"]);
  if (options.dim === undefined)
    throw new ArgumentError("median: an axis is missing; median() is that of all elements");
  if (x.rank > 0) return medianAlong(x, normalizeAxis("median", options.dim, x.rank), options.keepdim ?? false);
  const { values, indices } = medianAlong(reshape(x, [1]), 0, false);
  return new ValuesAndIndices(values, indices);
}

function medianAlong(x: Tensor, axis: number, keepdim: boolean): ValuesAndIndices {
  const count = x.shape[axis];
  if (count === 0) throw new ShapeError("median: there is no middle of no elements");
  const { values, indices } = sort(x.requiresGrad ? detach(x) : x, axis);
  const middle = narrow(indices, axis, (count - 1) >> 1, 1);
  // NaN sorts last: one there means that there is one at all. Of several the first is named.
  const nan = isnan(narrow(values, axis, count - 1, 1));
  const firstNan = argmax(cast(isnan(x), "uint8"), axis, { keepdim: true });
  const chosen = where(nan, firstNan, middle);
  const picked = gatherAlong(x, axis, chosen);
  return keepdim
    ? new ValuesAndIndices(picked, chosen)
    : new ValuesAndIndices(squeeze(picked, axis), squeeze(chosen, axis));
}
