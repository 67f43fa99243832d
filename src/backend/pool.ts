/**
 * Recycles storages that no user code can reach: saved states, workspaces, gradients of inner nodes.
 *
 * It keeps a free list per size and never counts what is out: a storage that is not given back is simply garbage, so a
 * forward that no backward follows costs nothing but the collector's time. Free storages are kept up to a limit; beyond it
 * the sizes that were least recently wanted go first.
 */

import type { CpuStorage } from "./cpu-storage.ts";

/** Free bytes worth keeping: a few training steps of a large recurrent layer. */
const KEPT_BYTES = 256 * 2 ** 20;
/** The smallest storage that is lent. */
const SMALLEST = 1024;

/** The free storages of one size. */
interface FreeList {
  readonly size: number;
  readonly storages: CpuStorage[];
  /** When a storage came here last, by the pool's clock. */
  lastUse: number;
}

export class Pool {
  readonly #free = new Map<number, FreeList>();
  #freeBytes = 0;
  #clock = 0;
  readonly #allocate: (byteLength: number) => CpuStorage;

  /** @param allocate makes a storage where none is free */
  constructor(allocate: (byteLength: number) => CpuStorage) {
    this.#allocate = allocate;
  }

  /** A storage of at least `byteLength` bytes, contents undefined. */
  borrow(byteLength: number): CpuStorage {
    const size = roundUp(byteLength);
    const storage = this.#free.get(size)?.storages.pop();
    if (storage === undefined) return this.#allocate(size);
    this.#freeBytes -= size;
    return storage;
  }

  /** Takes a storage that nobody holds any more. One of a size that `borrow` never gives out is left to the collector. */
  release(storage: CpuStorage): void {
    const size = storage.byteLength;
    if (size < SMALLEST || size > KEPT_BYTES || size !== roundUp(size)) return;
    storage.version++;
    let list = this.#free.get(size);
    if (list === undefined) {
      list = { size, storages: [], lastUse: 0 };
      this.#free.set(size, list);
    }
    list.lastUse = ++this.#clock;
    list.storages.push(storage);
    this.#freeBytes += size;
    if (this.#freeBytes > KEPT_BYTES) this.#shrink();
  }

  #shrink(): void {
    const oldestFirst = [...this.#free.values()].sort((a, b) => a.lastUse - b.lastUse);
    for (const { size, storages } of oldestFirst) {
      while (storages.length > 0 && this.#freeBytes > KEPT_BYTES) {
        storages.pop();
        this.#freeBytes -= size;
      }
      if (storages.length === 0) this.#free.delete(size);
      if (this.#freeBytes <= KEPT_BYTES) return;
    }
  }
}

/** Sizes are rounded to a sixteenth of their power of two, so that nearby sizes share storages. */
function roundUp(byteLength: number): number {
  if (byteLength <= SMALLEST) return SMALLEST;
  const granule = 1 << (31 - Math.clz32(byteLength - 1) - 4);
  return byteLength < 2 ** 31 ? Math.ceil(byteLength / granule) * granule : byteLength;
}
