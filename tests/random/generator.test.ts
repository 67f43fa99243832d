import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { TypedArray } from "../../src/tensor/dtype.ts";
import { ArgumentError, FormatError } from "../../src/tensor/errors.ts";
import { defaultGenerator, manualSeed } from "../../src/tensor/random/default-generator.ts";
import { Generator } from "../../src/tensor/random/generator.ts";
import { multinomial } from "../../src/tensor/random/multinomial.ts";
import type { FloatArray } from "../../src/tensor/random/normal.ts";
import { truncNormal } from "../../src/tensor/random/trunc-normal.ts";

type DType = "float32" | "float64" | "int32" | "int64" | "uint8";
type Value = number | string | boolean | number[];
interface Step {
  line: string;
  method: string;
  dtype: DType;
  size: number;
  args: Value[];
  values: (number | string)[];
}
interface Fixtures {
  cases: { law: string; seed: string; steps: Step[] }[];
  states: { line: string; bytes: string }[];
  after: number[];
}

const path = new URL("../fixtures/random/generator.json", import.meta.url);
const { cases, states, after }: Fixtures = JSON.parse(readFileSync(path, "utf8"));

/** float32 rounding of a float64 result that is right to the last bit but one. */
const ROUNDING = 1e-7;
/** Two libraries' float64 logarithms and sines. */
const ROUNDING_64 = 4e-16;

const BLOCK_SIZE = 16;

function array(dtype: DType, from: number | ArrayLike<number>): TypedArray {
  if (dtype === "int64") return BigInt64Array.from({ length: from as number }, () => 0n);
  const make = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array }[dtype];
  return make.from(typeof from === "number" ? { length: from } : from);
}

/** Runs a step on a generator; text among the arguments is a bigint. */
function run(generator: Generator, { method, dtype, size, args }: Step): ArrayLike<number | bigint> {
  const [first, ...others] = args.map((x) => (typeof x === "string" ? BigInt(x) : x));
  if (method === "randperm") return generator.randperm(size);
  if (method === "multinomial") {
    return multinomial(generator, array(dtype, first as number[]) as FloatArray, size, others[0] as boolean);
  }
  const out = array(dtype, size);
  if (method === "truncNormal") return truncNormal(generator, out as FloatArray, ...([first, ...others] as number[]));
  if (method === "bernoulli") {
    return generator.bernoulli(out, Array.isArray(first) ? (array(dtype, first) as FloatArray) : (first as number));
  }
  const call = generator[method as "fillUniform"] as (...all: unknown[]) => ArrayLike<number | bigint>;
  return call.apply(generator, [out, ...(args.length > 0 ? [first, ...others] : [])]);
}

/** Blocks of float32 normals have PyTorch's own logarithm; other normals have the library's. */
const isExact = ({ method, dtype, size }: Step) =>
  method === "fillNormal"
    ? dtype === "float32" && size >= BLOCK_SIZE
    : !["exponential", "truncNormal"].includes(method);

function expectStep(got: ArrayLike<number | bigint>, step: Step): void {
  const { line, dtype, values } = step;
  const single = dtype === "float32";
  expect(got.length, line).toBe(values.length);
  for (let i = 0; i < got.length; i++) {
    const wanted =
      typeof values[i] === "string" ? BigInt(values[i]) : single ? Math.fround(Number(values[i])) : values[i];
    const value = typeof got[i] === "bigint" && typeof wanted === "number" ? Number(got[i]) : got[i];
    if (isExact(step)) {
      expect(value, `${line}, element ${i}`).toBe(wanted);
      continue;
    }
    const tolerance = (single ? ROUNDING : ROUNDING_64) * Math.max(1, Math.abs(Number(wanted)));
    expect(Math.abs(Number(value) - Number(wanted)), `${line}, element ${i}`).toBeLessThanOrEqual(tolerance);
  }
}

describe("a generator draws what PyTorch draws", () => {
  it.each(cases)("$law, seed $seed", ({ seed, steps }) => {
    const generator = new Generator(BigInt(seed));
    for (const step of steps) expectStep(run(generator, step), step);
  });
});

