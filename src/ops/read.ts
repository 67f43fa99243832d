/**
 * Reading values out of tensors. Synchronous on the CPU; every call has an async twin for devices that need one.
 */

import { toContiguous } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { elementCount, formatShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type NestedArray<T> = T | NestedArray<T>[];

/** The elements in row-major order, as a new typed array of the tensor's dtype (bool in bytes). */
export function toTypedArray(x: Tensor): TypedArray {
  const source = toContiguous(x);
  const count = elementCount(x.shape);
  return backend()
    .elements(source.storage, x.dtype)
    .subarray(source.offset, source.offset + count)
    .slice();
}

/** The elements in row-major order as plain numbers. */
export function readNumbers(x: Tensor): number[] {
  return Array.from(toTypedArray(x) as ArrayLike<number | bigint>, Number);
}

/**
 * The elements nested as the axes are: numbers, or booleans for a bool tensor; of a 0-d tensor the element alone.
 *
 * The type cannot know the rank. It is a list of numbers unless said otherwise: `x.toArray<number[][]>()`.
 * @throws {RangeError} for an int64 beyond 2^53
 */
export function toArray<T extends NestedArray<number | boolean> = number[]>(x: Tensor): T {
  const flat = toTypedArray(x);
  const element = (i: number) => (x.dtype === "bool" ? flat[i] !== 0 : exactNumber(flat[i]));
  return nest(x.shape, element) as T;
}

function nest<E>(shape: Shape, element: (flatIndex: number) => E): NestedArray<E> {
  let at = 0;
  const build = (axis: number): NestedArray<E> =>
    axis === shape.length ? element(at++) : Array.from({ length: shape[axis] }, () => build(axis + 1));
  return build(0);
}

/**
 * What `JSON.stringify` writes: the elements nested as by `toArray`. JSON has no word for some numbers; they are written as
 * text that `Number(…)` or `BigInt(…)` reads back: "NaN", "Infinity", "-Infinity", and an int64 beyond 2^53 in its digits.
 */
export function toJSON(x: Tensor): NestedArray<number | boolean | string> {
  const flat = toTypedArray(x);
  return nest(x.shape, (i) => {
    const value = flat[i];
    if (x.dtype === "bool") return value !== 0;
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return Number.isFinite(value) ? value : String(value);
  });
}

function exactNumber(value: number | bigint): number {
  const number = Number(value);
  if (typeof value === "bigint" && !Number.isSafeInteger(number)) {
    throw new RangeError(
      `${value} is beyond 2^53 and not exact as a number; read it with itemBigInt() or toTypedArray()`,
    );
  }
  return number;
}

function only(place: string, x: Tensor): number | bigint {
  if (x.elementCount !== 1) {
    throw new ShapeError(
      `${place}: the tensor must hold one element, it is ${formatShape(x.shape)}; index it or use toArray()`,
    );
  }
  return backend().elements(x.storage, x.dtype)[x.offset];
}

/**
 * The one element, as a number (a boolean counts as 0 or 1).
 * @throws {ShapeError} if there are more or fewer
 * @throws {RangeError} for an int64 beyond 2^53
 */
export const item = (x: Tensor): number => exactNumber(only("item", x));

/** The one element of an int64 tensor, exactly. */
export function itemBigInt(x: Tensor): bigint {
  const value = only("itemBigInt", x);
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new ArgumentError(`itemBigInt: ${value} is not whole; use item()`);
  }
  return BigInt(value);
}

/** `item`, later: for devices that are not at hand at once. */
export const itemAsync = async (x: Tensor): Promise<number> => item(x);
/** `toArray`, later. */
export const toArrayAsync = async <T extends NestedArray<number | boolean> = number[]>(x: Tensor): Promise<T> =>
  toArray<T>(x);
/** `toTypedArray`, later. */
export const toTypedArrayAsync = async (x: Tensor): Promise<TypedArray> => toTypedArray(x);
