import { describe, expect, test } from "vitest";
import * as metrics from "../../src/forecast/metrics.ts";
import { ArgumentError } from "../../src/tensor/errors.ts";

const truth = Float64Array.of(10, 20, 30, 40);
const forecast = Float64Array.of(12, 18, 33, 40);

describe("scores against numbers worked out by hand", () => {
  test("rmse, mae and bias", () => {
    expect(metrics.rmse(truth, forecast)).toBeCloseTo(Math.sqrt(17 / 4), 12);
    expect(metrics.mae(truth, forecast)).toBeCloseTo(7 / 4, 12);
    expect(metrics.bias(truth, forecast)).toBeCloseTo(3 / 4, 12);
  });
  test("smape runs from 0 to 200 per cent, and two zeros agree", () => {
    expect(metrics.smape(truth, forecast)).toBeCloseTo((400 / 22 + 400 / 38 + 600 / 63) / 4, 12);
    expect(metrics.smape(Float64Array.of(5), Float64Array.of(-5))).toBe(200);
    expect(metrics.smape(Float64Array.of(0, 1), Float64Array.of(0, 1))).toBe(0);
  });
  test("mase divides by the training part's (seasonal) naive error", () => {
    const training = Float64Array.of(1, 3, 2, 6, 4);
    expect(metrics.maseScale(training)).toBeCloseTo((2 + 1 + 4 + 2) / 4, 12);
    expect(metrics.maseScale(training, 2)).toBeCloseTo((1 + 3 + 2) / 3, 12);
    expect(metrics.mase(truth, forecast, 2)).toBeCloseTo(7 / 8, 12);
  });
  test("a constant training part has no mase", () => {
    const scale = metrics.maseScale(Float64Array.of(7, 7, 7, 7));
    expect(scale).toBe(0);
    expect(metrics.scores(truth, forecast, scale).mase).toBeNull();
  });
  test("direction is right when forecast and truth move the same way from the last value", () => {
    const last = Float64Array.of(11, 19, 29, 40);
    // truth moves down, up, up, not; the forecast up, down, up, not: the last pair is not asked.
    expect(metrics.directionalAccuracy(truth, forecast, last)).toBeCloseTo(1 / 3, 12);
    expect(metrics.directionalAccuracy(truth, last, last)).toBe(0);
    expect(metrics.directionalAccuracy(truth, forecast, truth)).toBeNull();
  });
  test("coverage is the share of truths inside, ends included", () => {
    expect(metrics.coverage(truth, Float64Array.of(10, 21, 0, 0), Float64Array.of(11, 22, 30, 39))).toBe(0.5);
  });
});

describe("gaps", () => {
  test("a gap is never scored, whatever stands there", () => {
    const mask = Uint8Array.of(1, 0, 1, 1);
    const wild = Float64Array.of(12, 1e9, 33, 40);
    const without = (values: Float64Array) => values.filter((_, i) => mask[i]);
    for (const score of [metrics.rmse, metrics.mae, metrics.smape, metrics.bias]) {
      expect(score(truth, wild, mask)).toBe(score(without(truth), without(wild)));
    }
    expect(metrics.maseScale(Float64Array.of(1, 1e9, 3, 5), 1, Uint8Array.of(1, 0, 1, 1))).toBe(2);
  });
  test("nothing but gaps is an error, and so are arrays that do not pair up", () => {
    expect(() => metrics.rmse(truth, forecast, new Uint8Array(4))).toThrow(/every truth is a gap/);
    expect(() => metrics.mae(truth, forecast.subarray(1))).toThrow(ArgumentError);
  });
});
