/** What holds for every forecast, whatever the series: about time, chance, gaps, interruptions and choices. */
import {
  CELL_NAMES,
  type EpochReport,
  type ForecastColumn,
  ForecastModel,
  type ForecastOptions,
  type ForecastResult,
  forecast,
  Interrupted,
  rmse,
  TrainingRuns,
} from "refrain/forecast";
import { describe, expect, it } from "vitest";
import { noise } from "./data.ts";

const ROWS = 96;
const SEASON = 4;
/** Small and short, so that laws are cheap to check; the parts are 57, 19 and 20 rows. */
const SMALL: ForecastOptions = { hidden: 6, epochs: 4, window: 8, season: SEASON, horizon: 2 };

/** A season on a rising level, all values above 0. */
function series(seed: number): Float64Array {
  const { normal } = noise(seed);
  return Float64Array.from(
    { length: ROWS },
    (_, t) => 50 + 0.3 * t + 8 * Math.sin((2 * Math.PI * t) / SEASON) + 2 * normal(),
  );
}

const column = (values: Float64Array, name = "y"): ForecastColumn => ({ name, values });

/** The same with other values, still above 0, from a row on. */
function perturbed(values: Float64Array, from: number): Float64Array {
  const { normal } = noise(99);
  return values.map((value, t) => (t < from ? value : value * (1.5 + 0.2 * Math.tanh(normal()))));
}

interface Watched {
  readonly result: ForecastResult;
  /** Everything that was trained: the weights bit for bit, and the curves. */
  readonly runs: Uint8Array;
  readonly reports: readonly (EpochReport & { run: string })[];
}

async function watch(columns: readonly ForecastColumn[], options: ForecastOptions): Promise<Watched> {
  const runs = new TrainingRuns();
  const reports: (EpochReport & { run: string })[] = [];
  const result = await forecast(columns, options, { runs, onEpoch: (report) => void reports.push(report) });
  return { result, runs: runs.save(null), reports };
}

/** What was decided and fitted before the test part was looked at. */
const decisions = ({ result, runs, reports }: Watched) => ({
  config: result.config,
  notes: result.notes,
  validation: [result.forecast.validationRmse, result.network.validationRmse],
  intervals: result.intervals,
  runs,
  reports,
});

const KINDS: readonly { name: string; options: ForecastOptions }[] = [
  { name: "all choices automatic", options: {} },
  { name: "the network alone", options: { skip: "none" } },
  { name: "no season", options: { season: null } },
  { name: "a season that is looked for", options: { season: "auto" } },
  { name: "logarithms", options: { transform: "log", form: "seasonal" } },
  { name: "levels", options: { form: "level" } },
  { name: "a horizon beyond the season", options: { horizon: 7 } },
];

describe.each(KINDS)("with $name", ({ options }) => {
  const asked = { ...SMALL, ...options, refit: false };
  const values = series(1);
  const other = series(2);

  it("nothing that is fitted or chosen changes when the test part does", async () => {
    const before = await watch([column(values), column(other, "x")], asked);
    const cut = before.result.split.test.start;
    const after = await watch([column(perturbed(values, cut)), column(perturbed(other, cut), "x")], asked);
    expect(decisions(after)).toEqual(decisions(before));
    const { horizon } = before.result.config;
    const first = ({ result }: Watched) => [
      ...result.forecast.backtest.forecast.subarray(0, horizon),
      ...result.network.backtest.forecast.subarray(0, horizon),
    ];
    expect(first(after)).toEqual(first(before));
    expect(after.result.forecast.test.rmse).not.toBe(before.result.forecast.test.rmse);
  });

  it("the past does not change when the future does: forecasts before a row, baselines included, know nothing of it", async () => {
    const before = await watch([column(values), column(other, "x")], asked);
    const cut = before.result.split.test.start + 9;
    const after = await watch([column(perturbed(values, cut)), column(perturbed(other, cut), "x")], asked);
    const early = ({ result }: Watched) =>
      [result.forecast.backtest, result.network.backtest, ...Object.values(result.baselineBacktests)].map(
        ({ origins, forecast: all, horizon }) =>
          Array.from(all.subarray(0, origins.filter((origin) => origin < cut).length * horizon)),
      );
    expect(early(after)).toEqual(early(before));
    expect(early(before)[0].length).toBeGreaterThanOrEqual(9);
  });

  it("no training window or target holds a value from after the training part", async () => {
    const before = await watch([column(values), column(other, "x")], asked);
    const cut = before.result.split.train.end;
    const after = await watch([column(perturbed(values, cut)), column(perturbed(other, cut), "x")], asked);
    // Which candidate is chosen is the validation part's to say; what each of them was trained on is not.
    const losses = ({ reports }: Watched) =>
      new Map(reports.map((each) => [`${each.run} ${each.epoch}`, each.trainingLoss]));
    const [own, others] = [losses(before), losses(after)];
    const shared = [...own.keys()].filter((key) => others.has(key) && key.startsWith("network"));
    expect(shared.length).toBeGreaterThanOrEqual(asked.epochs!);
    for (const key of shared) expect(others.get(key), key).toBe(own.get(key));
  });
});

