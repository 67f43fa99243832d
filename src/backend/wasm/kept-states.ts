/**
 * Saved states that stay in the module's memory until backward asks for them, which spares two copies of what is the largest of all arrays:
 * 48 MB out and in again for a step of LSTM(1, 100) on 450 × 40, a tenth of its time.
 *
 * They lie below the arena, one behind the other: backward mostly comes in the opposite order, and frees the last. Should they fill too
 * much, as those of forwards that no backward follows do, all are copied out to the storages where they belong.
 */

import type { Storage } from "../../tensor/storage.ts";
import type { Arena } from "./arena.ts";

/** What may be kept, in bytes: the states of a net of a few layers. A single larger one is kept too. */
const MOST_BYTES = 2 ** 27;

interface Kept {
  readonly storage: Storage;
  /** Of the storage when forward wrote it: with another one it holds something else by now. */
  readonly version: number;
  readonly address: number;
  /** From the address on: those that forward wrote, and the room that backward needs. */
  readonly floats: number;
  readonly end: number;
}

export class KeptStates {
  readonly #arena: Arena;
  #kept: Kept[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** To be called before the arena begins, for `bytes` that `keep` is going to be told of. */
  makeRoom(bytes: number): void {
    this.#kept = this.#kept.filter(isCurrent);
    const first = this.#kept[0];
    const last = this.#kept[this.#kept.length - 1];
    if (last !== undefined && last.end + bytes - first.address > MOST_BYTES) {
      this.settleAll();
    }
    this.#update();
  }

  /** Keeps `bytes` from the arena's first address on, of which forward has written the first `floats` numbers. */
  keep(storage: Storage, address: number, floats: number, bytes: number): void {
    this.#kept.push({ storage, version: storage.version, address, floats, end: address + Math.ceil(bytes / 64) * 64 });
    this.#update();
  }

  /** Where the contents of the storage lie, or 0 if they are not here. */
  addressOf(storage: Storage): number {
    const kept = this.#kept.find((each) => each.storage === storage && isCurrent(each));
    return kept === undefined ? 0 : kept.address;
  }

  forget(storage: Storage): void {
    this.#kept = this.#kept.filter((kept) => kept.storage !== storage);
    this.#update();
  }

  /** Brings the contents of the storage to where they can be read. */
  settle(storage: Storage): void {
    for (const kept of this.#kept) {
      if (kept.storage !== storage) continue;
      this.#copyOut(kept);
      this.forget(storage);
      return;
    }
  }

  settleAll(): void {
    for (const kept of this.#kept) this.#copyOut(kept);
    this.#kept = [];
    this.#update();
  }

  #copyOut(kept: Kept): void {
    if (isCurrent(kept)) this.#arena.copyOut(kept.address, kept.storage, 0, kept.floats);
  }

  #update(): void {
    const last = this.#kept[this.#kept.length - 1];
    this.#arena.floor = last === undefined ? 0 : last.end;
  }
}

const isCurrent = ({ storage, version }: Kept): boolean => storage.version === version;
