import { ArgumentError, FormatError, randn, ShapeError, tensor } from "refrain";
import { MinMaxScaler, Scaler, StandardScaler } from "refrain/data";
import { describe, expect, it } from "vitest";

const SCALERS = [
  ["MinMaxScaler", () => new MinMaxScaler()],
  ["MinMaxScaler to −1 … 1", () => new MinMaxScaler({ featureRange: [-1, 1] })],
  ["StandardScaler", () => new StandardScaler()],
] as const;

const prices = tensor(
  [
    [1, 1000, 7],
    [2, 3000, 7],
    [4, 2000, 7],
    [9, 6000, 7],
  ],
  { dtype: "float64" },
);

describe.each(SCALERS)("%s", (_, make) => {
  it("has an inverse", () => {
    const x = randn([30, 4], { dtype: "float64" }).mul(50).add(1000);
    const scaler = make().fit(x);
    expect(scaler).toBeInstanceOf(Scaler);
    expect(scaler.inverse(scaler.transform(x)).sub(x).abs().max().item()).toBeLessThan(1e-10);
  });

  it("is fitted once: later values beyond the training part do not change it", () => {
    const scaler = make().fit(prices);
    const before = scaler.transform(prices).toArray();
    scaler.transform(prices.mul(100));
    expect(scaler.transform(prices).toArray()).toEqual(before);
  });

  it("treats every column by itself, whatever axes come before", () => {
    const whole = make().fitTransform(prices);
    for (const column of [0, 1, 2]) {
      expect(make().fitTransform(prices.select(1, column)).toArray()).toEqual(whole.select(1, column).toArray());
    }
    const folded = make().fitTransform(prices.reshape(2, 2, 3));
    expect(folded.reshape(4, 3).toArray()).toEqual(whole.toArray());
  });

  it("learns from a column with gaps what it learns from the column without them, and leaves the gaps", () => {
    const full = make().fit(tensor([3, 8, 5]));
    const gappy = make().fit(tensor([Number.NaN, 3, 8, Number.NaN, 5]));
    expect([gappy.offset, gappy.scale]).toEqual([full.offset, full.scale]);
    expect(gappy.transform(tensor([Number.NaN])).item()).toBeNaN();
  });

  it("survives JSON", () => {
    const scaler = make().fit(prices);
    const kind = scaler instanceof MinMaxScaler ? MinMaxScaler : StandardScaler;
    const again = kind.fromJSON(JSON.parse(JSON.stringify(scaler)));
    expect(again.transform(prices).toArray()).toEqual(scaler.transform(prices).toArray());
    expect(again.fit(prices).offset).toEqual(scaler.offset);
  });

  it("can be had for some columns alone", () => {
    const scaler = make().fit(prices);
    const second = prices.slice(1, 1, 2);
    expect(
      scaler
        .columns([1])
        .inverse(scaler.transform(prices).slice(1, 1, 2))
        .toArray(),
    ).toEqual(second.toArray());
    expect(() => scaler.columns([3])).toThrow(/no column 3; there are 3/);
  });

  it("refuses to be used before it was fitted, other columns, infinities and columns without values", () => {
    expect(() => make().transform(prices)).toThrow(/call fit/);
    expect(() =>
      make()
        .fit(prices)
        .transform(prices.slice(1, 0, 2)),
    ).toThrow(ShapeError);
    expect(() => make().fit(tensor([1, Number.POSITIVE_INFINITY]))).toThrow(/Infinity in row 1/);
    expect(() => make().fit(tensor([[1, Number.NaN]]))).toThrow(/column 1 has no values/);
    expect(() => make().loadState({ scaler: "Other", offset: [0], scale: [1] })).toThrow(FormatError);
  });
});

describe("the numbers", () => {
  it("of MinMaxScaler: the ends of the range at the ends of the training values", () => {
    const y = new MinMaxScaler({ featureRange: [-1, 3] }).fitTransform(prices);
    expect(y.select(1, 0).toArray()).toEqual([-1, -0.5, 0.5, 3]);
    expect(y.select(1, 1).toArray()).toEqual([-1, 0.6, -0.2, 3].map((v) => expect.closeTo(v, 12)));
  });

  it("of StandardScaler: mean 0, population deviation 1", () => {
    const y = new StandardScaler().fitTransform(prices);
    expect(y.mean(0).toArray()).toEqual([0, 0, 0].map((v) => expect.closeTo(v, 12)));
    expect(y.std({ dim: 0, correction: 0 }).toArray()).toEqual([1, 1, 0].map((v) => expect.closeTo(v, 12)));
  });

  it("of a constant column: the lower end, or 0", () => {
    expect(new MinMaxScaler({ featureRange: [2, 5] }).fitTransform(tensor([0.1, 0.1])).toArray()).toEqual([2, 2]);
    expect(new StandardScaler().fitTransform(tensor([0.1, 0.1, 0.1])).toArray()).toEqual([0, 0, 0]);
  });

  it("of an impossible range: refused", () => {
    expect(() => new MinMaxScaler({ featureRange: [1, 1] })).toThrow(ArgumentError);
  });
});

it("the gradient passes through the inverse", () => {
  const scaler = new MinMaxScaler().fit(prices);
  const y = randn([1, 3], { dtype: "float64" }).requiresGrad_();
  scaler.inverse(y).sum().backward();
  expect(y.grad?.toArray()).toEqual([[8, 5000, 1]]);
});