it("no example of the correction holds a value from after the training part", async () => {
  const options = { ...SMALL, form: "seasonal", transform: "none", refit: false } as const;
  const before = await watch([column(series(1))], options);
  const after = await watch([column(perturbed(series(1), before.result.split.train.end))], options);
  const losses = ({ reports }: Watched) =>
    reports.filter(({ run }) => run.startsWith("correction")).map(({ trainingLoss }) => trainingLoss);
  expect(losses(before)).toHaveLength(4);
  expect(losses(after)).toEqual(losses(before));
});

describe("chance", () => {
  it("gives the same result from the same seed, whatever ran before", async () => {
    const one = await watch([column(series(3))], { ...SMALL, seeds: 2 });
    await forecast([column(series(4))], { ...SMALL, seed: 7 });
    const two = await watch([column(series(3))], { ...SMALL, seeds: 2 });
    expect(decisions(two)).toEqual(decisions(one));
    expect(two.result.future).toEqual(one.result.future);
  });

  it("gives another network from another seed, and seed 1 of two is seed 1 alone", async () => {
    const options = { ...SMALL, skip: "none", form: "last", transform: "none" } as const;
    const both = await forecast([column(series(3))], { ...options, seeds: 2 });
    const second = await forecast([column(series(3))], { ...options, seed: 1 });
    expect(both.network.test.rmseSeeds[1]).toBe(second.network.test.rmse);
    expect(both.network.test.rmseSeeds[0]).not.toBe(both.network.test.rmseSeeds[1]);
    expect(both.network.test.rmse).toBeCloseTo((both.network.test.rmseSeeds[0] + second.network.test.rmse) / 2, 10);
  });
});

describe("an interruption", () => {
  const options = { ...SMALL, seeds: 2 };

  it.each([1, 4, 5, 11, 17])("after %i epochs, saved, loaded and gone on from, changes no bit", async (epochs) => {
    const whole = await watch([column(series(5))], options);
    const runs = new TrainingRuns();
    let count = 0;
    const stopped = forecast([column(series(5))], options, { runs, shouldStop: () => ++count >= epochs });
    await expect(stopped).rejects.toBeInstanceOf(Interrupted);
    const loaded = TrainingRuns.load(runs.save({ of: "this" }));
    expect(loaded.belongsTo).toEqual({ of: "this" });
    const reports: unknown[] = [];
    const resumed = await forecast([column(series(5))], options, {
      runs: loaded.runs,
      onEpoch: (report) => void reports.push(report),
    });
    expect(reports).toEqual(whole.reports.slice(epochs));
    expect(loaded.runs.save(null)).toEqual(whole.runs);
    expect(resumed.future).toEqual(whole.result.future);
    expect(resumed.forecast).toEqual(whole.result.forecast);
    expect(resumed.network).toEqual(whole.result.network);
    expect(resumed.notes).toEqual(whole.result.notes);
  });

  it("may come again and again, after every single epoch", async () => {
    const whole = await watch([column(series(5))], options);
    let runs = new TrainingRuns();
    for (let interruptions = 0; ; interruptions++) {
      try {
        const result = await forecast([column(series(5))], options, { runs, shouldStop: () => true });
        expect(interruptions).toBe(whole.reports.length);
        expect(result.future).toEqual(whole.result.future);
        return;
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        runs = TrainingRuns.load(runs.save(null)).runs;
      }
    }
  });
});

describe("a model", () => {
  it.each(["linear", "none"] as const)("of skip %s that is saved and loaded forecasts the same", async (skip) => {
    const columns = [column(series(6)), column(series(7), "x")];
    const { model, future } = await forecast(columns, { ...SMALL, skip, seeds: 2 });
    const { linear, ...rest } = model.state;
    const plain = JSON.parse(JSON.stringify(rest));
    const again = ForecastModel.withWeights(
      { ...plain, linear },
      model.networks.map((network) => network.stateDict()),
    );
    expect(again.forecast(columns.map(({ values }) => values))).toEqual(future.values);
  });

  it("that is not trained again on all rows is the one that was judged", async () => {
    for (const skip of ["linear", "none"] as const) {
      const { model, forecast: judged, config } = await forecast([column(series(6))], { ...SMALL, skip, refit: false });
      expect(model.forecastAt([series(6)], judged.backtest.origins)).toEqual(judged.backtest.forecast);
      expect(config.refit).toBe(false);
    }
  });

  it("that is trained again has seen the test part", async () => {
    const values = series(6);
    const once = await forecast([column(values)], { ...SMALL, refit: false });
    const again = await forecast([column(values)], SMALL);
    expect(again.forecast).toEqual(once.forecast);
    expect(again.future.values).not.toEqual(once.future.values);
  });
});

