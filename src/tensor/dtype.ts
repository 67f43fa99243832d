/**
 * The element types of tensors, and how two of them promote: PyTorch's rules.
 *
 *   bool < uint8 < int32 < int64 < float32 < float64
 *
 * Two tensors give the higher of their dtypes. A plain number is weak: it lifts a tensor only to the next *category*
 * (bool → integer → floating), so `float32 · 2` stays float32 and `int64 · 0.5` becomes float32.
 */

import { DTypeError } from "./errors.ts";

export type DType = "bool" | "uint8" | "int32" | "int64" | "float32" | "float64";

/** The typed array that holds elements of any dtype; bool is held in bytes. */
export type TypedArray = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

interface DTypeInfo {
  readonly bytes: number;
  /** 0 bool, 1 integer, 2 floating. */
  readonly category: 0 | 1 | 2;
  readonly rank: number;
  readonly array: new (buffer: ArrayBufferLike, byteOffset?: number, length?: number) => TypedArray;
}

const INFO: Record<DType, DTypeInfo> = {
  bool: { bytes: 1, category: 0, rank: 0, array: Uint8Array },
  uint8: { bytes: 1, category: 1, rank: 1, array: Uint8Array },
  int32: { bytes: 4, category: 1, rank: 2, array: Int32Array },
  int64: { bytes: 8, category: 1, rank: 3, array: BigInt64Array },
  float32: { bytes: 4, category: 2, rank: 4, array: Float32Array },
  float64: { bytes: 8, category: 2, rank: 5, array: Float64Array },
};

/** All dtypes, lowest first. */
export const DTYPES = Object.keys(INFO) as readonly DType[];

/** The dtype of new floating-point tensors, as PyTorch's default. */
export const DEFAULT_DTYPE: DType = "float32";

/** @throws {DTypeError} for a name that is no dtype's: every tensor passes here */
export function bytesPerElement(dtype: DType): number {
  const info = INFO[dtype];
  if (info === undefined) throw new DTypeError(`there is no dtype "${dtype}"; there are ${DTYPES.join(", ")}`);
  return info.bytes;
}

export const isFloating = (dtype: DType): boolean => INFO[dtype].category === 2;

/** An empty-handed view of `buffer` as elements of `dtype`. */
export function viewBuffer(dtype: DType, buffer: ArrayBufferLike, byteOffset = 0, length?: number): TypedArray {
  return new INFO[dtype].array(buffer, byteOffset, length);
}

/** The dtype that a typed array's elements have. @throws {DTypeError} for arrays that no dtype holds. */
export function dtypeOfArray(array: ArrayBufferView): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return "uint8";
  throw new DTypeError(
    `no dtype holds a ${array.constructor.name}; convert it first, for example with Float32Array.from(array)`,
  );
}

/** The dtype of an operation on two tensors. */
export function promote(a: DType, b: DType): DType {
  return INFO[a].rank >= INFO[b].rank ? a : b;
}

/** The dtype of an operation on a tensor and a plain number. */
export function promoteWithScalar(dtype: DType, value: number | bigint | boolean): DType {
  if (typeof value === "boolean") return dtype;
  const category = typeof value === "bigint" || Number.isInteger(value) ? 1 : 2;
  if (INFO[dtype].category >= category) return dtype;
  return category === 1 ? "int64" : DEFAULT_DTYPE;
}

/** A plain number as an operand of `dtype`: rounded to it first, so that `x < 0.1` asks for a float32 what float32 calls 0.1. */
export function scalarAs(dtype: DType, value: number | bigint): number | bigint {
  if (dtype === "int64") return BigInt(value);
  return dtype === "float32" ? Math.fround(Number(value)) : Number(value);
}

/** The dtype of sums and of true division over `dtype`: integers sum in int64 and divide in float32. */
export const sumDType = (dtype: DType): DType => (isFloating(dtype) ? dtype : "int64");
export const floatingDType = (dtype: DType): DType => (isFloating(dtype) ? dtype : DEFAULT_DTYPE);