describe("a state", () => {
  const bytesOf = ({ bytes }: { bytes: string }) => new Uint8Array(Buffer.from(bytes, "base64"));

  it("has PyTorch's bytes: fresh, with a normal waiting, and at the end of a block", () => {
    const fresh = new Generator(2n ** 40n + 5n);
    expect(fresh.getState()).toEqual(bytesOf(states[0]));

    fresh.fillUniform(new Float32Array(700));
    fresh.fillNormal(new Float32Array(3));
    const got = fresh.getState();
    const wanted = bytesOf(states[1]);
    const waiting = (bytes: Uint8Array) => new DataView(bytes.buffer).getFloat64(5024, true);
    expect(Math.abs(waiting(got) - waiting(wanted))).toBeLessThanOrEqual(ROUNDING_64);
    got.fill(0, 5024, 5032);
    wanted.fill(0, 5024, 5032);
    expect(got).toEqual(wanted);

    const end = new Generator(0);
    end.fillUniform(new Float32Array(624));
    expect(end.getState()).toEqual(bytesOf(states[2]));
  });

  it("of PyTorch's is continued with PyTorch's numbers", () => {
    const generator = new Generator().setState(bytesOf(states[1]));
    expect(generator.initialSeed()).toBe(2n ** 40n + 5n);
    const normals = generator.fillNormal(new Float32Array(2));
    for (let i = 0; i < 2; i++) expect(Math.abs(normals[i] - after[i])).toBeLessThanOrEqual(ROUNDING);
    expect(generator.fillUniform(new Float32Array(10))).toEqual(Float32Array.from(after.slice(2)));
  });

  it("round trips in the middle of a stream, the waiting normal included", () => {
    const generator = new Generator(3);
    generator.fillUniform(new Float32Array(1000));
    generator.normal();
    const copy = new Generator().setState(generator.getState());
    expect(copy.fillNormal(new Float64Array(9))).toEqual(generator.fillNormal(new Float64Array(9)));
    expect(copy.randperm(1000)).toEqual(generator.randperm(1000));
  });

  it("is a copy: later draws do not change it", () => {
    const generator = new Generator(3);
    const state = generator.getState();
    const before = state.slice();
    generator.fillUniform(new Float32Array(1000));
    expect(state).toEqual(before);
  });

  it("that is none is refused", () => {
    const generator = new Generator(3);
    expect(() => generator.setState(new Uint8Array(5048))).toThrow(FormatError);
    expect(() => generator.setState(new Uint8Array(5056).fill(255))).toThrow(FormatError);
  });
});

describe("seeds", () => {
  it("are PyTorch's default when none is given", () => {
    expect(new Generator().initialSeed()).toBe(67280421310721n);
  });

  it("start the stream again, and drop the waiting normal", () => {
    const generator = new Generator(5);
    const first = generator.fillNormal(new Float32Array(3));
    expect(generator.manualSeed(5).fillNormal(new Float32Array(3))).toEqual(first);
  });

  it("count from 2^64 down when negative, and reach the stream by their low 32 bits", () => {
    expect(new Generator(-1).initialSeed()).toBe(2n ** 64n - 1n);
    expect(new Generator(2 ** 40 + 5).random32()).toBe(new Generator(5).random32());
  });

  it("that are not whole or beyond 64 bits are refused", () => {
    for (const seed of [0.5, Number.NaN, 2 ** 64, -(2n ** 63n) - 1n])
      expect(() => new Generator(seed)).toThrow(ArgumentError);
  });

  it("nobody can foresee differ from one another", () => {
    const generator = new Generator();
    const seed = generator.seed();
    expect(generator.initialSeed()).toBe(seed);
    expect(generator.seed()).not.toBe(seed);
  });

  it("of manualSeed start the default generator", () => {
    expect(manualSeed(1)).toBe(defaultGenerator);
    expect(defaultGenerator.random32()).toBe(new Generator(1).random32());
  });
});

describe("draws", () => {
  it("of 64 bits are two of 32, the high word first; of 53 their low bits", () => {
    const [words, wide, narrow] = [new Generator(9), new Generator(9), new Generator(9)];
    const bits = (BigInt(words.random32()) << 32n) | BigInt(words.random32());
    expect(wide.random64()).toBe(bits);
    expect(BigInt(narrow.random53())).toBe(bits & (2n ** 53n - 1n));
  });

  it("refuse what no distribution has", () => {
    const generator = new Generator(1);
    const out = new Float32Array(2);
    const weights = Float32Array.of(1, 2);
    const refused: (() => unknown)[] = [
      () => generator.fillUniform(out, 1, 0),
      () => generator.fillUniform(out, 0, Number.POSITIVE_INFINITY),
      () => generator.fillNormal(out, 0, -1),
      () => generator.randint(out, 3, 3),
      () => generator.randint(out, 0, 2.5),
      () => generator.randperm(-1),
      () => generator.bernoulli(out, 1.1),
      () => generator.bernoulli(out, Float32Array.of(0.5)),
      () => generator.bernoulli(out, Float32Array.of(0.5, Number.NaN)),
      () => generator.dropoutMask(out, -0.1),
      () => generator.exponential(out, 0),
      () => multinomial(generator, weights, 3),
      () => multinomial(generator, weights, 0),
      () => multinomial(generator, Float32Array.of(0, 0), 1),
      () => multinomial(generator, Float32Array.of(1, -1), 1, true),
      () => truncNormal(generator, out, 0, 0),
      () => truncNormal(generator, out, Number.NaN),
      () => truncNormal(generator, out, Number.POSITIVE_INFINITY),
      () => truncNormal(generator, out, 0, Number.POSITIVE_INFINITY),
      () => truncNormal(generator, out, 0, 1, 2, 2),
    ];
    for (const call of refused) expect(call).toThrow(ArgumentError);
    expect(generator.random32()).toBe(new Generator(1).random32());
  });
});