describe("a gap", () => {
  const observed = Uint8Array.from({ length: ROWS }, (_, t) => (t % 11 === 5 || t === ROWS - 1 ? 0 : 1));

  it("is never scored, neither for the forecast nor for a baseline", async () => {
    const values = series(8);
    const result = await forecast([{ name: "y", values, observed }], { ...SMALL, horizon: 1 });
    for (const { mask, origins, truth, forecast: made } of [
      result.forecast.backtest,
      ...Object.values(result.baselineBacktests),
    ]) {
      expect(Array.from(mask)).toEqual(Array.from(origins, (origin) => observed[origin + 1]));
      expect(mask.reduce((a, b) => a + b)).toBeLessThan(mask.length);
      expect(rmse(truth, made, mask)).toBeGreaterThan(0);
    }
    const { mask, truth, forecast: made } = result.forecast.backtest;
    const seen = Array.from(mask.keys()).filter((i) => mask[i] === 1);
    const byHand = Math.sqrt(seen.reduce((sum, i) => sum + (truth[i] - made[i]) ** 2, 0) / seen.length);
    expect(result.forecast.test.rmse).toBeCloseTo(byHand, 10);
  });

  it("may be filled with any value at the end of the test part: no score moves", async () => {
    const values = series(8);
    const absurd = values.map((value, t) => (t === ROWS - 1 ? 1e6 : value));
    const options = { ...SMALL, horizon: 1, refit: false };
    const one = await forecast([{ name: "y", values, observed }], options);
    const two = await forecast([{ name: "y", values: absurd, observed }], options);
    expect(two.forecast.test).toEqual(one.forecast.test);
    expect(two.network.test).toEqual(one.network.test);
    expect(two.baselines).toEqual(one.baselines);
    expect(two.verdict).toBe(one.verdict);
    expect(two.testCoverage).toBe(one.testCoverage);
  });
});

describe("a choice", () => {
  it("of further inputs is used: a column that tells tomorrow halves the error", async () => {
    const { normals } = noise(9);
    const shocks = normals(400);
    const values = Float64Array.from({ length: 400 }, (_, t) => 3 * (shocks[t - 1] ?? 0));
    const options: ForecastOptions = { hidden: 8, epochs: 25, window: 4, season: null };
    const alone = await forecast([column(values)], options);
    const told = await forecast([column(values), column(shocks, "shock")], options);
    expect(told.config.inputs).toEqual(["shock"]);
    expect(told.forecast.test.rmse).toBeLessThan(alone.forecast.test.rmse / 2);
    expect(told.network.test.rmse).toBeLessThan(alone.network.test.rmse / 2);
    expect(told.config.correctionKept).toBe(true);
  });

  it("of no season leaves seasonal naive the naive forecast", async () => {
    const { config, baselines } = await forecast([column(series(10))], { ...SMALL, season: null });
    expect(config.season).toBeNull();
    expect(config.form).not.toBe("seasonal");
    expect(baselines.seasonalNaive.rmse).toBe(baselines.naive.rmse);
  });

  it("of the network alone makes it the forecast", async () => {
    const result = await forecast([column(series(10))], { ...SMALL, skip: "none" });
    expect(result.forecast).toEqual(result.network);
    expect(result.config.correctionKept).toBe(false);
    expect(result.model.state.linear).toBeNull();
  });

  it("of the linear map never leaves the forecast worse on the validation part than that map", async () => {
    const options = { ...SMALL, refit: false };
    const { forecast: judged, config } = await forecast([column(series(10))], options);
    const linear = await forecast([column(series(10))], { ...options, epochs: 1, learningRate: 1e-9 });
    expect(linear.config.correctionKept).toBe(false);
    expect(linear.forecast.test.rmse).toBeCloseTo(linear.baselines.linear.rmse, 10);
    if (config.correctionKept) expect(judged.validationRmse).toBeLessThan(0.99 * linear.forecast.validationRmse);
    else expect(judged.validationRmse).toBe(linear.forecast.validationRmse);
  });

  it.each([1, 4, 7, 9])("of a horizon of %i gives so many steps, whose interval never narrows", async (horizon) => {
    const { future, forecast: judged, split } = await forecast([column(series(11))], { ...SMALL, horizon });
    expect(future.values).toHaveLength(horizon);
    expect(judged.backtest.origins).toHaveLength(split.test.end - split.test.start - horizon + 1);
    const widths = Array.from(future.upper, (upper, h) => upper - future.lower[h]);
    expect(widths.every((width, h) => width > 0 && width >= (widths[h - 1] ?? 0) - 1e-9)).toBe(true);
  });

  it.each(CELL_NAMES)("of the cell %s trains: the loss falls", async (cell) => {
    const result = await forecast([column(series(12))], {
      ...SMALL,
      cell,
      layers: 2,
      epochs: 12,
      skip: "none",
      form: "level",
    });
    const { trainingLoss } = result.curves;
    expect(trainingLoss[trainingLoss.length - 1]).toBeLessThan(0.9 * trainingLoss[0]);
    expect(result.config.cell).toBe(cell);
  });

  it("of a cell matters: no two cells forecast the same", async () => {
    const runs = await Promise.all(
      CELL_NAMES.map((cell) => forecast([column(series(12))], { ...SMALL, cell, skip: "none", form: "level" })),
    );
    expect(new Set(runs.map(({ network }) => network.test.rmse)).size).toBe(CELL_NAMES.length);
  });
});
