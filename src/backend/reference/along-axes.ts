/** The kernels that run along axes: reductions, cumulative sums, softmax, sorting. */

import type { Reduction, View } from "../backend.ts";
import { elementsOf, numbersOf } from "../cpu-storage.ts";
import { forEachRow, withoutAxis } from "./strided-loop.ts";

interface Fold {
  readonly start: number;
  readonly step: (sum: number, x: number) => number;
}

const FOLDS: Record<Reduction, Fold> = {
  sum: { start: 0, step: (sum, x) => sum + x },
  prod: { start: 1, step: (product, x) => product * x },
  max: { start: Number.NEGATIVE_INFINITY, step: (best, x) => (x > best || Number.isNaN(x) ? x : best) },
  min: { start: Number.POSITIVE_INFINITY, step: (best, x) => (x < best || Number.isNaN(x) ? x : best) },
  any: { start: 0, step: (any, x) => (any !== 0 || x !== 0 ? 1 : 0) },
  all: { start: 1, step: (all, x) => (all !== 0 && x !== 0 ? 1 : 0) },
};

const BIGINT_FOLDS: Record<Reduction, { start: bigint | null; step: (sum: bigint, x: bigint) => bigint }> = {
  sum: { start: 0n, step: (sum, x) => sum + x },
  prod: { start: 1n, step: (product, x) => product * x },
  max: { start: null, step: (best, x) => (x > best ? x : best) },
  min: { start: null, step: (best, x) => (x < best ? x : best) },
  any: { start: 0n, step: (any, x) => (any !== 0n || x !== 0n ? 1n : 0n) },
  all: { start: 1n, step: (all, x) => (all !== 0n && x !== 0n ? 1n : 0n) },
};

/** Sums run in double precision and are rounded once. */
export function reduce(kernel: Reduction, x: View, out: View): void {
  const from = elementsOf(x);
  const to = elementsOf(out);
  const reduced = x.shape.map((size, axis) => (out.shape[axis] === 1 ? size : 1));
  const exact = from instanceof BigInt64Array;
  const { start, step } = (exact ? BIGINT_FOLDS : FOLDS)[kernel] as unknown as {
    start: number | null;
    step: (sum: number, x: number) => number;
  };
  forEachRow(out.shape, [x, out], (count, [i0, o0], [di, d]) => {
    for (let n = 0; n < count; n++) {
      let value = start;
      forEachRow(reduced, [{ strides: x.strides, offset: i0 + n * di }], (length, [first], [stride]) => {
        let i = first;
        let sum = value ?? (from[i] as number);
        for (let m = 0; m < length; m++, i += stride) sum = step(sum, from[i] as number);
        value = sum;
      });
      const at = o0 + n * d;
      if (to instanceof BigInt64Array) to[at] = BigInt(value ?? 0);
      else to[at] = Number(value);
    }
  });
}

export function argReduce(kernel: "max" | "min", x: View, axis: number, out: View): void {
  const from = elementsOf(x);
  const to = elementsOf(out) as BigInt64Array;
  const { shape, operands, size, steps } = withoutAxis(x.shape, axis, [x, out]);
  forEachRow(shape, operands, (count, [i0, o0], [di, d]) => {
    for (let n = 0; n < count; n++) {
      let best = from[i0 + n * di];
      let index = 0;
      for (let k = 1; k < size && !Number.isNaN(best); k++) {
        const value = from[i0 + n * di + k * steps[0]];
        if (kernel === "max" ? value > best : value < best || (value as number) !== value) {
          best = value;
          index = k;
        } else if (Number.isNaN(value)) {
          best = value;
          index = k;
        }
      }
      to[o0 + n * d] = BigInt(index);
    }
  });
}

export function cumulativeSum(x: View, axis: number, out: View): void {
  const from = elementsOf(x);
  const to = elementsOf(out);
  const { shape, operands, size, steps } = withoutAxis(x.shape, axis, [x, out]);
  forEachRow(shape, operands, (count, [i0, o0], [di, d]) => {
    for (let n = 0; n < count; n++) {
      if (to instanceof BigInt64Array) {
        let sum = 0n;
        for (let k = 0; k < size; k++) to[o0 + n * d + k * steps[1]] = sum += BigInt(from[i0 + n * di + k * steps[0]]);
      } else {
        let sum = 0;
        for (let k = 0; k < size; k++)
          to[o0 + n * d + k * steps[1]] = sum += from[i0 + n * di + k * steps[0]] as number;
      }
    }
  });
}

export const softmax = (x: View, axis: number, out: View): void => exponentials(x, axis, out, false);
export const logSoftmax = (x: View, axis: number, out: View): void => exponentials(x, axis, out, true);

/** softmax = e^(x − m) / Σ e^(x − m) with m the largest x, so that nothing overflows. */
function exponentials(x: View, axis: number, out: View, logarithm: boolean): void {
  const from = numbersOf(x);
  const to = numbersOf(out);
  const { shape, operands, size, steps } = withoutAxis(x.shape, axis, [x, out]);
  const [si, so] = steps;
  forEachRow(shape, operands, (count, [i0, o0], [di, d]) => {
    for (let n = 0; n < count; n++) {
      const i = i0 + n * di;
      const o = o0 + n * d;
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < size; k++) largest = Math.max(largest, from[i + k * si]);
      let sum = 0;
      for (let k = 0; k < size; k++) sum += Math.exp(from[i + k * si] - largest);
      const logSum = Math.log(sum);
      for (let k = 0; k < size; k++) {
        const value = from[i + k * si];
        to[o + k * so] = logarithm ? value - largest - logSum : Math.exp(value - largest) / sum;
      }
    }
  });
}

export function sort(x: View, axis: number, descending: boolean, values: View, indices: View): void {
  const from = elementsOf(x);
  const to = elementsOf(values);
  const order = elementsOf(indices) as BigInt64Array;
  const { shape, operands, size, steps } = withoutAxis(x.shape, axis, [x, values, indices]);
  forEachRow(shape, operands, (count, [i0, v0, n0], [di, dv, dn]) => {
    for (let n = 0; n < count; n++) {
      const line = Array.from({ length: size }, (_, k) => from[i0 + n * di + k * steps[0]]);
      const ranks = line.map((_, k) => k);
      ranks.sort((a, b) => (descending ? compare(line[b], line[a]) : compare(line[a], line[b])) || a - b);
      for (let k = 0; k < size; k++) {
        to[v0 + n * dv + k * steps[1]] = line[ranks[k]] as never;
        order[n0 + n * dn + k * steps[2]] = BigInt(ranks[k]);
      }
    }
  });
}

/** NaN counts as larger than everything. */
function compare(a: number | bigint, b: number | bigint): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
