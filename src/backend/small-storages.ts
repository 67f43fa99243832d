/**
 * Storages of a few numbers share a buffer: making an `ArrayBuffer` costs ten times as much as taking a part of one, and a training step makes
 * a dozen small tensors. A buffer lives as long as any storage in it, so only storages that are small beside it come from here.
 */

import { CpuStorage } from "./cpu-storage.ts";

const BUFFER_BYTES = 8192;
const ALIGNMENT = 64;
/** The largest storage that shares a buffer, in bytes. */
export const SMALL_BYTES = 512;

export class SmallStorages {
  #buffer = new ArrayBuffer(0);
  #at = 0;

  /** A storage of at most `SMALL_BYTES` zeros. */
  take(byteLength: number): CpuStorage {
    if (this.#at + byteLength > this.#buffer.byteLength) {
      this.#buffer = new ArrayBuffer(BUFFER_BYTES);
      this.#at = 0;
    }
    const storage = new CpuStorage(this.#buffer, this.#at, byteLength);
    this.#at += (byteLength + ALIGNMENT - 1) & -ALIGNMENT;
    return storage;
  }
}
