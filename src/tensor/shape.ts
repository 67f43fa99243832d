/** Shapes and strides: sizes, axes, broadcasting. Everything here is about integers; nothing touches data. */

import { ShapeError } from "./errors.ts";

export type Shape = readonly number[];

/** The number of elements: the product of the sizes; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (let i = 0; i < shape.length; i++) count *= shape[i];
  return count;
}

/** Row-major strides, in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

/** Whether elements lie row-major without holes; axes of size 1 may have any stride. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 0) return true;
    if (shape[i] !== 1) {
      if (strides[i] !== expected) return false;
      expected *= shape[i];
    }
  }
  return true;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `[2, 3, 5]`, as messages write shapes. */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/** A shape as given by a user: whole, not negative. @throws {ShapeError} */
export function checkShape(place: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${place}: a shape is a list of sizes, got ${shape}; write [2, 3], or [] for a single number`);
  }
  for (let i = 0; i < shape.length; i++) {
    if (!Number.isSafeInteger(shape[i]) || shape[i] < 0) {
      throw new ShapeError(
        `${place}: a shape has whole, non-negative sizes, got ${formatShape(shape)} (axis ${i} is ${shape[i]})`,
      );
    }
  }
}

/** An axis counted from the front; negative ones count from the end. @throws {ShapeError} if there is no such axis */
export function normalizeAxis(place: string, axis: number, rank: number): number {
  if (typeof axis !== "number") {
    throw new ShapeError(`${place}: an axis is a number such as 0 or -1, got ${describe(axis)}`);
  }
  const size = Math.max(rank, 1); // as PyTorch, a scalar accepts axes 0 and -1
  if (!Number.isInteger(axis) || axis < -size || axis >= size) {
    throw new ShapeError(
      `${place}: axis ${axis} does not exist in a tensor of rank ${rank} (use ${-size} … ${size - 1})`,
    );
  }
  return axis < 0 ? axis + size : axis;
}

/**
 * Sorted, distinct axes; no axes given means all of them. A scalar accepts 0 and -1, but has no axes.
 * @throws {ShapeError} for a missing or repeated axis
 */
export function normalizeAxes(
  place: string,
  axes: number | readonly number[] | null | undefined,
  rank: number,
): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, i) => i);
  const list = (Array.isArray(axes) ? [...axes] : [axes]).map((axis) => normalizeAxis(place, axis, rank));
  list.sort((a, b) => a - b);
  for (let i = 1; i < list.length; i++) {
    if (list[i] === list[i - 1]) throw new ShapeError(`${place}: axis ${list[i]} is named twice`);
  }
  return rank === 0 ? [] : list;
}

/** As normalizeAxis, for what needs an axis to be there. @throws {ShapeError} for a scalar, too */
export function existingAxis(place: string, axis: number, rank: number): number {
  if (rank === 0) throw new ShapeError(`${place}: a 0-d tensor has no axes; give it one with x.unsqueeze(0)`);
  return normalizeAxis(place, axis, rank);
}

/** The shape that both shapes broadcast to, PyTorch's rule. @throws {ShapeError} naming the axis that does not fit */
export function broadcastShapes(place: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = i <= a.length ? a[a.length - i] : 1;
    const n = i <= b.length ? b[b.length - i] : 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${place}: ${formatShape(a)} and ${formatShape(b)} do not broadcast: axis ${-i} is ${m} on one side and ${n} on the other`,
      );
    }
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** Strides that read `shape` as if it had the larger `target` shape: 0 along every axis that is repeated. */
export function broadcastStrides(shape: Shape, strides: readonly number[], target: Shape): readonly number[] {
  if (sameShape(shape, target)) return strides;
  const lead = target.length - shape.length;
  const out = new Array<number>(target.length).fill(0);
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === target[lead + i] && shape[i] !== 1) out[lead + i] = strides[i];
  }
  return out;
}

/** A shape in which one size may be -1, to be inferred from the count. @throws {ShapeError} */
export function inferShape(place: string, shape: Shape, count: number): number[] {
  if (!Array.isArray(shape)) checkShape(place, shape);
  const out = [...shape];
  const unknown = out.indexOf(-1);
  if (unknown !== out.lastIndexOf(-1)) {
    throw new ShapeError(`${place}: only one size can be -1, got ${formatShape(shape)}`);
  }
  if (unknown >= 0) {
    out[unknown] = 1;
    checkShape(place, out);
    const known = elementCount(out);
    if (known === 0 || count % known !== 0) {
      throw new ShapeError(`${place}: ${count} elements do not divide into ${formatShape(shape)}`);
    }
    out[unknown] = count / known;
  }
  checkShape(place, out);
  if (elementCount(out) !== count) {
    throw new ShapeError(`${place}: ${formatShape(shape)} has ${elementCount(out)} elements, the tensor has ${count}`);
  }
  return out;
}

/** Strides under which the same elements read as `shape`, or null if that needs a copy. */
export function viewStrides(oldShape: Shape, oldStrides: readonly number[], shape: Shape): number[] | null {
  if (isContiguous(oldShape, oldStrides)) return contiguousStrides(shape);
  const sizes: number[] = [];
  const strides: number[] = [];
  for (let i = 0; i < oldShape.length; i++) {
    if (oldShape[i] !== 1) {
      sizes.push(oldShape[i]);
      strides.push(oldStrides[i]);
    }
  }
  const out = new Array<number>(shape.length);
  let from = 0; // the next old axis
  let to = 0; // the next new axis
  while (to < shape.length) {
    if (shape[to] === 1) {
      out[to++] = 1;
      continue;
    }
    // Grow a run of old axes and a run of new axes until they hold equally many elements.
    let oldEnd = from;
    let newEnd = to;
    let oldCount = sizes[oldEnd++];
    let newCount = shape[newEnd++];
    while (oldCount !== newCount) {
      if (oldCount < newCount) oldCount *= sizes[oldEnd++];
      else newCount *= shape[newEnd++];
    }
    for (let i = from; i + 1 < oldEnd; i++) if (strides[i] !== strides[i + 1] * sizes[i + 1]) return null;
    let stride = strides[oldEnd - 1];
    for (let i = newEnd - 1; i >= to; i--) {
      out[i] = stride;
      stride *= shape[i];
    }
    from = oldEnd;
    to = newEnd;
  }
  return out;
}

const describe = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
