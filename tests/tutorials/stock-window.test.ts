import { existsSync } from "node:fs";
import { join } from "node:path";
import { tensor } from "refrain";
import { MinMaxScaler } from "refrain/data";
import { beforeAll, describe, expect, it } from "vitest";
import { DataSource, MissingData } from "../../tutorials/data-source.ts";
import { priceWindows } from "../../tutorials/price-windows.ts";
import { trainOnLevels } from "../../tutorials/stock-window/program.ts";
import { BUNDLED_DATA, type QuickRun, quickRun, SHARED_DATA } from "./quick-run.ts";

/** May not be shipped: the tests that need it run where it lies beside the repository. */
const hasStocks = existsSync(join(SHARED_DATA, "stock_daily.csv"));

describe("windows of prices", () => {
  const close = Float64Array.of(100, 110, 99, 198, 99);
  const { x, y, last, truth, sigma, toPrices } = priceWindows({ close, volume: Float64Array.of(0, 0, 0, 0, 0) }, 2, 3);

  it("are relative to the last close, in deviations of the training part's changes", () => {
    expect(sigma).toBeCloseTo(0.1, 12); // of +10 % and −10 %
    expect(x.shape).toEqual([3, 2, 2]);
    const expected = [100 / 110 - 1, 0, 110 / 99 - 1, 0, 99 / 198 - 1, 0].map((change) => change / 0.1);
    Array.from(x.select(2, 0).toTypedArray() as Float32Array).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    expect(Array.from(last)).toEqual([110, 99, 198]);
    expect(Array.from(truth)).toEqual([99, 198, 99]);
    expect(y.toArray()).toEqual([[-1], [10], [-5]].map(([value]) => [expect.closeTo(value, 5)]));
  });

  it("give the naive forecast for an output of 0, and the truth for the target", () => {
    expect(Array.from(toPrices(Float64Array.of(0, 0), 1))).toEqual([99, 198]);
    const back = toPrices(Float64Array.from(y.toTypedArray() as Float32Array), 0);
    back.forEach((price, n) => {
      expect(price).toBeCloseTo(truth[n], 3);
    });
  });

  it("of the past do not change when the future does", () => {
    const other = priceWindows({ close: Float64Array.of(100, 110, 99, 5, 7000) }, 2, 3);
    expect(other.sigma).toBe(sigma);
    expect(other.x.select(0, 0).toArray()).toEqual(x.narrow(2, 0, 1).select(0, 0).toArray());
  });
});

describe("the lesson on data that ships", () => {
  let lesson: QuickRun;
  beforeAll(async () => {
    lesson = await quickRun("stock-window");
  });

  it("says that it has no mark there", () => {
    expect(lesson.metrics.reached).toBeNull();
    expect(lesson.lines.join("\n")).toContain("There is no mark for dax_in_nikkei_format.csv");
  });

  it("finds changes as good as naive, and levels that leave their range far worse", () => {
    const { naiveRmse, changesRmse, levelsRmse } = lesson.metrics as Record<string, unknown> as Record<string, number>;
    expect(naiveRmse).toBeCloseTo(53.03, 2);
    expect(changesRmse / naiveRmse).toBeGreaterThan(0.98);
    expect(changesRmse / naiveRmse).toBeLessThan(1.03);
    expect(levelsRmse).toBeGreaterThan(5 * naiveRmse);
  });

  it("draws the loss, the predictions and the scores", () => {
    expect([...lesson.figures.keys()]).toEqual(["loss", "predictions", "test-predictions", "scores"]);
  });
});

describe.skipIf(!hasStocks)("the lesson on its own file (not shipped: no licence)", () => {
  it("has the naive error of its 218 test windows", async () => {
    const { metrics } = await quickRun("stock-window", [SHARED_DATA]);
    expect(metrics.reached).toBe(true);
    expect(metrics.naiveRmse).toBeCloseTo(8.0016, 4);
    expect(metrics.naiveScaledRmse).toBeCloseTo(0.02332, 5);
  });
});

it("training on levels sees no test window", () => {
  const days = Array.from({ length: 40 }, (_, day) => [0, 1, 2, 3, 4].map((k) => Math.sin(day + k)));
  const changed = days.map((row, day) => (day < 27 ? row : row.map((value) => value + 9)));
  const scaler = new MinMaxScaler().fit(tensor(days.slice(0, 27)));
  const [a, b] = [days, changed].map((each) => trainOnLevels(tensor(each), scaler, 20, 5, 1));
  expect(b.losses).toEqual(a.losses);
  expect(b.scaled.subarray(0, 20)).toEqual(a.scaled.subarray(0, 20));
});

describe("data", () => {
  it("comes from the first folder that has the lesson's own file, then from a stand-in", async () => {
    const source = new DataSource([BUNDLED_DATA]);
    expect((await source.file("no-such.csv", "sunspots_yearly.csv")).name).toBe("sunspots_yearly.csv");
  });

  it("that is nowhere is an error that names file, folders and cure", async () => {
    await expect(new DataSource([BUNDLED_DATA]).file("no-such.csv")).rejects.toThrow(/no no-such\.csv in .*--data/);
    await expect(new DataSource(["no-such-folder"]).file("a.csv")).rejects.toThrow(MissingData);
  });
});
