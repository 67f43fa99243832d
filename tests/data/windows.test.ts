import { ArgumentError, arange, randn, ShapeError, type Tensor, zeros } from "refrain";
import { DataLoader, trainTestSplit, WindowDataset, windows } from "refrain/data";
import { describe, expect, it } from "vitest";

const floats = (n: number) => arange(n, undefined, 1, { dtype: "float64" });

describe("windows", () => {
  it("show inputSteps and ask for the horizon after them", () => {
    const [x, y] = windows(floats(8), { inputSteps: 3, horizon: 2, stride: 2 });
    expect(x.toArray()).toEqual([
      [0, 1, 2],
      [2, 3, 4],
    ]);
    expect(y.toArray()).toEqual([
      [3, 4],
      [5, 6],
    ]);
  });

  it("are as many as fit, for every length, and the last one ends with the series where the stride allows", () => {
    for (let steps = 4; steps < 20; steps++) {
      for (const stride of [1, 2, 3]) {
        const [x, y] = windows(floats(steps), { inputSteps: 3, horizon: 1, stride });
        const starts = Array.from({ length: steps }, (_, i) => i * stride).filter((start) => start + 4 <= steps);
        expect(x.select(1, 0).toArray()).toEqual(starts);
        expect(y.select(1, 0).toArray()).toEqual(starts.map((start) => start + 3));
      }
    }
  });

  it("are views: nothing is copied, and what is written into the series is seen", () => {
    const series = floats(10);
    const [x, y] = windows(series, { inputSteps: 4 });
    expect(x.storage).toBe(series.storage);
    expect(y.storage).toBe(series.storage);
    series.select(0, 4).fill_(-1);
    expect(x.select(0, 1).toArray()).toEqual([1, 2, 3, -1]);
    expect(y.select(0, 0).toArray()).toEqual([-1]);
  });

  it("keep the features last, and take targets from another tensor of the same steps", () => {
    const series = floats(12).reshape(6, 2);
    const [x, y] = windows(series, { inputSteps: 2, targets: series.slice(1, 1, 2) });
    expect(x.shape).toEqual([4, 2, 2]);
    expect(x.select(0, 1).toArray()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(y.toArray()).toEqual([[[5]], [[7]], [[9]], [[11]]]);
  });

  it("of a Fashion-MNIST-sized set take no memory of their own", () => {
    const images = zeros([60_000, 28, 28], { dtype: "uint8" });
    const dataset = new WindowDataset(images, { inputSteps: 14 });
    expect(dataset.length).toBe(840_000);
    expect(dataset.inputs.storage).toBe(images.storage);
    expect(dataset.batch([0, 839_999, 5])[0].shape).toEqual([3, 14, 28]);
  });

  it("that do not fit are refused with the numbers", () => {
    expect(() => windows(floats(5), { inputSteps: 5 })).toThrow(/5 steps holds no window of 5 \+ 1/);
    expect(() => windows(floats(5), { inputSteps: 0 })).toThrow(ArgumentError);
    expect(() => windows(floats(5), { inputSteps: 2, targets: floats(4) })).toThrow(ShapeError);
    expect(() => windows(floats(5), { inputSteps: 2, horizn: 2 } as never)).toThrow(/did you mean horizon/);
  });
});

describe("a dataset of windows", () => {
  const at = (x: Tensor) => x.toArray();

  it.each([
    ["[T]", [40]],
    ["[T, F]", [40, 3]],
    ["[S, T, F]", [5, 20, 3]],
    ["[S, T, F] of large windows", [4, 30, 40]],
  ])("of %s gives sample by sample and batch by batch the same windows", (_, shape) => {
    const series = randn(shape);
    const dataset = new WindowDataset(series, { inputSteps: 4, horizon: 2, stride: 2 });
    const [allInputs, allTargets] = windows(series, { inputSteps: 4, horizon: 2, stride: 2 });
    const flatten = (x: Tensor) => (shape.length === 3 ? x.reshape(-1, ...x.shape.slice(2)) : x);
    const order = [3, 0, dataset.length - 1, 3, 7];
    const [x, y] = dataset.batch(order);
    order.forEach((index, i) => {
      expect(at(x.select(0, i))).toEqual(at(flatten(allInputs).select(0, index)));
      expect(at(y.select(0, i))).toEqual(at(flatten(allTargets).select(0, index)));
      expect(at(dataset.at(index)[0])).toEqual(at(x.select(0, i)));
      expect(at(dataset.at(index)[1])).toEqual(at(y.select(0, i)));
    });
  });

  it("gives the same batches from a series whose axes lie in another order", () => {
    const plain = randn([3, 9, 2]);
    const turned = plain.permute(2, 0, 1).contiguous().permute(1, 2, 0);
    const options = { inputSteps: 3, horizon: 1 };
    const [a, b] = [plain, turned].map(
      (series) => new DataLoader(new WindowDataset(series, options), { batchSize: 5 }),
    );
    const batches = (loader: typeof a) => Array.from(loader, ([x, y]) => [at(x), at(y)]);
    expect(batches(b)).toEqual(batches(a));
  });
});

describe("a split in time order", () => {
  it("puts nothing from after the cut into a training window", () => {
    const series = floats(50);
    const [train, test] = trainTestSplit(series, { testSize: 12, overlap: 5 });
    const [x, y] = windows(train, { inputSteps: 5, horizon: 2 });
    expect(x.max().item()).toBeLessThan(38);
    expect(y.max().item()).toBeLessThan(38);
    const [, targets] = windows(test, { inputSteps: 5, horizon: 1 });
    expect(targets.reshape(-1).toArray()).toEqual(Array.from({ length: 12 }, (_, i) => 38 + i));
  });

  it("takes tensors as views, arrays and datasets alike", () => {
    const series = floats(8);
    const [train, test] = trainTestSplit(series);
    expect([train.storage, test.storage]).toEqual([series.storage, series.storage]);
    expect(train.toArray()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(trainTestSplit(["a", "b", "c"], { testSize: 1 })).toEqual([["a", "b"], ["c"]]);
    const [past, future] = trainTestSplit(new WindowDataset(series, { inputSteps: 2 }), { testSize: 0.5 });
    expect([past.length, future.length]).toEqual([3, 3]);
    expect(future.at(0)[1].toArray()).toEqual([5]);
  });

  it("refuses parts without anything in them", () => {
    expect(() => trainTestSplit(floats(4), { testSize: 4 })).toThrow(ArgumentError);
    expect(() => trainTestSplit(floats(4), { testSize: 0 })).toThrow(ArgumentError);
    expect(() => trainTestSplit(floats(4), { testSize: 2, overlap: 3 })).toThrow(/the 2 training steps, got 3/);
  });
});
