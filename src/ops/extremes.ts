/** The largest and the smallest: their values, and where they are. */

import { defineOp } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { normalizeAxes, normalizeAxis, type Shape } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import {
  type Along,
  along,
  countAlong,
  dropped,
  kept,
  REDUCE_OPTIONS,
  type ReduceOptions,
  reduceAlong,
  spread,
  withDim,
} from "./along.ts";
import { div, maximum, minimum, mul } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq } from "./comparison.ts";
import { gatherAlong } from "./gather.ts";
import { sum } from "./reductions.ts";
import { reshape } from "./views.ts";

function refuseEmpty(place: string, shape: Shape, axes: readonly number[]): void {
  if (countAlong(shape, axes) === 0) throw new ShapeError(`${place}: there is no largest or smallest of no elements`);
}

function defineExtreme(kernel: "max" | "min") {
  return defineOp({
    name: kernel === "max" ? "amax" : "amin",
    forward(kernels, x: Tensor, axes: readonly number[], keepdim: boolean) {
      const output = reduceAlong(kernels, kernel, x, axes, keepdim, x.dtype);
      return { output, saved: { x, output, axes } };
    },
    // Shared evenly at ties, as in PyTorch.
    backward(_, dy, { x, output, axes }) {
      const winners = cast(eq(x, spread(output, x.shape, axes)), x.dtype);
      const share = div(winners, sum(winners, { dim: axes, keepdim: true }));
      return [mul(spread(dy, x.shape, axes), share)];
    },
  });
}

const amaxOp = defineExtreme("max");
const aminOp = defineExtreme("min");

/** The largest element along `dim` (all axes by default); the gradient is shared evenly at ties. */
export function amax(x: Tensor, over?: Along, more?: ReduceOptions): Tensor {
  const { axes, keepdim } = along("amax", x, over, more);
  refuseEmpty("amax", x.shape, axes);
  return amaxOp(x, axes, keepdim);
}

/** The smallest element along `dim` (all axes by default); the gradient is shared evenly at ties. */
export function amin(x: Tensor, over?: Along, more?: ReduceOptions): Tensor {
  const { axes, keepdim } = along("amin", x, over, more);
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

export interface OneAxisOptions {
  /** An axis; left out or null: all elements in row-major order. */
  readonly dim?: number | null;
  /** Whether the axis stays, with size 1. Default false. */
  readonly keepdim?: boolean;
}

/** One axis or options: `x.argmax(1)` is `x.argmax({ dim: 1 })`. */
export type AlongOne = number | null | OneAxisOptions;

/** The index of the largest element along `dim`, the first one at ties; in the flattened tensor without `dim`. int64. */
export const argmax = (x: Tensor, over?: AlongOne, more?: OneAxisOptions): Tensor =>
  argExtremeOver("max", x, over, more);
/** The index of the smallest element, likewise. */
export const argmin = (x: Tensor, over?: AlongOne, more?: OneAxisOptions): Tensor =>
  argExtremeOver("min", x, over, more);

function argExtremeOver(kernel: "max" | "min", x: Tensor, over?: AlongOne, more?: OneAxisOptions): Tensor {
  const options = withDim<OneAxisOptions>(`arg${kernel}`, over, more, REDUCE_OPTIONS);
  return argExtreme(kernel, x, options.dim, options.keepdim ?? false);
}

/** What reductions to one element an axis and sorts return: `{ values, indices }`, or `[values, indices]`. */
export class ValuesAndIndices {
  readonly values: Tensor;
  /** int64: where along the axis each value stood. */
  readonly indices: Tensor;

  constructor(values: Tensor, indices: Tensor) {
    this.values = values;
    this.indices = indices;
  }

  /** So that `const [values, indices] = x.max(1)` reads as in Python. */
  *[Symbol.iterator](): Generator<Tensor, void, undefined> {
    yield this.values;
    yield this.indices;
  }
}

/**
 * The largest element of all; along an axis, the largest elements and where they are (the gradient then goes to the returned
 * index); with another tensor, the larger of the two element by element, as `maximum`.
 */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, other: Tensor): Tensor;
export function max(x: Tensor, dim: AlongOne, options?: OneAxisOptions): ValuesAndIndices;
export function max(x: Tensor, dim?: AlongOne | Tensor, options?: OneAxisOptions): Tensor | ValuesAndIndices {
  if (dim instanceof Tensor) return maximum(x, dim);
  return dim === undefined && options === undefined ? amax(x) : extremeAlong("max", x, dim, options);
}

/** The smallest element of all; along an axis, the smallest elements and where they are; with a tensor, `minimum`. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, other: Tensor): Tensor;
export function min(x: Tensor, dim: AlongOne, options?: OneAxisOptions): ValuesAndIndices;
export function min(x: Tensor, dim?: AlongOne | Tensor, options?: OneAxisOptions): Tensor | ValuesAndIndices {
  if (dim instanceof Tensor) return minimum(x, dim);
  return dim === undefined && options === undefined ? amin(x) : extremeAlong("min", x, dim, options);
}

function extremeAlong(kernel: "max" | "min", x: Tensor, over: AlongOne | undefined, more?: OneAxisOptions) {
  const { dim, keepdim = false } = withDim<OneAxisOptions>(kernel, over, more, REDUCE_OPTIONS);
  if (typeof dim !== "number") {
    throw new ArgumentError(
      `${kernel}: ${dim === undefined || dim === null ? "an axis is missing" : "only one axis goes"}; for ${
        dim === undefined || dim === null ? "the values of all" : "several"
      } use a${kernel}`,
    );
  }
  const indices = argExtreme(kernel, x, dim, true, kernel);
  const values = x.rank === 0 ? x : gatherAlong(x, dim, indices);
  if (x.rank === 0) return new ValuesAndIndices(values, reshape(indices, []));
  if (keepdim) return new ValuesAndIndices(values, indices);
  const shape = dropped(x.shape, [normalizeAxis(kernel, dim, x.rank)]);
  return new ValuesAndIndices(reshape(values, shape), reshape(indices, shape));
}
