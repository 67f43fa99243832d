/**
 * Views: the same elements under another shape. Nothing is copied, and writing into a view writes into its tensor;
 * `reshape` and `flip` copy where no view would do.
 */

import { defineOp, type Gradients, PlacedGradient } from "../autograd/define-op.ts";
import { allocate, allocateOutput, viewOf } from "../backend/allocate.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import {
  broadcastStrides,
  contiguousStrides,
  elementCount,
  existingAxis,
  formatShape,
  inferShape,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
  viewStrides,
} from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { sumTo } from "./reductions.ts";

const viewOp = defineOp({
  name: "view",
  forward(_, x: Tensor, shape: Shape, strides: readonly number[]) {
    return { output: viewOf(x, shape, strides), saved: x.shape };
  },
  backward(_, dy, shape) {
    return [reshape(dy, shape)];
  },
});

const cloneOp = defineOp({
  name: "clone",
  forward(kernels, x: Tensor) {
    const output = allocateOutput(x.shape, x.dtype);
    kernels.copy(x, output);
    return { output, saved: null };
  },
  backward(_, dy) {
    return [dy];
  },
});

/** A row-major copy with storage of its own; the gradient passes through. */
export function clone(x: Tensor): Tensor {
  checkTensor("clone", x);
  return cloneOp(x);
}

/** `x` itself if its elements lie row-major, else a row-major copy. */
export function contiguous(x: Tensor): Tensor {
  checkTensor("contiguous", x);
  return x.isContiguous ? x : cloneOp(x);
}

/** The same elements, cut off from the graph: no gradient passes. Shares x's storage. */
export function detach(x: Tensor): Tensor {
  checkTensor("detach", x);
  return viewOf(x, x.shape, x.strides);
}

/** The same elements as `shape`, in row-major order; one size may be -1. A view where possible, else a copy. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor("reshape", x);
  const target = inferShape("reshape", shape, x.elementCount);
  if (sameShape(target, x.shape)) return x;
  const strides = viewStrides(x.shape, x.strides, target);
  return strides === null ? viewOp(cloneOp(x), target, contiguousStrides(target)) : viewOp(x, target, strides);
}

/** The same elements as `shape`, sharing storage. @throws {ShapeError} if that needs a copy: use reshape */
export function view(x: Tensor, shape: Shape): Tensor {
  checkTensor("view", x);
  const target = inferShape("view", shape, x.elementCount);
  const strides = viewStrides(x.shape, x.strides, target);
  if (strides === null) {
    throw new ShapeError(
      `view: ${formatShape(x.shape)} with strides ${formatShape(x.strides)} cannot be seen as ${formatShape(target)} without ` +
        "a copy; use reshape",
    );
  }
  return viewOp(x, target, strides);
}

export interface FlattenOptions {
  /** The first axis to join. Default 0. */
  readonly startDim?: number;
  /** The last axis to join. Default -1. */
  readonly endDim?: number;
}

/**
 * The axes from `startDim` to `endDim` joined into one; all of them by default.
 * @example x.flatten(); x.flatten(1); x.flatten(0, 1); x.flatten({ startDim: 1 })
 */
export function flatten(x: Tensor, startDim: number | FlattenOptions = 0, endDim?: number): Tensor {
  checkTensor("flatten", x);
  const named = typeof startDim === "object";
  if (named) checkOptions("flatten", startDim, ["startDim", "endDim"]);
  if (named && endDim !== undefined) {
    throw new ArgumentError(
      "flatten: the axes come once, as flatten(startDim, endDim) or flatten({ startDim, endDim })",
    );
  }
  const start = normalizeAxis("flatten", named ? (startDim.startDim ?? 0) : startDim, x.rank);
  const end = normalizeAxis("flatten", (named ? startDim.endDim : endDim) ?? -1, x.rank);
  if (x.rank === 0) return reshape(x, [1]);
  if (start > end) throw new ShapeError(`flatten: startDim ${start} comes after endDim ${end}`);
  const joined = elementCount(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), joined, ...x.shape.slice(end + 1)]);
}

