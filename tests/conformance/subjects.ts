/** What the conformance tests share: every backend on every instruction set of this machine, seeded numbers, views. */

import type { View } from "../../src/backend/backend.ts";
import { CpuStorage, numbersOf } from "../../src/backend/cpu-storage.ts";
import { loadNative } from "../../src/backend/native/load-native.ts";
import { ReferenceBackend } from "../../src/backend/reference/reference-backend.ts";
import { loadWasm } from "../../src/backend/wasm/load-wasm.ts";
import { contiguousStrides, elementCount } from "../../src/tensor/shape.ts";

export const reference = new ReferenceBackend();

/** A backend on one instruction set, to be held to the reference. */
export interface Subject {
  readonly name: string;
  readonly backend: ReferenceBackend;
  /** To be called before computing: the native backend is one for all its instruction sets. */
  use(): void;
  /** Numbers of threads to compare with one thread. */
  readonly threads: readonly number[];
}

/** The subjects that this machine has, and for those that it has not, why. */
export const subjects: Subject[] = [];
export const missing: { readonly name: string; readonly reason: string }[] = [];

const native = loadNative();
if ("reason" in native) missing.push({ name: "native", reason: native.reason });
else
  for (const set of ["avx512", "avx2", "baseline"] as const) {
    const { backend } = native;
    try {
      backend.setInstructionSet(set);
    } catch {
      missing.push({ name: `native, ${set}`, reason: `this processor has no ${set}` });
      continue;
    }
    const use = () => backend.setInstructionSet(set);
    subjects.push({ name: `native, ${set}`, backend, use, threads: [2, 3, 4, 7] });
  }

for (const set of ["simd128", "relaxed"] as const) {
  const wasm = loadWasm({ instructionSet: set });
  if ("reason" in wasm) missing.push({ name: `wasm, ${set}`, reason: wasm.reason });
  else subjects.push({ name: `wasm, ${set}`, backend: wasm.backend, use() {}, threads: [2, 3] });
}

/** A small generator for test data: mulberry32. */
export class Rng {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)];
  }

  /** About normal: the sum of a few uniforms. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * Math.sqrt(3);
  }
}

/** A float32 view of new memory; `permutation` gives the order in which its axes lie, the last one side by side. */
export function view(shape: readonly number[], permutation?: readonly number[]): View {
  const order = permutation ?? shape.map((_, axis) => axis);
  const laid = contiguousStrides(order.map((axis) => shape[axis]));
  const strides = new Array<number>(shape.length);
  order.forEach((axis, i) => {
    strides[axis] = laid[i];
  });
  // An offset, so that none is forgotten.
  const offset = 3;
  const storage = new CpuStorage(new ArrayBuffer(4 * (elementCount(shape) + offset)));
  return { storage, dtype: "float32", shape, strides, offset };
}

export function filled(shape: readonly number[], value: () => number, permutation?: readonly number[]): View {
  const made = view(shape, permutation);
  const data = numbersOf(made);
  for (let i = made.offset; i < data.length; i++) data[i] = value();
  return made;
}

/** The same numbers, layout and all, in float64: what the reference computes with. */
export function inFloat64(x: View): View {
  const from = numbersOf(x);
  const storage = new CpuStorage(new ArrayBuffer(8 * from.length));
  const out: View = { ...x, storage, dtype: "float64" };
  numbersOf(out).set(from);
  return out;
}

/** Like another view, of its own memory, all its elements `value`. */
export function like(x: View, value = 0): View {
  const storage = new CpuStorage(new ArrayBuffer(x.storage.byteLength));
  const out: View = { ...x, storage };
  numbersOf(out).fill(value);
  return out;
}

/** The elements of a view in row-major order. */
export function valuesOf(x: View): Float64Array {
  const data = numbersOf(x);
  const values = new Float64Array(elementCount(x.shape));
  const index = x.shape.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    let at = x.offset;
    for (let axis = 0; axis < index.length; axis++) at += index[axis] * x.strides[axis];
    values[i] = data[at];
    for (let axis = index.length - 1; axis >= 0 && ++index[axis] === x.shape[axis]; axis--) index[axis] = 0;
  }
  return values;
}

/** Whether two views of the same layout hold the same bits. */
export function sameBits(a: View, b: View): boolean {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  return x.length === y.length && x.every((value, i) => Object.is(value, y[i]));
}

/** The largest difference between two views, over the largest magnitude in the second; infinite where only one is NaN. */
export function relativeError(got: View, truth: View): number {
  const a = valuesOf(got);
  const b = valuesOf(truth);
  let difference = 0;
  let scale = 1e-30;
  for (let i = 0; i < b.length; i++) {
    if (Number.isFinite(b[i])) scale = Math.max(scale, Math.abs(b[i]));
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const d = Math.abs(a[i] - b[i]);
    difference = Math.max(difference, Number.isNaN(d) ? Number.POSITIVE_INFINITY : d);
  }
  return difference / scale;
}
