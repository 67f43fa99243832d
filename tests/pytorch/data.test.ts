import { readFileSync } from "node:fs";
import { arange, defaultGenerator, Generator, manualSeed, nn } from "refrain";
import {
  DataLoader,
  type Dataset,
  RandomSampler,
  randomSplit,
  type Sampler,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} from "refrain/data";
import { describe, expect, it } from "vitest";

interface LoaderCase {
  law: string;
  n: number;
  seed: number;
  generatorSeed: number | null;
  stopAfter: number | null;
  batchSize: number;
  shuffle: boolean;
  dropLast: boolean;
  length: number;
  epochs: { batches: number[][]; draw: number; own: number | null }[];
}
interface SamplerCase {
  law: string;
  name: "RandomSampler" | "SubsetRandomSampler" | "WeightedRandomSampler";
  args: unknown[];
  options: object;
  seed: number;
  generatorSeed: number | null;
  length: number;
  passes: { order: number[]; draw: number }[];
}
interface Fixtures {
  loaders: LoaderCase[];
  samplers: SamplerCase[];
  splits: { n: number; lengths: number[]; seed: number; parts: number[][]; draw: number }[];
  modules: { epochs: number[][][]; linear: number[]; lstm: number[]; draw: number };
}

const path = new URL("../fixtures/data/data.json", import.meta.url);
const fixtures: Fixtures = JSON.parse(readFileSync(path, "utf8"));

/** `torch.rand(1)`: equal only if everything before it drew what PyTorch drew. */
const draw = (generator: Generator = defaultGenerator) => generator.fillUniform(new Float32Array(1))[0];

const numbered = (n: number) => new TensorDataset(arange(n));
const numbersOf = (x: { toArray(): unknown }) => x.toArray() as number[];

describe("loaders visit samples in PyTorch's order, epoch after epoch, and leave the streams where PyTorch leaves them", () => {
  it.each(fixtures.loaders)("$law", ({ n, seed, generatorSeed, stopAfter, length, epochs, ...options }) => {
    const { batchSize, shuffle, dropLast } = options;
    manualSeed(seed);
    const generator = generatorSeed === null ? null : new Generator(generatorSeed);
    const loader = new DataLoader(numbered(n), {
      batchSize,
      shuffle,
      dropLast,
      ...(generator === null ? {} : { generator }),
    });
    expect(loader.length).toBe(length);
    for (const epoch of epochs) {
      const batches: number[][] = [];
      for (const [x] of loader) {
        batches.push(numbersOf(x));
        if (batches.length === stopAfter) break;
      }
      expect(batches).toEqual(epoch.batches);
      expect(draw()).toBe(epoch.draw);
      if (generator !== null) expect(draw(generator)).toBe(epoch.own);
    }
  });

  it("modules made before and between epochs get the values that PyTorch gives them", () => {
    const { epochs, linear, lstm, draw: last } = fixtures.modules;
    manualSeed(9);
    const first = new nn.Linear(3, 2);
    const loader = new DataLoader(numbered(8), { batchSize: 3, shuffle: true });
    const one = Array.from(loader, ([x]) => numbersOf(x));
    const second = new nn.LSTM(2, 3);
    const two = Array.from(loader, ([x]) => numbersOf(x));
    expect([one, two]).toEqual(epochs);
    expect(numbersOf(first.weight.flatten())).toEqual(linear);
    expect(numbersOf(second.stateDict().weight_hh_l0.flatten())).toEqual(lstm);
    expect(draw()).toBe(last);
  });

  it("a collate function changes the batches, not the order", () => {
    const { seed, epochs } = fixtures.loaders.find(({ law }) => law === "shuffled") as LoaderCase;
    manualSeed(seed);
    const loader = new DataLoader(numbered(10), {
      batchSize: 4,
      shuffle: true,
      collate: (samples) => samples.map(([x]) => x.item()),
    });
    expect([...loader]).toEqual(epochs[0].batches);
  });
});

describe("samplers give PyTorch's orders", () => {
  it.each(fixtures.samplers)("$law", ({ name, args, options, seed, generatorSeed, length, passes }) => {
    manualSeed(seed);
    const generator = generatorSeed === null ? null : new Generator(generatorSeed);
    const all = generator === null ? options : { ...options, generator };
    const [first, second] = args as [never, never];
    const sampler: Sampler = {
      RandomSampler: () => new RandomSampler({ length: first }, all),
      SubsetRandomSampler: () => new SubsetRandomSampler(first, all),
      WeightedRandomSampler: () => new WeightedRandomSampler(first, second, all),
    }[name]();
    expect(sampler.length).toBe(length);
    for (const pass of passes) {
      expect([...sampler]).toEqual(pass.order);
      expect(draw(generator ?? defaultGenerator)).toBe(pass.draw);
    }
  });
});

describe("randomSplit divides as PyTorch does", () => {
  it.each(fixtures.splits)("$n into $lengths", ({ n, lengths, seed, parts, draw: last }) => {
    manualSeed(seed);
    const dataset = numbered(n) as unknown as Dataset<unknown>;
    expect(randomSplit(dataset, lengths).map((part) => part.indices)).toEqual(parts);
    expect(draw()).toBe(last);
  });
});
