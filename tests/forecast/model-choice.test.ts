/** What forecasts: the network, the line that it corrects, or a simple method that was asked for by name. */
import {
  BASELINE_NAMES,
  BASELINES,
  type ForecastColumn,
  ForecastModel,
  type ForecastOptions,
  forecast,
} from "refrain/forecast";
import { describe, expect, it } from "vitest";
import { airPassengers } from "./data.ts";

const passengers: ForecastColumn = { name: "y", values: airPassengers };
const SHORT: ForecastOptions = { hidden: 6, epochs: 4, horizon: 3, season: 12, split: [96, 24, 24], form: "seasonal" };

describe.each(BASELINE_NAMES)("with the model %s", (model) => {
  it("the test part is judged as that baseline, and the network beside it as always", async () => {
    const usual = await forecast([passengers], SHORT);
    const asked = await forecast([passengers], { ...SHORT, model });
    expect(asked.forecast.test.rmse).toBe(asked.baselines[model].rmse);
    expect(asked.forecast.backtest.forecast).toEqual(asked.baselineBacktests[model].forecast);
    expect(asked.baselines).toEqual(usual.baselines);
    expect(asked.network).toEqual(usual.network);
    expect(asked.config).toMatchObject({ model, correctionKept: false });
  });

  it("the future is that of the method fitted on all rows, or on the training part without refit", async () => {
    for (const refit of [true, false]) {
      const { future } = await forecast([passengers], { ...SHORT, model, refit });
      const rows = refit ? airPassengers : airPassengers.subarray(0, 96);
      const expected = BASELINES[model].fit(rows, { horizon: 3, season: 12 }).forecast(airPassengers, 3);
      expect(Array.from(future.values)).toEqual(Array.from(expected));
      for (let i = 0; i < 3; i++) expect(future.lower[i]).toBeLessThan(future.values[i]);
    }
  });

  it("a model that is saved as plain JSON forecasts the same, from as few rows as it says it needs", async () => {
    const { model: made, future } = await forecast([passengers], { ...SHORT, model });
    const { linear, ...state } = made.state;
    const loaded = new ForecastModel({ ...JSON.parse(JSON.stringify(state)), linear }, []);
    expect(loaded.forecast([airPassengers])).toEqual(future.values);
    const newest = airPassengers.subarray(airPassengers.length - made.firstOrigin - 1);
    loaded.forecast([newest]).forEach((value, i) => {
      expect(value).toBeCloseTo(future.values[i], 8);
    });
  });

  it("nothing is fitted on the test part", async () => {
    const other = airPassengers.map((value, t) => (t < 120 ? value : 2 * value));
    const asked = { ...SHORT, model, refit: false };
    const [before, after] = [
      await forecast([passengers], asked),
      await forecast([{ name: "y", values: other }], asked),
    ];
    expect(after.model.state).toEqual(before.model.state);
    expect(after.forecast.validationRmse).toBe(before.forecast.validationRmse);
    expect(after.intervals).toEqual(before.intervals);
  });
});

describe("skip auto", () => {
  const options: ForecastOptions = { ...SHORT, skip: "auto" };

  it("takes the better of line and network on the validation part, and says so", async () => {
    const long: ForecastOptions = { skip: "auto", horizon: 12, split: [96, 24, 24], seasonHint: 12 };
    for (const each of [options, long]) {
      const [auto, linear, none] = await Promise.all(
        (["auto", "linear", "none"] as const).map((skip) => forecast([passengers], { ...each, skip })),
      );
      const alone = none.forecast.validationRmse < 0.99 * linear.forecast.validationRmse;
      const expected = alone ? none : linear;
      expect(auto.config.skip).toBe(alone ? "none" : "linear");
      expect(auto.forecast).toEqual(expected.forecast);
      expect(auto.future).toEqual(expected.future);
      expect(auto.notes.at(-1)).toMatch(
        alone ? /^The network forecasts alone, which did better/ : /alone did no better/,
      );
    }
  });

  it("chooses both ways: the line after four epochs, the network as the defaults train it a year ahead", async () => {
    const chosen = async (each: ForecastOptions) => (await forecast([passengers], each)).config.skip;
    expect(await chosen(options)).toBe("linear");
    expect(await chosen({ skip: "auto", horizon: 12, split: [96, 24, 24], seasonHint: 12, refit: false })).toBe("none");
  });
});

it("an unknown model is refused by name", async () => {
  const unknown = forecast([passengers], { ...SHORT, model: "arima" as "ar" });
  await expect(unknown).rejects.toThrow(
    /model must be one of network, naive, seasonalNaive, drift, linear, ar, got "arima"/,
  );
});