/** Axis `dim` split into axes of `sizes`; one size may be -1. */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  checkTensor("unflatten", x);
  const axis = existingAxis("unflatten", dim, x.rank);
  const inner = inferShape("unflatten", sizes, x.shape[axis]);
  return reshape(x, [...x.shape.slice(0, axis), ...inner, ...x.shape.slice(axis + 1)]);
}

const permuteOp = defineOp({
  name: "permute",
  forward(_, x: Tensor, axes: readonly number[]) {
    const output = viewOf(
      x,
      axes.map((axis) => x.shape[axis]),
      axes.map((axis) => x.strides[axis]),
    );
    return { output, saved: axes };
  },
  backward(_, dy, axes): Gradients {
    const inverse = axes.map((_, i) => axes.indexOf(i));
    return [permuteOp(dy, inverse)];
  },
});

/** The axes in another order: `permute(x, [1, 0, 2])`. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  checkTensor("permute", x);
  if (!Array.isArray(axes)) throw new ArgumentError(`permute: the axes are a list, as [1, 0], got ${String(axes)}`);
  const list = axes.map((axis) => normalizeAxis("permute", axis, x.rank));
  if (list.length !== x.rank || new Set(list).size !== x.rank) {
    throw new ShapeError(
      `permute: name each of the ${x.rank} axes of ${formatShape(x.shape)} once, got ${formatShape(axes)}`,
    );
  }
  return permuteOp(x, list);
}

/** Two axes swapped. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  checkTensor("transpose", x);
  const axes = x.shape.map((_, i) => i);
  const a = normalizeAxis("transpose", dim0, x.rank);
  const b = normalizeAxis("transpose", dim1, x.rank);
  if (x.rank === 0) return x;
  [axes[a], axes[b]] = [b, a];
  return permuteOp(x, axes);
}

/** A matrix transposed; a vector or a scalar as it is. */
export function t(x: Tensor): Tensor {
  checkTensor("t", x);
  if (x.rank > 2)
    throw new ShapeError(`t: expects at most 2 axes, got ${formatShape(x.shape)}; use transpose or permute`);
  return x.rank === 2 ? permuteOp(x, [1, 0]) : x;
}

/** Axis `source` moved to place `destination`. */
export function movedim(x: Tensor, source: number, destination: number): Tensor {
  checkTensor("movedim", x);
  const from = normalizeAxis("movedim", source, x.rank);
  const to = normalizeAxis("movedim", destination, x.rank);
  if (x.rank === 0) return x;
  const axes = x.shape.map((_, i) => i).filter((i) => i !== from);
  axes.splice(to, 0, from);
  return permuteOp(x, axes);
}

/** A new axis of size 1 at `dim`. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  checkTensor("unsqueeze", x);
  const axis = normalizeAxis("unsqueeze", dim, x.rank + 1);
  const stride = axis < x.rank ? x.shape[axis] * x.strides[axis] : 1;
  const withOneMore = (list: readonly number[], value: number) => [...list.slice(0, axis), value, ...list.slice(axis)];
  return viewOp(x, withOneMore(x.shape, 1), withOneMore(x.strides, stride));
}

/** Axes of size 1 removed: the ones named, or all. An axis of another size stays. */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  checkTensor("squeeze", x);
  const axes = normalizeAxes("squeeze", dim, x.rank);
  const stays = x.shape.map((size, axis) => size !== 1 || !axes.includes(axis));
  if (stays.every(Boolean)) return x;
  return viewOp(
    x,
    x.shape.filter((_, axis) => stays[axis]),
    x.strides.filter((_, axis) => stays[axis]),
  );
}

const expandOp = defineOp({
  name: "expand",
  forward(_, x: Tensor, shape: Shape) {
    return { output: viewOf(x, shape, broadcastStrides(x.shape, x.strides, shape)), saved: x.shape };
  },
  backward(_, dy, shape) {
    return [sumTo(dy, shape)];
  },
});

