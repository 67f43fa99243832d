/** Cells compared on one series: each as it is alone, on the same windows, and nothing of it learnt from the test part. */
import {
  type CellComparison,
  type CompareOptions,
  compareCells,
  directionalAccuracy,
  type ForecastColumn,
  forecast,
  Interrupted,
  mae,
} from "refrain/forecast";
import { beforeAll, describe, expect, it } from "vitest";
import { airPassengers, noise, sunspots } from "./data.ts";

const column = (values: Float64Array): ForecastColumn => ({ name: "y", values });
const SHORT: CompareOptions = { hidden: 6, epochs: 4, seeds: 2 };
const passengers = column(airPassengers);

describe("on the airline passengers", () => {
  let comparison: CellComparison;
  beforeAll(async () => {
    comparison = await compareCells([passengers], { ...SHORT, split: [96, 24, 24], seasonHint: 12 });
  });

  it("counts the parameters of each network", () => {
    const { window } = comparison.config;
    const [hidden, features] = [6, 1];
    const gate = hidden * features + hidden * hidden + 2 * hidden;
    const out = hidden + 1;
    expect(comparison.cells.map(({ cell, parameters }) => [cell, parameters])).toEqual([
      ["rnn", gate + out],
      ["lstm", 4 * gate + out],
      ["gru", 3 * gate + out],
      ["mlp", hidden * window * features + hidden + out],
    ]);
  });

  it("gives each cell the scores that a forecast with it alone has", async () => {
    const { form, transform } = comparison.config;
    for (const { cell, rmse, validationRmse } of comparison.cells) {
      const options = { ...SHORT, split: [96, 24, 24], seasonHint: 12, cell, form, transform, refit: false } as const;
      const { network } = await forecast([passengers], { ...options, skip: "none" });
      expect(network.test.rmseSeeds, cell).toEqual(rmse);
      expect(network.validationRmse).toBe(validationRmse);
    }
  });

  it("judges the simple methods as a forecast does, and calls no direction of a forecast of no movement right", async () => {
    const { baselines, baselineBacktests } = await forecast([passengers], {
      ...SHORT,
      split: [96, 24, 24],
      seasonHint: 12,
      refit: false,
    });
    for (const [name, scores] of Object.entries(comparison.baselines)) {
      const expected = baselines[name as keyof typeof baselines];
      expect([scores.rmse, scores.mae], name).toEqual([expected.rmse, expected.mae]);
    }
    expect(comparison.baselines.naive.directionalAccuracy).toBeNull();
    const { truth, forecast: linear, origins } = baselineBacktests.linear;
    const last = Float64Array.from(origins, (origin) => airPassengers[origin]);
    expect(comparison.baselines.linear.directionalAccuracy).toBe(directionalAccuracy(truth, linear, last));
    expect(comparison.baselines.linear.mae).toBe(mae(truth, linear));
  });

  it("compares every two cells, and each cell with naive and the linear map", () => {
    expect(comparison.pairs).toHaveLength(6);
    expect(comparison.againstBaselines).toHaveLength(8);
  });

  it("concludes nothing from two seeds", () => {
    for (const { real } of [...comparison.pairs, ...comparison.againstBaselines]) expect(real).toBe(false);
    expect(comparison.conclusions).toEqual([
      "Nothing can be concluded from 2 seeds (it takes 5).",
      "No difference between RNN, LSTM, GRU and MLP is shown.",
      "No difference from naive is shown for RNN, LSTM, GRU and MLP.",
      "No difference from the linear map is shown for RNN, LSTM, GRU and MLP.",
    ]);
  });
});

it("finds with four seeds that a GRU and a fully connected net beat naive on the sunspots", async () => {
  const { againstBaselines, conclusions, testOrigins } = await compareCells([column(sunspots)], {
    cells: ["gru", "mlp"],
    seeds: 4,
    epochs: 20,
    form: "last",
    split: [201, 50, 58],
  });
  expect(testOrigins).toBe(58);
  expect(againstBaselines.filter(({ worse, real }) => worse === "naive" && real)).toHaveLength(2);
  expect(conclusions.at(-2)).toBe("GRU and MLP beat naive.");
});

