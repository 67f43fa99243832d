import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/tensor/errors.ts";
import { NumpyRandom } from "../../src/tensor/random/numpy-random.ts";
import * as streams from "../../src/tensor/random/streams.ts";

interface Fixtures {
  cases: {
    law: string;
    seed: number | number[];
    steps: { line: string; method: string; args: unknown[]; values: number[] }[];
  }[];
  state: { key: number[]; position: number; hasGauss: boolean; cachedGaussian: number; next: number[] };
}

const path = new URL("../fixtures/random/numpy.json", import.meta.url);
const { cases, state }: Fixtures = JSON.parse(readFileSync(path, "utf8"));

/** Two libraries' float64 logarithms. */
const ROUNDING = 4e-16;

function expectNormals(got: ArrayLike<number>, wanted: readonly number[]): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < got.length; i++) {
    expect(Math.abs(got[i] - wanted[i])).toBeLessThanOrEqual(ROUNDING * Math.max(1, Math.abs(wanted[i])));
  }
}

describe("NumpyRandom draws what NumPy's RandomState draws", () => {
  it.each(cases)("$law", ({ seed, steps }) => {
    const random = new NumpyRandom(seed);
    for (const { line, method, args, values } of steps) {
      const call = random[method as "rand"] as (...all: unknown[]) => Float64Array;
      const got = call.apply(random, args);
      if (/normal|randn/i.test(method)) expectNormals(got, values);
      else expect(Array.from(got), line).toEqual(values);
    }
  });
});

describe("NumpyRandom", () => {
  it("reaches NumPy's state, and continues it", () => {
    const random = new NumpyRandom(7);
    random.rand(320);
    random.randn(3);
    const got = random.getState();
    expect(Array.from(got.key)).toEqual(state.key);
    expect(got.position).toBe(state.position);
    expect(got.hasGauss).toBe(state.hasGauss);
    expectNormals([got.cachedGaussian], [state.cachedGaussian]);

    const continued = new NumpyRandom(1).setState({ ...state, key: Uint32Array.from(state.key) });
    expectNormals(continued.randn(5), state.next);
  });

  it("round trips its state before the first draw", () => {
    const random = new NumpyRandom(3);
    expect(new NumpyRandom(1).setState(random.getState()).rand(700)).toEqual(random.rand(700));
  });

  it("draws one without a size as the first of many", () => {
    const one = new NumpyRandom(8);
    const many = new NumpyRandom(8);
    expect(one.random()).toBe(many.random(1)[0]);
    expect(one.uniform(-1, 1)).toBe(many.uniform(-1, 1, 1)[0]);
    expect(one.standardNormal()).toBe(many.standardNormal(1)[0]);
    expect(one.normal(3, 2)).toBe(many.normal(3, 2, 1)[0]);
    expect(one.randint(0, 100)).toBe(many.randint(0, 100, 1)[0]);
    expect(one.choice(100)).toBe(many.choice(100, 1)[0]);
  });

  it("draws as many as a shape holds, row by row, and whole numbers below one bound", () => {
    const draw = () => streams.numpy(8);
    expect(draw().rand(3, 2)).toEqual(draw().rand(6));
    expect(draw().randn([2, 2])).toEqual(draw().randn(4));
    expect(draw().normal(1, 2, [2, 2])).toEqual(draw().normal(1, 2, 4));
    expect(draw().uniform(0, 1, [3])).toEqual(draw().uniform(0, 1, 3));
    expect(draw().randint(9, null, [2, 3])).toEqual(draw().randint(0, 9, 6));
    expect(draw().randint(9)).toBe(draw().randint(0, 9));
    expect(draw().choice(5, [2, 2])).toEqual(draw().choice(5, 4));
    expect(draw().rand()).toBe(draw().random());
  });

  it("shuffles any array in place as permutation does", () => {
    const names = ["a", "b", "c", "d", "e"];
    new NumpyRandom(9).shuffle(names);
    expect(names).toEqual(Array.from(new NumpyRandom(9).permutation(5), (i) => "abcde"[i]));
  });

  it("refuses what no distribution has", () => {
    const random = new NumpyRandom(1);
    const refused: (() => unknown)[] = [
      () => random.seed(-1),
      () => random.seed(2 ** 32),
      () => random.seed([]),
      () => random.rand(-1),
      () => random.rand(3, -1),
      () => random.uniform(0, Number.NaN),
      () => random.normal([3, 2] as never),
      () => random.choice(3, 2, false as never),
      () => random.randint(0),
      () => random.normal(0, -1, 2),
      () => random.randint(3, 3, 2),
      () => random.choice(0, 1),
      () => random.choice(3, 4, { replace: false }),
      () => random.choice(3, 3, { replace: false, p: [0.5, 0.5, 0] }),
      () => random.choice(3, 1, { p: [0.5, 0.4, 0] }),
      () => random.choice(3, 1, { p: [0.5, 0.5] }),
      () => random.choice(3, 1, { p: [1.5, -0.5, 0] }),
      () => random.setState({ ...random.getState(), position: 625 }),
    ];
    for (const call of refused) expect(call).toThrow(ArgumentError);
  });
});