/** Axes of size 1 repeated to `shape` without copying; -1 keeps a size; new axes may come in front. */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkTensor("expand", x);
  if (!Array.isArray(shape)) throw new ShapeError(`expand: a shape is a list of sizes, got ${String(shape)}`);
  const lead = shape.length - x.rank;
  const target = shape.map((size, i) => (size === -1 && i >= lead ? x.shape[i - lead] : size));
  const fits = lead >= 0 && x.shape.every((size, i) => size === target[lead + i] || size === 1);
  if (!fits || target.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ShapeError(
      `expand: ${formatShape(x.shape)} does not expand to ${formatShape(shape)}; only axes of size 1 grow`,
    );
  }
  return sameShape(target, x.shape) ? x : expandOp(x, target);
}

const selectOp = defineOp({
  name: "select",
  forward(_, x: Tensor, axis: number, index: number) {
    return {
      output: viewOf(x, without(x.shape, axis), without(x.strides, axis), x.offset + index * x.strides[axis]),
      saved: { shape: x.shape, axis, index },
    };
  },
  backward(_, dy, { shape, axis, index }) {
    return [new PlacedGradient(placeOp, unsqueeze(dy, axis), shape, axis, index, 1)];
  },
});

const without = (list: readonly number[], axis: number): number[] => list.filter((_, i) => i !== axis);

/** One index along `dim`, which disappears; negative indices count from the end. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  checkTensor("select", x);
  if (x.rank === 0) throw new ShapeError("select: a 0-d tensor has no axes to index; read it with item()");
  const axis = existingAxis("select", dim, x.rank);
  const size = x.shape[axis];
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new ShapeError(
      `select: index ${index} is out of range for axis ${axis} of ${formatShape(x.shape)} (size ${size})`,
    );
  }
  return selectOp(x, axis, index < 0 ? index + size : index);
}

const sliceOp = defineOp({
  name: "slice",
  forward(_, x: Tensor, axis: number, start: number, count: number, step: number) {
    const shape = x.shape.map((n, i) => (i === axis ? count : n));
    const strides = x.strides.map((n, i) => (i === axis ? n * step : n));
    const output = viewOf(x, shape, strides, x.offset + start * x.strides[axis]);
    return { output, saved: { shape: x.shape, axis, start, step } };
  },
  backward(_, dy, { shape, axis, start, step }): Gradients {
    return [new PlacedGradient(placeOp, dy, shape, axis, start, step)];
  },
});

/** Zeros of `shape`, with x laid in along `axis` from `start` on, every `step`: the gradient of a slice. */
const placeOp = defineOp({
  name: "place",
  forward(kernels, x: Tensor, shape: Shape, axis: number, start: number, step: number) {
    const output = allocate(shape, x.dtype);
    const strides = output.strides.map((n, i) => (i === axis ? n * step : n));
    kernels.copy(x, viewOf(output, x.shape, strides, start * output.strides[axis]));
    return { output, saved: { axis, start, step, count: x.shape[axis] } };
  },
  backward(_, dy, { axis, start, step, count }): Gradients {
    return [sliceOp(dy, axis, start, count, step)];
  },
});

/**
 * Elements `start` … `end` − 1 along `dim`, every `step`; negative bounds count from the end and bounds beyond it are cut,
 * as Python's slices.
 */
export function slice(x: Tensor, dim: number, start: number | null = 0, end: number | null = null, step = 1): Tensor {
  checkTensor("slice", x);
  const axis = existingAxis("slice", dim, x.rank);
  for (const bound of [start, end]) {
    if (bound !== null && !Number.isInteger(bound))
      throw new ArgumentError(`slice: bounds must be whole numbers or null, got ${bound}`);
  }
  if (!Number.isInteger(step) || step < 1)
    throw new ArgumentError(`slice: step must be a whole number ≥ 1, got ${step}; use flip to reverse`);
  const size = x.shape[axis];
  const bound = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
  const from = bound(start ?? 0);
  const to = bound(end ?? size);
  return sliceOp(x, axis, from, Math.max(0, Math.ceil((to - from) / step)), step);
}

