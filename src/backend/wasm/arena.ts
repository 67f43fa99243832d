/**
 * The module's memory during a call: arrays are copied in one behind the other, the kernel runs, results are copied out, and the next
 * call starts from the beginning. Nothing is kept. The memory grows when a call needs more, and never shrinks.
 */

import { BackendError } from "../../tensor/errors.ts";
import type { Storage } from "../../tensor/storage.ts";
import type { View } from "../backend.ts";
import type { CpuStorage } from "../cpu-storage.ts";
import type { WasmKernels } from "./wasm-module.ts";

const PAGE = 65536;
/** Room for the struct of any call, at the start of the arena. */
const CALL_BYTES = 256;
/** Below this a loop is faster than making a typed array for `set`. */
const FEW = 48;

/** Rows of floats, a stride apart along two axes. */
export interface Rows {
  readonly storage: Storage;
  readonly offset: number;
  readonly outer: number;
  readonly inner: number;
  readonly length: number;
  readonly outerStride: number;
  readonly innerStride: number;
}

/** Where rows lie in the memory: as they did, or closer together. */
export interface Placed {
  readonly address: number;
  readonly outerStride: number;
  readonly innerStride: number;
}

export const NOWHERE: Placed = { address: 0, outerStride: 0, innerStride: 0 };

export class Arena {
  readonly #kernels: WasmKernels;
  readonly #base: number;
  #top = 0;
  #floats: Float32Array;
  #words: Int32Array;
  #at = 0;
  /** The address below which memory is somebody else's. */
  floor = 0;

  constructor(kernels: WasmKernels) {
    this.#kernels = kernels;
    this.#base = Math.ceil(kernels.__heap_base.value / 64) * 64;
    this.#floats = new Float32Array(kernels.memory.buffer);
    this.#words = new Int32Array(kernels.memory.buffer);
    this.begin();
  }

  /** Starts a call: forgets what the last one had here. */
  begin(): void {
    this.#top = Math.max(this.floor, this.#base + CALL_BYTES);
    this.#at = this.#base >>> 2;
    if (this.#top > this.#floats.byteLength) this.#grow();
  }

  /** Address of the call's struct. */
  get call(): number {
    return this.#base;
  }

  /** The next word of the call's struct. */
  write(word: number): void {
    this.#words[this.#at++] = word;
  }

  doubles(address: number, count: number): Float64Array {
    return new Float64Array(this.#kernels.memory.buffer, address, count);
  }

  /** Room for `floats` numbers on a cache line of its own, contents undefined. */
  room(floats: number): number {
    const address = this.#top;
    this.#top += Math.ceil(floats / 16) * 64;
    if (this.#top > this.#floats.byteLength) this.#grow();
    return address;
  }

  /** A copy of `count` floats that lie side by side. */
  copyIn(storage: Storage, offset: number, count: number): number {
    const address = this.room(count);
    this.copyTo(address, storage, offset, count);
    return address;
  }

  copyInWords(values: Int32Array): number {
    const address = this.room(values.length);
    this.#words.set(values, address >>> 2);
    return address;
  }

  /** A single number. */
  number(value: number): number {
    const address = this.room(1);
    this.#floats[address >>> 2] = value;
    return address;
  }

  at(address: number): number {
    return this.#floats[address >>> 2];
  }

  /** Copies `count` floats out to a storage. */
  copyOut(address: number, storage: Storage, offset: number, count: number): void {
    const to = (storage as CpuStorage).float32;
    const from = address >>> 2;
    const floats = this.#floats;
    if (count <= FEW) for (let i = 0; i < count; i++) to[offset + i] = floats[from + i];
    else to.set(floats.subarray(from, from + count), offset);
  }

  plainIn(view: View, count: number): number {
    return this.copyIn(view.storage, view.offset, count);
  }

  plainOut(address: number, view: View, count: number): void {
    this.copyOut(address, view.storage, view.offset, count);
  }

  /** A copy of rows to read: with their strides, unless most of what lies between is not theirs. */
  rowsIn(rows: Rows): Placed {
    const reach = reachOf(rows);
    if (reach > 2 * countOf(rows)) return this.#gather(rows);
    return {
      address: this.copyIn(rows.storage, rows.offset, reach),
      outerStride: rows.outerStride,
      innerStride: rows.innerStride,
    };
  }

  /** Room for rows to write; `filled` copies what is there. */
  rowsOut(rows: Rows, filled = false): Placed {
    const dense = isDense(rows);
    if (filled) return dense ? this.rowsIn(rows) : this.#gather(rows);
    const address = this.room(countOf(rows));
    return dense ? { ...rows, address } : compact(rows, address);
  }

  /** Copies rows out to where they belong, and nothing between them. */
  finish(rows: Rows, { address }: Placed): void {
    if (isDense(rows)) {
      this.copyOut(address, rows.storage, rows.offset, countOf(rows));
      return;
    }
    const to = (rows.storage as CpuStorage).float32;
    const floats = this.#floats;
    let from = address >>> 2;
    for (let o = 0; o < rows.outer; o++)
      for (let i = 0; i < rows.inner; i++) {
        const start = rows.offset + o * rows.outerStride + i * rows.innerStride;
        for (let k = 0; k < rows.length; k++) to[start + k] = floats[from++];
      }
  }

  #gather(rows: Rows): Placed {
    const address = this.room(countOf(rows));
    const from = (rows.storage as CpuStorage).float32;
    const floats = this.#floats;
    let at = address >>> 2;
    for (let o = 0; o < rows.outer; o++)
      for (let i = 0; i < rows.inner; i++) {
        const start = rows.offset + o * rows.outerStride + i * rows.innerStride;
        for (let k = 0; k < rows.length; k++) floats[at++] = from[start + k];
      }
    return compact(rows, address);
  }

  copyTo(address: number, storage: Storage, offset: number, count: number): void {
    const from = (storage as CpuStorage).float32;
    const floats = this.#floats;
    const at = address >>> 2;
    if (count <= FEW) for (let i = 0; i < count; i++) floats[at + i] = from[offset + i];
    else floats.set(count === from.length ? from : from.subarray(offset, offset + count), at);
  }

  #grow(): void {
    const { memory } = this.#kernels;
    const missing = this.#top - memory.buffer.byteLength;
    try {
      memory.grow(Math.ceil(missing / PAGE));
    } catch {
      throw new BackendError(
        `the WASM memory cannot grow to the ${Math.ceil(this.#top / 2 ** 20)} MB that this call needs; take a smaller batch or fewer steps`,
      );
    }
    this.#floats = new Float32Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }
}

const countOf = ({ outer, inner, length }: Rows): number => outer * inner * length;

const reachOf = ({ outer, inner, length, outerStride, innerStride }: Rows): number =>
  (outer - 1) * outerStride + (inner - 1) * innerStride + length;

/** Rows that do not overlap and reach no further than they are many leave no gap. */
const isDense = (rows: Rows): boolean => reachOf(rows) === countOf(rows);

const compact = ({ inner, length }: Rows, address: number): Placed => ({
  address,
  outerStride: inner * length,
  innerStride: length,
});
