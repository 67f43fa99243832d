/** A storage in the memory of this process: part of a plain `ArrayBuffer`, so that there is nothing to free. */

import type { DType, TypedArray } from "../tensor/dtype.ts";
import { bytesPerElement, viewBuffer } from "../tensor/dtype.ts";
import type { Storage } from "../tensor/storage.ts";
import type { View } from "./backend.ts";

export class CpuStorage implements Storage {
  readonly device = "cpu";
  /** Holds the storage, and others beside it if it is small. */
  readonly buffer: ArrayBuffer;
  /** Where in the buffer it begins: a multiple of 64. */
  readonly byteOffset: number;
  readonly byteLength: number;
  version = 0;

  // A typed array costs more to make than a small kernel to run, so each is made once and kept.
  #float32: Float32Array | null = null;
  #other: TypedArray | null = null;
  #otherDType: DType | null = null;

  constructor(buffer: ArrayBuffer, byteOffset = 0, byteLength = buffer.byteLength) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
  }

  get float32(): Float32Array {
    if (this.#float32 === null) this.#float32 = new Float32Array(this.buffer, this.byteOffset, this.byteLength >>> 2);
    return this.#float32;
  }

  as(dtype: DType): TypedArray {
    if (dtype === "float32") return this.float32;
    if (this.#otherDType !== dtype || this.#other === null) {
      const count = Math.floor(this.byteLength / bytesPerElement(dtype));
      this.#other = viewBuffer(dtype, this.buffer, this.byteOffset, count);
      this.#otherDType = dtype;
    }
    return this.#other;
  }
}

/** The elements of a view's whole storage, as its dtype. */
export const elementsOf = (view: View): TypedArray => (view.storage as CpuStorage).as(view.dtype);

/** The same for a dtype of numbers, where int64 has been ruled out. */
export const numbersOf = (view: View): Exclude<TypedArray, BigInt64Array> =>
  elementsOf(view) as Exclude<TypedArray, BigInt64Array>;
