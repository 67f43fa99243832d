/**
 * How elements lie in files, and how they are read into tensors.
 *
 * Files know element types that tensors here do not have. They are read into the narrowest dtype that holds every value
 * exactly: float16 and bfloat16 as float32, int8 and int16 as int32. Everything is little endian, as on every machine that
 * JavaScript runs on.
 */

import { backend } from "../backend/select.ts";
import { bytesPerElement, type DType } from "../tensor/dtype.ts";
import { contiguousStrides, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** An element type that can be read; those that are no DType are widened. */
export type ElementFormat = DType | "int8" | "int16" | "float16" | "bfloat16";

interface Widening {
  readonly bytes: number;
  readonly dtype: DType;
  read(bytes: Uint8Array): Int32Array | Uint32Array;
}

const WIDENINGS: Partial<Record<ElementFormat, Widening>> = {
  int8: { bytes: 1, dtype: "int32", read: (bytes) => Int32Array.from(bytes, (x) => (x << 24) >> 24) },
  int16: { bytes: 2, dtype: "int32", read: (bytes) => Int32Array.from(halfWords(bytes), (x) => (x << 16) >> 16) },
  float16: { bytes: 2, dtype: "float32", read: (bytes) => Uint32Array.from(halfWords(bytes), bitsOfFloat16) },
  bfloat16: { bytes: 2, dtype: "float32", read: (bytes) => Uint32Array.from(halfWords(bytes), (x) => x << 16) },
};

/** The size of an element in a file. */
export const bytesInFile = (format: ElementFormat): number =>
  WIDENINGS[format]?.bytes ?? bytesPerElement(format as DType);

/** The dtype of a tensor read from such elements. */
export const dtypeInMemory = (format: ElementFormat): DType => WIDENINGS[format]?.dtype ?? (format as DType);

/** The elements in a buffer of their own, as tensors hold them. */
export function decodeElements(format: ElementFormat, bytes: Uint8Array): ArrayBuffer {
  const widening = WIDENINGS[format];
  if (widening !== undefined) return widening.read(bytes).buffer as ArrayBuffer;
  const own = new Uint8Array(bytes.length); // not bytes.slice(): of a Node Buffer that is a view
  own.set(bytes);
  if (format === "bool") for (let i = 0; i < own.length; i++) own[i] = own[i] === 0 ? 0 : 1;
  return own.buffer;
}

/** A row-major tensor of elements in a file. `bytes` must fit the shape. */
export function decodeTensor(format: ElementFormat, shape: Shape, bytes: Uint8Array): Tensor {
  const storage = backend().adopt(decodeElements(format, bytes));
  return new Tensor(storage, dtypeInMemory(format), shape, contiguousStrides(shape));
}

/** Pairs of bytes as whole numbers, wherever they begin. */
function halfWords(bytes: Uint8Array): Uint16Array {
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  return new Uint16Array(own.buffer);
}

/** IEEE 754 half precision → the bits of the same number in single precision; infinities and NaN keep their bits. */
function bitsOfFloat16(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // a subnormal half is a normal float
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}
