/** The pool of storages: what comes back is lent again, and beyond its limit the sizes wanted least recently go first. */

import { expect, test } from "vitest";
import { CpuStorage } from "../../src/backend/cpu-storage.ts";
import { Pool } from "../../src/backend/pool.ts";

const MB = 2 ** 20;

/** A pool whose buffers claim to be large, and the sizes that it had to make. */
function watched() {
  const made: number[] = [];
  const pool = new Pool((byteLength) => {
    made.push(byteLength);
    return new CpuStorage(new ArrayBuffer(8), 0, byteLength);
  });
  /** Whether a storage of this size is free: it is put back. */
  const has = (size: number) => {
    const before = made.length;
    pool.release(pool.borrow(size));
    return made.length === before;
  };
  return { pool, made, has };
}

test("a storage that was given back is lent again, with another version", () => {
  const { pool, made } = watched();
  const storage = pool.borrow(5000);
  const version = storage.version;
  pool.release(storage);
  expect(pool.borrow(4990)).toBe(storage);
  expect(storage.version).not.toBe(version);
  expect(made).toHaveLength(1);
});

test("beyond 256 MB the size that was given back longest ago goes first, also if it was there before the others", () => {
  const { pool, has } = watched();
  const [a, b, c, d] = [64, 80, 96, 112].map((size) => pool.borrow(size * MB));
  for (const storage of [a, b, c]) pool.release(storage);
  // a is used again, so b is the oldest now.
  pool.release(pool.borrow(64 * MB));
  pool.release(d);
  expect(pool.borrow(64 * MB)).toBe(a);
  expect(pool.borrow(112 * MB)).toBe(d);
  expect(has(80 * MB)).toBe(false);
});
