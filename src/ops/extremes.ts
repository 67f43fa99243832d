/** The largest and the smallest: their values, and where they are. */

import { defineOp } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ShapeError } from "../tensor/errors.ts";
import { normalizeAxes, normalizeAxis, type Shape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { type Along, along, countAlong, dropped, kept, reduceAlong, spread } from "./along.ts";
import { div, mul } from "./arithmetic.ts";
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

/** An axis, or options: `x.argmax(1)` is `x.argmax({ dim: 1 })`. */
export type AlongOne = number | { readonly dim?: number | null; readonly keepdim?: boolean };

const OPTIONS = ["dim", "keepdim"];

/** The index of the largest element along `dim`, the first one at ties; in the flattened tensor without `dim`. int64. */
export const argmax = (x: Tensor, over: AlongOne = {}): Tensor => argExtremeOver("max", x, over);
/** The index of the smallest element, likewise. */
export const argmin = (x: Tensor, over: AlongOne = {}): Tensor => argExtremeOver("min", x, over);

function argExtremeOver(kernel: "max" | "min", x: Tensor, over: AlongOne): Tensor {
  const options = typeof over === "number" ? { dim: over } : over;
  checkOptions(`arg${kernel}`, options, OPTIONS);
  return argExtreme(kernel, x, options.dim, options.keepdim ?? false);
}

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
  return dim === undefined ? amax(x) : extremeAlong("max", x, dim, options);
}

/** The smallest element of all; or, along an axis, the smallest elements and where they are. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, dim: number, options?: { keepdim?: boolean }): ValuesAndIndices;
export function min(x: Tensor, dim?: number, options: { keepdim?: boolean } = {}): Tensor | ValuesAndIndices {
  return dim === undefined ? amin(x) : extremeAlong("min", x, dim, options);
}

function extremeAlong(kernel: "max" | "min", x: Tensor, dim: number, options: { keepdim?: boolean }) {
  checkOptions(kernel, options, ["keepdim"]);
  const keepdim = options.keepdim ?? false;
  const indices = argExtreme(kernel, x, dim, true, kernel);
  const values = x.rank === 0 ? x : gatherAlong(x, dim, indices);
  if (keepdim || x.rank === 0) return { values, indices: x.rank === 0 ? reshape(indices, []) : indices };
  const shape = dropped(x.shape, [normalizeAxis("max", dim, x.rank)]);
  return { values: reshape(values, shape), indices: reshape(indices, shape) };
}
