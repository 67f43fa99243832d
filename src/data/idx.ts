/**
 * IDX, the form in which MNIST and its kin are handed out: one array of any rank.
 *
 *   2 bytes    0
 *   1 byte     the type of the elements: 8 uint8, 9 int8, 11 int16, 12 int32, 13 float32, 14 float64
 *   1 byte     the rank
 *   4 bytes    the size of each axis, and then the elements, the last axis fastest
 *
 * All numbers have their highest byte first. LeCun, Cortes & Burges, "The MNIST database of handwritten digits".
 */

import { allocate } from "../backend/allocate.ts";
import { elementsOfNew } from "../ops/new-elements.ts";
import type { DType } from "../tensor/dtype.ts";
import { FormatError } from "../tensor/errors.ts";
import { elementCount, formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

interface ElementType {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, at: number) => number;
}

/** int8 and int16 become int32, the smallest dtype that holds them. */
const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  8: { bytes: 1, dtype: "uint8", read: (view, at) => view.getUint8(at) },
  9: { bytes: 1, dtype: "int32", read: (view, at) => view.getInt8(at) },
  11: { bytes: 2, dtype: "int32", read: (view, at) => view.getInt16(at) },
  12: { bytes: 4, dtype: "int32", read: (view, at) => view.getInt32(at) },
  13: { bytes: 4, dtype: "float32", read: (view, at) => view.getFloat32(at) },
  14: { bytes: 8, dtype: "float64", read: (view, at) => view.getFloat64(at) },
};

/**
 * The array of an IDX file.
 * @param bytes the file, decompressed
 * @returns a tensor of the file's shape: uint8, int32, float32 or float64
 * @throws {FormatError} if the bytes are not IDX, or are fewer or more than their header says
 * @example const images = readIdx(bytes); // [60000, 28, 28], uint8
 */
export function readIdx(bytes: Uint8Array): Tensor {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new FormatError("readIdx: the bytes are compressed by gzip; decompress them first");
  }
  const type = ELEMENT_TYPES[bytes[2]];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || type === undefined) {
    const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new FormatError(
      `readIdx: this is no IDX file: it begins with ${start || "nothing"}, expected 00 00, a type, a rank`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new FormatError(`readIdx: the file ends within its header; is it cut short?`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = elementCount(shape);
  const expected = start + count * type.bytes;
  if (bytes.length !== expected) {
    throw new FormatError(
      `readIdx: an array ${formatShape(shape)} takes ${expected} bytes, the file has ${bytes.length}; ` +
        (bytes.length < expected ? "is it cut short?" : "there is something behind the array"),
    );
  }
  const array = allocate(shape, type.dtype);
  const elements = elementsOfNew(array) as Exclude<ReturnType<typeof elementsOfNew>, BigInt64Array>;
  if (elements instanceof Uint8Array) elements.set(bytes.subarray(start));
  else for (let i = 0; i < count; i++) elements[i] = type.read(view, start + i * type.bytes);
  return array;
}
