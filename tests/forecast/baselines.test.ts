import { describe, expect, test } from "vitest";
import { backtest, lossPerOrigin, residuals, scoreBacktest } from "../../src/forecast/backtest.ts";
import { fitAutoregression } from "../../src/forecast/baselines/ar.ts";
import type { BaselineName } from "../../src/forecast/baselines/baseline.ts";
import { BASELINES } from "../../src/forecast/baselines/index.ts";
import { fitLinear } from "../../src/forecast/baselines/linear.ts";
import { maseScale } from "../../src/forecast/metrics.ts";
import { detectSeason } from "../../src/forecast/season.ts";
import { splitRows } from "../../src/forecast/split.ts";
import { airPassengers, nikkeiClose, noise, stockClose, sunspots } from "./data.ts";

/** Test RMSE by name, by the one protocol: fitted on the training part, every origin of the test part, steps 1 … horizon. */
function testScores(values: Float64Array, parts: readonly number[], horizon: number): Record<BaselineName, number> {
  const split = splitRows(values.length, parts, { horizon });
  const training = values.subarray(0, split.train.end);
  const season = detectSeason(training).period;
  const score = (name: BaselineName) => {
    const fitted = BASELINES[name].fit(training, { horizon, season });
    return scoreBacktest(backtest(values, fitted.forecast, { part: split.test, horizon }), maseScale(training)).rmse;
  };
  return Object.fromEntries(Object.keys(BASELINES).map((name) => [name, score(name as BaselineName)])) as Record<
    BaselineName,
    number
  >;
}

describe("known scores on real series", () => {
  test("AirPassengers, one month ahead", () => {
    const rmse = testScores(airPassengers, [96, 24, 24], 1);
    expect(rmse.naive).toBeCloseTo(51.8, 1);
    expect(rmse.seasonalNaive).toBeCloseTo(50.0, 1);
    expect(rmse.linear).toBeCloseTo(13.2, 1);
    expect(rmse.ar).toBeLessThan(16.9);
  });
  test("AirPassengers, a year ahead", () => {
    const rmse = testScores(airPassengers, [96, 24, 24], 12);
    expect(rmse.naive).toBeCloseTo(99.2, 1);
    expect(rmse.seasonalNaive).toBeCloseTo(53.4, 1);
    expect(rmse.linear).toBeCloseTo(12.6, 1);
    expect(rmse.ar).toBeLessThan(29.2);
  });
  test("sunspots, one year ahead", () => {
    const rmse = testScores(sunspots, [201, 50, 58], 1);
    expect(rmse.naive).toBeCloseTo(32.8, 1);
    expect(Math.abs(rmse.linear - 18.4)).toBeLessThan(0.1);
    expect(rmse.ar).toBeLessThan(22.3);
  });
  test.skipIf(!stockClose)(
    "stock prices: nothing beats naive by more than 2 % (skipped where stock_daily.csv is absent)",
    () => {
      const rmse = testScores(stockClose!, [0.6, 0.2, 0.2], 1);
      expect(Math.abs(rmse.naive - 7.41)).toBeLessThan(0.005);
      expect(Math.abs(rmse.linear - 7.34)).toBeLessThan(0.02);
      for (const score of Object.values(rmse)) expect(Math.abs(score / rmse.naive - 1)).toBeLessThan(0.02);
    },
  );
  test.skipIf(!nikkeiClose)(
    "the Nikkei: nothing beats naive by more than 1 % (skipped where its file is absent)",
    () => {
      const rmse = testScores(nikkeiClose!, [0.6, 0.2, 0.2], 1);
      expect(rmse.naive).toBeCloseTo(188.6, 1);
      expect(Math.abs(rmse.linear - 188.0)).toBeLessThan(0.5);
      for (const score of Object.values(rmse)) expect(Math.abs(score / rmse.naive - 1)).toBeLessThan(0.01);
    },
  );
});

describe("the past does not change when the future does", () => {
  for (const name of Object.keys(BASELINES) as BaselineName[]) {
    test(name, () => {
      const cut = 90;
      const options = { horizon: 6, season: 12 };
      const changed = airPassengers.map((value, row) => (row >= cut ? 3 * value + row : value));
      const before = BASELINES[name].fit(airPassengers.subarray(0, cut), options);
      const after = BASELINES[name].fit(changed.subarray(0, cut), options);
      expect(after.description).toBe(before.description);
      const part = { start: 60, end: cut };
      expect(backtest(changed, after.forecast, { part, horizon: 6 }).forecast).toEqual(
        backtest(airPassengers, before.forecast, { part, horizon: 6 }).forecast,
      );
    });
  }
});

describe("closed forms", () => {
  const training = Float64Array.of(1, 4, 2, 5, 3, 7);
  test("naive, seasonal naive and drift", () => {
    const history = Float64Array.of(10, 20, 30, 40);
    const forecast = (name: BaselineName) => [
      ...BASELINES[name].fit(training, { horizon: 5, season: 3 }).forecast(history, 5),
    ];
    expect(forecast("naive")).toEqual([40, 40, 40, 40, 40]);
    expect(forecast("seasonalNaive")).toEqual([20, 30, 40, 20, 30]);
    const slope = 6 / 5;
    forecast("drift").forEach((value, i) => {
      expect(value).toBeCloseTo(40 + (i + 1) * slope, 12);
    });
  });
  test("without a season, seasonal naive is naive; a season longer than the training part is an error", () => {
    const fitted = BASELINES.seasonalNaive.fit(training, { horizon: 2 });
    expect([...fitted.forecast(training, 2)]).toEqual([7, 7]);
    expect(fitted.description).toContain("no season");
    expect(() => BASELINES.seasonalNaive.fit(training, { horizon: 2, season: 9 })).toThrow(
      "longer than the training part",
    );
  });
});

