/**
 * What reductions have in common: naming axes, and the shapes before and after.
 */

import { allocate, viewOf } from "../backend/allocate.ts";
import type { Backend, Reduction } from "../backend/backend.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { contiguousStrides, elementCount, normalizeAxes, type Shape } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { expand, reshape } from "./views.ts";

export interface ReduceOptions {
  /** An axis or several; left out or null: all. */
  readonly dim?: number | readonly number[] | null;
  /** Whether reduced axes stay, with size 1. Default false. */
  readonly keepdim?: boolean;
}

/**
 * Where a reduction goes: nothing for all axes, an axis, several, or options by name. `x.sum(1)` is `x.sum({ dim: 1 })`; what
 * an axis leaves unsaid may follow it, `x.sum(1, { keepdim: true })`.
 */
export type Along<O = ReduceOptions> = number | readonly number[] | null | O;

/**
 * The options of a call, however they were said: `f(x, 1, { … })` or `f(x, { dim: 1, … })`.
 * @throws {ArgumentError} for anything that would be passed over: an unknown name, a third form, the axis said twice
 */
export function withDim<O extends { readonly dim?: unknown }>(
  place: string,
  over: Along<O> | undefined,
  options: O | undefined,
  known: readonly string[],
): O {
  if (over instanceof Tensor) {
    throw new ArgumentError(`${place}: an axis is a number such as 0 or -1, got a tensor`);
  }
  if (typeof over === "object" && over !== null && !Array.isArray(over)) {
    if (options !== undefined) {
      throw new ArgumentError(`${place}: options come once, as ${place}({ dim: … }) or ${place}(dim, { … })`);
    }
    checkOptions(place, over, known);
    return over as O;
  }
  if (typeof over === "boolean") checkOptions(place, over, known);
  if (options === undefined) return { dim: over } as unknown as O;
  if (typeof options === "number") {
    throw new ArgumentError(`${place}: several axes are one list, ${place}([${over}, ${options}])`);
  }
  const others = known.filter((name) => name !== "dim");
  if (typeof options === "boolean" && others.includes("keepdim")) {
    throw new ArgumentError(`${place}: write ${place}(${over}, { keepdim: ${options} })`);
  }
  checkOptions(place, options, typeof options === "object" ? known : others);
  if (over === undefined) return options;
  if (options.dim !== undefined) throw new ArgumentError(`${place}: dim is given twice, as ${over} and by name`);
  return { ...options, dim: over };
}

/** The names of ReduceOptions. */
export const REDUCE_OPTIONS = ["dim", "keepdim"] as const;

/** The axes of a reduction and whether they stay, and the rest of its options, however they were said. */
export function along<O extends ReduceOptions>(
  place: string,
  x: Tensor,
  over: Along<O> | undefined,
  options?: O,
  known: readonly string[] = REDUCE_OPTIONS,
): { axes: number[]; keepdim: boolean; options: O } {
  checkTensor(place, x);
  const all = withDim(place, over, options, known);
  const { dim, keepdim = false } = all;
  if (typeof keepdim !== "boolean") throw new ArgumentError(`${place}: keepdim must be true or false, got ${keepdim}`);
  // As in PyTorch, an empty list of axes is all of them.
  const named = Array.isArray(dim) && dim.length === 0 ? null : dim;
  return { axes: normalizeAxes(place, named, x.rank), keepdim, options: all };
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
