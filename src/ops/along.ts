/**
 * What reductions have in common: naming axes, and the shapes before and after.
 */

import { allocate, viewOf } from "../backend/allocate.ts";
import type { Backend, Reduction } from "../backend/backend.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { contiguousStrides, elementCount, normalizeAxes, type Shape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { expand, reshape } from "./views.ts";

export interface ReduceOptions {
  readonly dim?: number | readonly number[] | null;
  readonly keepdim?: boolean;
}

/** An axis, several, or options: `x.sum(1)` is `x.sum({ dim: 1 })`. */
export type Along = number | readonly number[] | ReduceOptions;

const OPTIONS = ["dim", "keepdim", "correction"];

/** The axes and whether they stay, however they were said. */
export function along(place: string, x: Tensor, over: Along): { axes: number[]; keepdim: boolean } {
  checkTensor(place, x);
  const options: ReduceOptions =
    typeof over === "number" || Array.isArray(over) ? { dim: over } : (over as ReduceOptions);
  checkOptions(place, options, OPTIONS);
  return { axes: normalizeAxes(place, options.dim, x.rank), keepdim: options.keepdim ?? false };
}

/** The shape with 1 in place of every reduced axis. */
export const kept = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
/** The shape without the reduced axes. */
export const dropped = (shape: Shape, axes: readonly number[]): number[] =>
  shape.filter((_, axis) => !axes.includes(axis));

/** One call of a reducing kernel. */
export function reduceAlong(
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
export function spread(dy: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return expand(reshape(dy, kept(shape, axes)), shape);
}

/** How many elements are reduced into one. */
export const countAlong = (shape: Shape, axes: readonly number[]): number =>
  elementCount(axes.map((axis) => shape[axis]));
