/** Elements in order. */

import { allocate, viewOf } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { ShapeError } from "../tensor/errors.ts";
import { normalizeAxis } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ValuesAndIndices } from "./extremes.ts";
import { gatherAlong } from "./gather.ts";
import { reshape, unsqueeze } from "./views.ts";

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