/** `length` elements along `dim` from `start` on. @throws {ShapeError} if they are not all there */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  checkTensor("narrow", x);
  const axis = existingAxis("narrow", dim, x.rank);
  const from = start < 0 ? start + x.shape[axis] : start;
  const whole = Number.isInteger(start) && Number.isInteger(length);
  if (!whole || from < 0 || length < 0 || from + length > x.shape[axis]) {
    throw new ShapeError(
      `narrow: ${length} elements from ${start} on are not all there along axis ${axis} of ${formatShape(x.shape)}`,
    );
  }
  return sliceOp(x, axis, from, length, 1);
}

const flipOp = defineOp({
  name: "flip",
  forward(kernels, x: Tensor, axes: readonly number[]) {
    const output = allocate(x.shape, x.dtype);
    const strides = output.strides.map((n, i) => (axes.includes(i) ? -n : n));
    const last = axes.reduce((sum, axis) => sum + (x.shape[axis] - 1) * output.strides[axis], 0);
    if (x.elementCount > 0) kernels.copy(x, viewOf(output, x.shape, strides, last));
    return { output, saved: axes };
  },
  backward(_, dy, axes): Gradients {
    return [flipOp(dy, axes)];
  },
});

/** The elements in reverse order along `dims`. A copy. */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  checkTensor("flip", x);
  if (dims === undefined || dims === null) throw new ArgumentError("flip: name the axes to reverse: flip(x, 0)");
  return flipOp(x, normalizeAxes("flip", dims, x.rank));
}

const unfoldOp = defineOp({
  name: "unfold",
  forward(_, x: Tensor, axis: number, size: number, step: number) {
    const count = Math.floor((x.shape[axis] - size) / step) + 1;
    const shape = [...x.shape.map((n, i) => (i === axis ? count : n)), size];
    const strides = [...x.strides.map((n, i) => (i === axis ? n * step : n)), x.strides[axis]];
    return { output: viewOf(x, shape, strides), saved: { shape: x.shape, axis, step } };
  },
  backward(_, dy, { shape, axis, step }): Gradients {
    return [foldOp(dy, shape, axis, step)];
  },
});

/** Windows added back where they were taken from: the gradient of unfold. */
const foldOp = defineOp({
  name: "fold",
  forward(kernels, x: Tensor, shape: Shape, axis: number, step: number) {
    const output = allocate(shape, x.dtype);
    const size = x.shape[x.rank - 1];
    for (let i = 0; i < x.shape[axis]; i++) {
      // One window: axis i of x taken away, its last axis put where `axis` was.
      const windowShape = shape.map((n, k) => (k === axis ? size : n));
      const from = x.strides.slice(0, -1).map((n, k) => (k === axis ? x.strides[x.rank - 1] : n));
      kernels.accumulate(
        viewOf(x, windowShape, from, x.offset + i * x.strides[axis]),
        viewOf(output, windowShape, output.strides, i * step * output.strides[axis]),
        1,
      );
    }
    return { output, saved: { axis, size, step } };
  },
  backward(_, dy, { axis, size, step }): Gradients {
    return [unfoldOp(dy, axis, size, step)];
  },
});

/**
 * Sliding windows of `size` along `dim`, every `step`: axis `dim` counts the windows, a new last axis runs inside them.
 * @example unfold(series, 0, 50, 1) // [500] → [451, 50], a view
 */
export function unfold(x: Tensor, dim: number, size: number, step: number): Tensor {
  checkTensor("unfold", x);
  const axis = existingAxis("unfold", dim, x.rank);
  if (!Number.isInteger(size) || size < 0 || size > x.shape[axis]) {
    throw new ShapeError(`unfold: a window of ${size} does not fit into axis ${axis} of ${formatShape(x.shape)}`);
  }
  if (!Number.isInteger(step) || step < 1)
    throw new ArgumentError(`unfold: step must be a whole number ≥ 1, got ${step}`);
  return unfoldOp(x, axis, size, step);
}
