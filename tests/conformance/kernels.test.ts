/** Every other kernel against the reference in float64, and in the layouts that it hands back to the reference. */

import { describe, expect, test } from "vitest";
import type { AdamStep, BinaryKernel, SgdStep, UnaryKernel, View } from "../../src/backend/backend.ts";
import { type CpuStorage, numbersOf } from "../../src/backend/cpu-storage.ts";
import {
  filled,
  inFloat64,
  like,
  Rng,
  reference,
  relativeError,
  sameBits,
  subjects,
  valuesOf,
  view,
} from "./subjects.ts";

/** Float32 sums over up to a few hundred products, relative to the largest of them. */
const SUMS = 2e-6;
/** Two units in the last place of a float32. */
const ULPS = 2.5e-7;

const SIZES = [1, 3, 15, 16, 17, 64, 1000];
const SPECIAL = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  1e-40,
  3e38,
  -200,
  200,
  88.5,
];

/** The largest error of any element relative to that element, for functions that promise as much everywhere. */
function elementError(got: View, truth: View): number {
  const a = numbersOf(got);
  const b = numbersOf(truth);
  let worst = 0;
  for (let i = got.offset; i < a.length; i++) {
    const expected = Math.fround(b[i]);
    if (Object.is(a[i], expected)) continue;
    const error = Math.abs(a[i] - b[i]) / Math.max(Math.abs(b[i]), 2 ** -126);
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return worst;
}

for (const { name, backend, use, threads } of subjects) {
  describe(name, () => {
    const EXACT: UnaryKernel[] = ["neg", "abs", "square", "relu", "sqrt", "reciprocal"];
    const CLOSE: UnaryKernel[] = ["exp", "log", "tanh", "sigmoid"];
    test.each([...EXACT, ...CLOSE])("%s is right to the last bits, at the edges too", (kernel) => {
      use();
      const rng = new Rng(1);
      for (const n of SIZES) {
        const x = filled([n], () => (rng.chance(0.2) ? rng.pick(SPECIAL) : rng.normal() * 10));
        const got = like(x);
        const truth = inFloat64(x);
        backend.unary(kernel, x, got);
        reference.unary(kernel, truth, truth);
        expect(elementError(got, truth), `n ${n}`).toBeLessThanOrEqual(EXACT.includes(kernel) ? 0 : ULPS);
      }
    });

    const BINARY: BinaryKernel[] = ["add", "sub", "mul", "div", "maximum", "minimum"];
    const GRADIENTS: BinaryKernel[] = ["sigmoidGradient", "tanhGradient", "reluGradient"];
    test.each([...BINARY, ...GRADIENTS])("%s takes numbers, rows, columns and matrices", (kernel) => {
      use();
      const rng = new Rng(2);
      const value = () => (rng.chance(0.1) ? rng.pick(SPECIAL.slice(0, 7)) : rng.normal());
      for (const [rows, columns] of [
        [1, 1],
        [3, 17],
        [7, 16],
        [40, 33],
      ]) {
        const full = () => filled([rows, columns], value);
        const row = { ...filled([columns], value), shape: [rows, columns], strides: [0, 1] };
        const column = { ...filled([rows], value), shape: [rows, columns], strides: [1, 0] };
        const one = { ...filled([1], value), shape: [rows, columns], strides: [0, 0] };
        const turned = filled([rows, columns], value, [1, 0]);
        const [shorter, scalar] = [filled([columns], value), filled([], value)];
        const operands = [full(), row, column, one, turned, shorter, scalar, 0.75];
        for (const x of operands)
          for (const y of operands) {
            const got = filled([rows, columns], () => 7);
            const expected = filled([rows, columns], () => 7);
            backend.binary(kernel, x, y, got);
            reference.binary(kernel, x, y, expected);
            if (GRADIENTS.includes(kernel)) expect(relativeError(got, expected)).toBeLessThan(ULPS);
            else expect(sameBits(got, expected)).toBe(true);
          }
      }
    });

    test("the gradient of relu passes where its output is NaN, as in PyTorch", () => {
      use();
      let i = 0;
      const y = filled([17], () => [Number.NaN, 0, -0, 2][i++ % 4]);
      for (const each of [backend, reference]) {
        const got = view([17]);
        each.binary(
          "reluGradient",
          y,
          filled([17], () => 3),
          got,
        );
        expect([...valuesOf(got)]).toEqual(Array.from({ length: 17 }, (_, n) => [3, 0, 0, 3][n % 4]));
      }
    });

    test("copies follow any strides", () => {
      use();
      const rng = new Rng(3);
      for (let i = 0; i < 40; i++) {
        const shape = Array.from({ length: rng.integer(0, 5) }, () => rng.integer(1, 5));
        const shuffled = () =>
          shape
            .map((_, axis) => ({ axis, key: rng.next() }))
            .sort((a, b) => a.key - b.key)
            .map(({ axis }) => axis);
        const x = filled(shape, () => rng.normal(), shuffled());
        const got = view(shape, shuffled());
        const expected = like(got);
        backend.copy(x, got);
        reference.copy(x, expected);
        expect(sameBits(got, expected)).toBe(true);
      }
    });

    test("copies repeat what is smaller", () => {
      use();
      const rng = new Rng(31);
      for (const shape of [[], [5], [4, 1], [3, 1, 5]]) {
        const x = filled(shape, () => rng.normal());
        const got = view([3, 4, 5]);
        const expected = view([3, 4, 5]);
        backend.copy(x, got);
        reference.copy(x, expected);
        expect(sameBits(got, expected)).toBe(true);
      }
    });

    test("accumulate adds a multiple", () => {
      use();
      const rng = new Rng(4);
      for (const n of SIZES) {
        const x = filled([n], () => rng.normal());
        const got = filled([n], () => rng.normal());
        const truth = inFloat64(got);
        backend.accumulate(x, got, -0.3);
        reference.accumulate(inFloat64(x), truth, -0.3);
        expect(relativeError(got, truth)).toBeLessThan(ULPS);
      }
    });

    test("sums run over any neighbouring axes", () => {
      use();
      const rng = new Rng(5);
      const shapes = [[1000], [3, 17], [300, 5, 7], [2, 500, 33], [4, 1, 9, 2]];
      for (const shape of shapes)
        for (let mask = 1; mask < 2 ** shape.length; mask++) {
          const x = filled(shape, () => rng.normal() + 0.5);
          const got = view(shape.map((size, axis) => ((mask >> axis) & 1 ? 1 : size)));
          const truth = inFloat64(got);
          backend.reduce("sum", x, got);
          reference.reduce("sum", inFloat64(x), truth);
          expect(relativeError(got, truth)).toBeLessThan(SUMS);
        }
    });

    test("softmax and its logarithm, with scores that would overflow", () => {
      use();
      const rng = new Rng(6);
      for (const [rows, n] of [
        [1, 1],
        [5, 10],
        [33, 100],
        [2, 1000],
      ]) {
        const x = filled([rows, n], () => rng.normal() * 100);
        const got = like(x);
        const truth = inFloat64(x);
        backend.softmax(x, 1, got);
        reference.softmax(inFloat64(x), 1, truth);
        expect(relativeError(got, truth)).toBeLessThan(SUMS);
        backend.logSoftmax(x, 1, got);
        reference.logSoftmax(inFloat64(x), 1, truth);
        expect(relativeError(got, truth)).toBeLessThan(SUMS);
      }
    });

    test("matmul takes every transposition, bias and accumulation", () => {
      use();
      const rng = new Rng(7);
      const sizes = [1, 2, 3, 5, 16, 17, 50, 64, 100, 137];
      for (let i = 0; i < 150; i++) {
        const [M, N, K] = [rng.pick(sizes), rng.pick(sizes), rng.pick(sizes)];
        const order = () => (rng.chance(0.5) ? [0, 1] : [1, 0]);
        const a = filled([M, K], () => rng.normal(), order());
        const b = filled([K, N], () => rng.normal(), order());
        const bias = rng.chance(0.5) ? filled([N], () => rng.normal()) : null;
        const got = filled([M, N], () => rng.normal());
        const accumulate = rng.chance(0.3);
        const truth = inFloat64(got);
        backend.matmul(a, b, got, bias, accumulate);
        reference.matmul(inFloat64(a), inFloat64(b), truth, bias && inFloat64(bias), accumulate);
        expect(relativeError(got, truth), `${M} × ${K} · ${K} × ${N}`).toBeLessThan(SUMS);
      }
    });

    test("a product leaves the small storages around its own alone", () => {
      use();
      const [M, K, N] = [32, 2, 8];
      const storages = Array.from({ length: 40 }, () => backend.allocate(200) as CpuStorage);
      for (const [i, storage] of storages.entries()) storage.float32.fill(i);
      const a = filled([M, K], () => 1);
      const b = filled([K, N], () => 1, [1, 0]);
      const out = view([M, N]);
      for (let i = 0; i < 3; i++) backend.matmul(a, b, out, null, false);
      for (const [i, storage] of storages.entries()) expect([...new Set(storage.float32)]).toEqual([i]);
    });

    test.skipIf(threads.length === 0)("the number of threads does not change a bit of a product", () => {
      use();
      const rng = new Rng(8);
      for (const [M, N, K] of [
        [400, 300, 100],
        [3, 2000, 900],
        [2000, 1, 3000],
      ]) {
        const a = filled([M, K], () => rng.normal());
        const b = filled([K, N], () => rng.normal(), [1, 0]);
        const product = (count: number) => {
          const out = view([M, N]);
          backend.setThreads(count);
          backend.matmul(a, b, out, null, false);
          return out;
        };
        const alone = product(1);
        for (const count of threads) expect(sameBits(product(count), alone)).toBe(true);
      }
      backend.setThreads(0);
    });

    test("the squared error and the squared norm", () => {
      use();
      const rng = new Rng(9);
      for (const n of [...SIZES, 100_000]) {
        const x = filled([n], () => rng.normal());
        const y = filled([n], () => rng.normal());
        const got = view([]);
        const truth = inFloat64(got);
        backend.squaredErrorSum(x, y, 0.5, got);
        reference.squaredErrorSum(inFloat64(x), inFloat64(y), 0.5, truth);
        expect(relativeError(got, truth)).toBeLessThan(SUMS);
        const norm = reference.squaredNorm([x, y]);
        expect(Math.abs(backend.squaredNorm([x, y]) - norm) / norm).toBeLessThan(SUMS);
      }
    });

    // `many` are more than fit into a call; none is so short that it may come to lie near 0 as a whole, where nothing is exact.
    const many = Array.from({ length: 47 }, (_, i) => [15, 16, 17, 64, 1000][i % 5]);
    const sizesOf = { few: SIZES, many };
    const parameters = (rng: Rng, sizes: readonly number[]) => sizes.map((n) => filled([n], () => rng.normal()));
    const copies = (views: View[]) => views.map(inFloat64);

    test.for(Object.entries(sizesOf))("SGD steps %s parameters as the reference does", ([, sizes]) => {
      use();
      for (let seed = 0; seed < 20; seed++) {
        const rng = new Rng(seed);
        const momentum = rng.pick([0, 0.9]);
        const step: SgdStep = {
          learningRate: 0.1,
          momentum,
          dampening: rng.pick([0, 0.2]),
          weightDecay: rng.pick([0, 0.01]),
          nesterov: rng.chance(0.5),
          maximize: rng.chance(0.5),
          first: rng.chance(0.5),
        };
        const [p, g, v] = [parameters(rng, sizes), parameters(rng, sizes), momentum > 0 ? parameters(rng, sizes) : []];
        const [p64, g64, v64] = [copies(p), copies(g), copies(v)];
        backend.sgdStep(p, g, v, step);
        reference.sgdStep(p64, g64, v64, step);
        [...p, ...v].forEach((value, i) => {
          expect(relativeError(value, [...p64, ...v64][i]), `seed ${seed}`).toBeLessThan(SUMS);
        });
      }
    });

    test.for(Object.entries(sizesOf))("Adam and AdamW step %s parameters as the reference does", ([, sizes]) => {
      use();
      for (let seed = 0; seed < 20; seed++) {
        const rng = new Rng(seed);
        const step: AdamStep = {
          learningRate: 0.01,
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          weightDecay: rng.pick([0, 0.01]),
          decoupled: rng.chance(0.5),
          maximize: rng.chance(0.5),
          step: rng.integer(1, 1000),
        };
        const [p, g, m, v] = [0, 1, 2, 3].map(() => parameters(rng, sizes));
        for (const square of v)
          numbersOf(square).forEach((x, i, all) => {
            all[i] = x * x;
          });
        const [p64, g64, m64, v64] = [p, g, m, v].map(copies);
        backend.adamStep(p, g, m, v, step);
        reference.adamStep(p64, g64, m64, v64, step);
        [...p, ...m, ...v].forEach((value, i) => {
          expect(relativeError(value, [...p64, ...m64, ...v64][i]), `seed ${seed}`).toBeLessThan(SUMS);
        });
      }
    });

    test.skipIf(backend.name === "wasm")("a detached or short buffer is an error, not a crash", () => {
      use();
      const x = filled([100], () => 1);
      const short: View = { ...x, shape: [1000], strides: [1] };
      expect(() =>
        backend.unary(
          "exp",
          short,
          filled([1000], () => 0),
        ),
      ).toThrow(/bytes, but/);
      const gone = filled([100], () => 1);
      structuredClone(numbersOf(gone).buffer, { transfer: [numbersOf(gone).buffer as ArrayBuffer] });
      expect(() => backend.unary("exp", gone, x)).toThrow(/bytes, but/);
      expect(() =>
        backend.matmul(view([50, 2]), { ...x, shape: [2, 60], strides: [60, 1] }, view([50, 60]), null, false),
      ).toThrow(/bytes, but/);
    });
  });
}
