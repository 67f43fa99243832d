import { ArgumentError, arange, Generator, manualSeed, randn, ShapeError, type Tensor, tensor } from "refrain";
import {
  BatchSampler,
  ConcatDataset,
  collate,
  DataLoader,
  Dataset,
  IterableDataset,
  RandomSampler,
  randomSplit,
  SequentialSampler,
  Subset,
  TensorDataset,
  WeightedRandomSampler,
} from "refrain/data";
import { describe, expect, it } from "vitest";

class Squares extends Dataset<[Tensor, number]> {
  readonly length = 7;
  at(i: number): [Tensor, number] {
    return [tensor([i, -i]), i * i];
  }
}

class Countdown extends IterableDataset<number> {
  *[Symbol.iterator](): Iterator<number> {
    for (let i = 5; i > 0; i--) yield i;
  }
}

describe("a tensor dataset", () => {
  it.each([
    ["numbers", [50]],
    ["small rows", [50, 3]],
    ["large rows", [50, 9, 11]],
  ])("gathers batches of %s that equal the rows taken one by one", (_, shape) => {
    const x = randn(shape);
    for (const source of [
      x,
      x.flip(0),
      randn([2, ...shape]).select(0, 1),
      randn([...shape].reverse()).permute(...shape.map((_, i) => shape.length - 1 - i)),
    ]) {
      const dataset = new TensorDataset(source, arange(50));
      for (const rows of [[0], [4, 5, 6], [9, 2], [49, 0, 17, 17, 3], [30, 20, 10]]) {
        const [batch, numbers] = dataset.batch(rows);
        expect(batch.toArray()).toEqual(rows.map((row) => source.select(0, row).toArray()));
        expect(numbers.toArray()).toEqual(rows);
      }
    }
  });

  it("gives batches memory of their own and rows as views", () => {
    const x = arange(6);
    const dataset = new TensorDataset(x);
    dataset.batch([0, 1, 2])[0].fill_(9);
    expect(x.toArray()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(dataset.at(-1)[0].storage).toBe(x.storage);
  });

  it("passes gradients to a tensor that wants them", () => {
    const x = randn([5, 2]).requiresGrad_();
    new TensorDataset(x).batch([3, 1, 3])[0].sum().backward();
    expect(x.grad?.select(1, 0).toArray()).toEqual([0, 1, 0, 2, 0]);
  });

  it("refuses tensors of different lengths, numbers, and rows that are not there", () => {
    expect(() => new TensorDataset(randn([4, 2]), randn([5]))).toThrow(/\[4, 2\], \[5\]/);
    expect(() => new TensorDataset(tensor(1))).toThrow(ShapeError);
    expect(() => new TensorDataset(randn([4])).batch([0, 4])).toThrow(/no sample 4; there are 4/);
  });
});

describe("collate", () => {
  it("joins what stands at the same place, whatever it is", () => {
    const batch = collate([
      { x: tensor([1, 2]), label: "a", pair: [1, 2n] as const, flag: true },
      { x: tensor([3, 4]), label: "b", pair: [5, 6n] as const, flag: false },
    ]);
    expect(batch.x.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(batch.label).toEqual(["a", "b"]);
    expect(batch.pair.map((each) => [each.dtype, each.toArray()])).toEqual([
      ["float32", [1, 5]],
      ["int64", [2, 6]],
    ]);
    expect([batch.flag.dtype, batch.flag.toArray()]).toEqual(["bool", [true, false]]);
    expect(collate([new Float64Array([1, 2])]).dtype).toBe("float64");
  });

  it("names the place and the cure where shapes differ", () => {
    const samples = [
      [tensor([1]), tensor([1])],
      [tensor([1]), tensor([1, 2])],
    ];
    expect(() => collate(samples)).toThrow(/sample 1\[1\] is \[2\], the first is \[1\]; pad them/);
    expect(() => collate([null])).toThrow(/null/);
  });
});

describe("loaders", () => {
  it("take datasets of one's own, arrays and iterables", () => {
    const batches = Array.from(new DataLoader(new Squares(), { batchSize: 3 }), ([x, y]) => [x.shape, y.toArray()]);
    expect(batches).toEqual([
      [
        [3, 2],
        [0, 1, 4],
      ],
      [
        [3, 2],
        [9, 16, 25],
      ],
      [[1, 2], [36]],
    ]);
    expect(Array.from(new DataLoader(["a", "b", "c"], { batchSize: 2 }))).toEqual([["a", "b"], ["c"]]);
    const countdown = (dropLast: boolean) =>
      Array.from(new DataLoader(new Countdown(), { batchSize: 2, dropLast }), (x) => x.toArray());
    expect(countdown(false)).toEqual([[5, 4], [3, 2], [1]]);
    expect(countdown(true)).toEqual([
      [5, 4],
      [3, 2],
    ]);
  });

  it("give every sample once an epoch, in an order that changes", () => {
    manualSeed(0);
    const loader = new DataLoader(new TensorDataset(arange(100)), { batchSize: 7, shuffle: true });
    const epoch = () => Array.from(loader, ([x]) => x.toArray() as number[]).flat();
    const [one, two] = [epoch(), epoch()];
    expect(one).not.toEqual(two);
    for (const order of [one, two]) expect(order.toSorted((a, b) => a - b)).toEqual(arange(100).toArray());
  });

  it("follow samplers and batch samplers", () => {
    const dataset = new TensorDataset(arange(10));
    const seen = (loader: Iterable<[Tensor]>) => Array.from(loader, ([x]) => x.toArray());
    expect(seen(new DataLoader(dataset, { sampler: [8, 1, 5], batchSize: 2 }))).toEqual([[8, 1], [5]]);
    const batchSampler = new BatchSampler(new SequentialSampler(dataset), 4, true);
    expect(seen(new DataLoader(dataset, { batchSampler }))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(new DataLoader(dataset, { batchSampler }).length).toBe(2);
  });

  it("with batchSize null give the samples themselves", () => {
    const loader = new DataLoader<[Tensor, number], [Tensor, number]>(new Squares(), { batchSize: null });
    expect(Array.from(loader, ([x, y]) => [x.shape, y])[3]).toEqual([[2], 9]);
    expect(loader.length).toBe(7);
  });

  it("refuse options that contradict one another or do not exist", () => {
    const data = new TensorDataset(arange(4));
    expect(() => new DataLoader(data, { batchSzie: 2 } as never)).toThrow(
      /no option batchSzie; did you mean batchSize/,
    );
    expect(() => new DataLoader(data, { batchSize: 0 })).toThrow(/whole number ≥ 1, got 0/);
    expect(() => new DataLoader(data, { shuffle: true, sampler: [0] })).toThrow(ArgumentError);
    expect(() => new DataLoader(data, { batchSampler: [[0]], batchSize: 2 })).toThrow(ArgumentError);
    expect(() => new DataLoader(data, { batchSize: null, dropLast: true })).toThrow(ArgumentError);
    expect(() => new DataLoader(new Countdown(), { shuffle: true })).toThrow(/iterable dataset/);
    expect(() => new DataLoader(new Countdown()).length).toThrow(/does not know its length/);
    expect(() => new DataLoader(randn([4, 2]) as never)).toThrow(/new TensorDataset/);
    expect(() => new DataLoader([], { shuffle: true })).toThrow(/numSamples must be a whole number ≥ 1/);
  });
});

describe("parts of datasets", () => {
  it("concatenated and divided again are the whole", () => {
    const whole = new ConcatDataset([new Squares(), new Subset(new Squares(), [6, 2]), new Squares()]);
    expect(whole.length).toBe(16);
    expect([0, 6, 7, 8, 9, 15, -1].map((i) => whole.at(i)[1])).toEqual([0, 36, 36, 4, 0, 36, 36]);
    expect(whole.batch([8, 9])[1].toArray()).toEqual([4, 0]);
    expect(() => whole.at(16)).toThrow(/no sample 16; there are 16/);
    const parts = randomSplit(whole, [0.5, 0.3, 0.2], { generator: new Generator(1) });
    expect(parts.map((part) => part.length)).toEqual([9, 4, 3]);
    expect(parts.flatMap((part) => part.indices).toSorted((a, b) => a - b)).toEqual(arange(16).toArray());
  });

  it("lengths that do not add up, impossible weights and misspelt options are refused", () => {
    expect(() => randomSplit(new Squares(), [3, 3])).toThrow(/add up to 6; give sizes that add up to 7/);
    expect(() => new WeightedRandomSampler([1, -1], 2)).toThrow(/weight 1 is -1/);
    expect(() => new WeightedRandomSampler([1, 1], 3, { replacement: false })).toThrow(ArgumentError);
    expect(() => new RandomSampler([1, 2], { replacment: true } as never)).toThrow(/did you mean replacement/);
  });
});