it("is naive, and has no direction to be right about, where training only did harm", async () => {
  const { normal } = noise(5);
  let level = 50;
  const walk = Float64Array.from({ length: 120 }, () => (level += normal()));
  const options: CompareOptions = { cells: ["gru"], seeds: 2, epochs: 1, form: "last", season: null, learningRate: 3 };
  const { cells, baselines } = await compareCells([column(walk)], options);
  expect(cells[0].rmse).toEqual([baselines.naive.rmse, baselines.naive.rmse]);
  expect(cells[0].directionalAccuracy).toEqual([null, null]);
});

describe("a comparison", () => {
  const fitted = ({ cells, config }: CellComparison) => ({
    config,
    cells: cells.map(({ cell, parameters, validationRmse, epochs }) => ({ cell, parameters, validationRmse, epochs })),
  });

  it("fits and chooses nothing by the test part", async () => {
    const options: CompareOptions = { ...SHORT, cells: ["rnn", "mlp"], split: [96, 24, 24], season: 12 };
    const other = airPassengers.map((value, t) => (t < 120 ? value : 2 * value + 30 * Math.sin(t)));
    const [before, after] = [await compareCells([passengers], options), await compareCells([column(other)], options)];
    expect(fitted(after)).toEqual(fitted(before));
    expect(after.cells[0].rmse).not.toEqual(before.cells[0].rmse);
  });

  it("does not depend on the order of its cells", async () => {
    const options: CompareOptions = { ...SHORT, split: [96, 24, 24], season: 12, form: "last" };
    const one = await compareCells([passengers], { ...options, cells: ["rnn", "mlp"] });
    const two = await compareCells([passengers], { ...options, cells: ["mlp", "rnn"] });
    expect(two.cells.map(({ cell, rmse }) => [cell, rmse])).toEqual(
      one.cells.map(({ cell, rmse }) => [cell, rmse]).reverse(),
    );
  });

  it("with skip linear corrects the linear map with every cell", async () => {
    const options: CompareOptions = { ...SHORT, cells: ["gru"], split: [96, 24, 24], season: 12, form: "seasonal" };
    const { cells, baselines } = await compareCells([passengers], { ...options, skip: "linear", epochs: 1 });
    // After one epoch the correction is small: the error is near that of the line.
    expect(cells[0].rmse[0] / baselines.linear.rmse).toBeGreaterThan(0.8);
    expect(cells[0].rmse[0] / baselines.linear.rmse).toBeLessThan(1.25);
    expect(cells[0].rmse[0]).not.toBe(baselines.linear.rmse);
  });

  it("names each run with its number and their count, and is interrupted when asked", async () => {
    const runs = new Set<string>();
    const options: CompareOptions = { ...SHORT, cells: ["rnn", "gru"], epochs: 1, season: 12, transform: "none" };
    await compareCells([passengers], options, { onEpoch: ({ run }) => void runs.add(run) });
    const numbers = [...runs].map((run) => run.split(" ")[0]);
    expect(numbers).toEqual(numbers.map((_, i) => `${i + 1}/${numbers.length}`));
    const stopped = compareCells([passengers], options, { shouldStop: () => true });
    await expect(stopped).rejects.toThrow(Interrupted);
  });

  it("refuses no cells, a cell twice, and a word that is no cell", async () => {
    await expect(compareCells([passengers], { cells: [] })).rejects.toThrow(/at least one cell of rnn, lstm, gru, mlp/);
    await expect(compareCells([passengers], { cells: ["gru", "gru"] })).rejects.toThrow(/"gru" is named twice/);
    await expect(compareCells([passengers], { cells: ["lstn" as "lstm"] })).rejects.toThrow(
      /cell must be .*got "lstn"/,
    );
  });
});
