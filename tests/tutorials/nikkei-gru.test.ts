import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { DataSource } from "../../tutorials/data-source.ts";
import { readPrices } from "../../tutorials/nikkei-gru/prices.ts";
import { simulate } from "../../tutorials/nikkei-gru/simulation.ts";
import { BUNDLED_DATA, type QuickRun, quickRun, SHARED_DATA } from "./quick-run.ts";

const OWN_FILE = "nikkei_1001_2010-2017.csv";
/** May not be shipped: the test that needs it runs where it lies beside the repository. */
const hasNikkei = existsSync(join(SHARED_DATA, OWN_FILE));

describe("trading by forecast", () => {
  const last = Float64Array.of(100, 110, 99);
  const next = Float64Array.of(110, 99, 99);

  it("gains what the truth gains while it holds, and nothing else", () => {
    const { value, trades } = simulate(last, next, Float64Array.of(120, 100, 90), 0, 0);
    expect(Array.from(value)).toEqual([1, 1.1, 1.1, 1.1]); // bought, sold before the fall, stayed out
    expect(trades).toBe(2);
  });

  it("pays the fee for every trade", () => {
    const { value } = simulate(last, next, Float64Array.of(120, 100, 90), 0.01, 0);
    expect(value[1]).toBeCloseTo(0.99 * 1.1, 12);
    expect(value[2]).toBeCloseTo(0.99 * 1.1 * 0.99, 12);
  });

  it("does nothing for a forecast within the threshold", () => {
    const { value, trades } = simulate(last, next, Float64Array.of(101, 111, 98.5), 0.01, 0.02);
    expect(Array.from(value)).toEqual([1, 1, 1, 1]);
    expect(trades).toBe(0);
  });

  it("holds the truth's own gain when it is always told to buy", () => {
    const { value, trades } = simulate(last, next, Float64Array.of(200, 200, 200), 0, 0);
    expect(value[3]).toBeCloseTo(0.99, 12);
    expect(trades).toBe(1);
  });
});

describe("the lesson on data that ships", () => {
  let lesson: QuickRun;
  beforeAll(async () => {
    lesson = await quickRun("nikkei-gru");
  });

  it("reads the Japanese file: names, days and prices", async () => {
    const { close, prices, title, dates } = await readPrices({
      data: new DataSource([BUNDLED_DATA]),
      options: {},
      print: () => {},
    });
    expect(title).toBe("ＤＡＸ指数");
    expect([close.length, close[0], prices!.length, dates[0]]).toEqual([1860, 1628.75, 3, "1991-07-01"]);
  });

  it("says that it has no mark there", () => {
    expect(lesson.metrics.reached).toBeNull();
    expect(lesson.lines.join("\n")).toContain("There is no mark for dax_in_nikkei_format.csv");
  });

  it("finds changes as good as naive, and raw levels far worse", () => {
    const metrics = lesson.metrics as Record<string, unknown> as Record<string, number>;
    expect(metrics.ratioToNaive).toBeGreaterThan(0.97);
    expect(metrics.ratioToNaive).toBeLessThan(1.03);
    expect(metrics.levelsRmse).toBeGreaterThan(2 * metrics.naiveRmse);
    expect(metrics.coverage80).toBeGreaterThan(0.5);
    expect(metrics.byForecastNoFees).toBeGreaterThanOrEqual(metrics.byForecast);
  });

  it("keeps the Japanese name in its figures", () => {
    expect(JSON.stringify(lesson.figures.get("whole-series")!.spec)).toContain("ＤＡＸ指数");
    expect([...lesson.figures.keys()]).toEqual(["loss", "whole-series", "test-predictions", "trading"]);
  });
});

describe.skipIf(!hasNikkei)("the lesson on its own file (not shipped: no licence)", () => {
  it("has the naive error of its 587 test windows", async () => {
    const { metrics } = await quickRun("nikkei-gru", [SHARED_DATA]);
    expect(metrics.reached).toBe(true);
    expect(metrics.naiveRmse).toBeCloseTo(244.1, 1);
  });
});