describe("linear", () => {
  test("is exact on two added sines, in every form", () => {
    const values = Float64Array.from(
      { length: 200 },
      (_, t) => 5 + Math.sin((2 * Math.PI * t) / 12) + 0.5 * Math.cos((2 * Math.PI * t) / 7.3),
    );
    for (const form of ["level", "last", "seasonal"] as const) {
      const fitted = fitLinear(values.subarray(0, 120), {
        horizon: 8,
        season: 12,
        window: 10,
        form,
        transform: "none",
      });
      const result = backtest(values, fitted.forecast, { part: { start: 120, end: 200 }, horizon: 8 });
      for (const residual of residuals(result)) expect(Math.abs(residual)).toBeLessThan(1e-4);
    }
  });
  test("on a random walk it leans to naive: zero weights", () => {
    let level = 100;
    const walk = noise(11)
      .normals(400)
      .map((shock) => (level += shock));
    const fitted = fitLinear(walk.subarray(0, 300), { horizon: 1, transform: "none" });
    const size = Math.sqrt(fitted.map.weights.reduce((a, w) => a + w * w, 0));
    expect(size).toBeLessThan(0.6);
  });
  test("refuses a horizon that it was not fitted for", () => {
    expect(() => fitLinear(airPassengers, { horizon: 2 }).forecast(airPassengers, 3)).toThrow(
      "fitted for a horizon of 2",
    );
  });
});

describe("ar", () => {
  test("recovers a known AR(2), and its order", () => {
    const values = noise(21).normals(4000);
    for (let t = 2; t < values.length; t++) values[t] += 0.7 * values[t - 1] - 0.4 * values[t - 2] + 2;
    const fitted = fitAutoregression(values.subarray(100), { horizon: 1, transform: "none" });
    expect(fitted.differenced).toBe(false);
    expect(fitted.order).toBeGreaterThanOrEqual(2);
    expect(fitted.order).toBeLessThanOrEqual(6);
    expect(Math.abs(fitted.coefficients[0] - 0.7)).toBeLessThan(0.05);
    expect(Math.abs(fitted.coefficients[1] + 0.4)).toBeLessThan(0.06);
  });
  test("iterates its own equation, towards the mean of the process", () => {
    const values = noise(22).normals(1000);
    for (let t = 1; t < values.length; t++) values[t] += 0.5 * values[t - 1] + 5;
    const fitted = fitAutoregression(values, { horizon: 1, transform: "none" });
    const far = fitted.forecast(values, 200);
    const mean = fitted.intercept / (1 - fitted.coefficients.reduce((a, b) => a + b, 0));
    expect(far[199]).toBeCloseTo(mean, 6);
    expect(Math.abs(mean - 10)).toBeLessThan(0.3);
  });
  test("differences a trend and carries its slope on, exactly when there is no noise", () => {
    const line = Float64Array.from({ length: 60 }, (_, t) => 5 + 2 * t);
    const fitted = fitAutoregression(line, { horizon: 3, transform: "none" });
    expect(fitted.differenced).toBe(true);
    fitted.forecast(line, 3).forEach((value, i) => {
      expect(value).toBeCloseTo(125 + 2 * i, 8);
    });
  });
  test("stays finite over a long horizon and on constant and tiny series", () => {
    for (const values of [
      airPassengers,
      sunspots,
      new Float64Array(30).fill(4),
      Float64Array.of(3, 1),
      Float64Array.of(2),
    ]) {
      const fitted = fitAutoregression(values, { horizon: 500 });
      expect(fitted.forecast(values, 500).every(Number.isFinite)).toBe(true);
    }
    expect(
      fitAutoregression(new Float64Array(30).fill(4), { horizon: 1 }).forecast(Float64Array.of(4), 1)[0],
    ).toBeCloseTo(4, 9);
  });
});

describe("backtest", () => {
  const part = { start: 120, end: 144 };
  test("a perfect forecaster scores zero, and each forecast sees its own past only", () => {
    const lengths: number[] = [];
    const result = backtest(
      airPassengers,
      (history, horizon) => {
        lengths.push(history.length);
        return airPassengers.subarray(history.length, history.length + horizon);
      },
      { part, horizon: 12 },
    );
    expect(lengths).toEqual(Array.from({ length: 13 }, (_, i) => 120 + i));
    expect(scoreBacktest(result, 1)).toEqual({ rmse: 0, mae: 0, mase: 0, smape: 0 });
  });
  test("gaps are not scored", () => {
    const observed = airPassengers.map((_, row) => (row === 130 ? 0 : 1));
    const spoilt = airPassengers.map((value, row) => (row === 130 ? 1e9 : value));
    const constant = (_: Float64Array, horizon: number) => new Float64Array(horizon).fill(400);
    const result = backtest(spoilt, constant, { part, horizon: 1, observed });
    expect(scoreBacktest(result, 1).mae).toBeLessThan(300);
    expect(lossPerOrigin(result)[10]).toBeNaN();
    expect(residuals(result).filter(Number.isNaN)).toHaveLength(1);
  });
});
