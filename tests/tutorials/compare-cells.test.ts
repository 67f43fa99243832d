import { beforeAll, describe, expect, it } from "vitest";
import { comparePairs } from "../../tutorials/compare-cells/program.ts";
import { type QuickRun, quickRun } from "./quick-run.ts";

interface TaskResult {
  naiveRmse: number;
  cells: { cell: string; parameters: number; rmse: number[]; mae: number[]; direction: number[]; seconds: number[] }[];
  comparisons: { better: string; worse: string; pValue: number; apart: boolean; real: boolean }[];
}

describe("a difference between cells", () => {
  const phases = { RNN: 0, LSTM: 4, GRU: 2 };
  const scores = (cell: keyof typeof phases, level: number, rmse: number[]) => ({
    cell,
    rmse,
    squares: Float64Array.from({ length: 200 }, (_, n) => level + Math.sin(7 * n + phases[cell])),
  });

  it("is real when test windows and seeds both say so", () => {
    const [{ better, worse, real, pValue }] = comparePairs([scores("RNN", 9, [3.1, 3]), scores("GRU", 4, [2, 2.1])]);
    expect([better, worse, real]).toEqual(["GRU", "RNN", true]);
    expect(pValue).toBeLessThan(1e-6);
  });

  it("is not when the seeds overlap", () => {
    const [{ apart, real }] = comparePairs([scores("RNN", 9, [3.1, 2]), scores("GRU", 4, [2.1, 2.1])]);
    expect([apart, real]).toEqual([false, false]);
  });

  it("is not when chance explains the test windows", () => {
    const [{ apart, real, pValue }] = comparePairs([scores("RNN", 4.01, [3.1, 3]), scores("GRU", 4, [2, 2.1])]);
    expect([apart, real]).toEqual([true, false]);
    expect(pValue).toBeGreaterThan(0.05);
  });

  it("is held to a stricter test when there are more pairs", () => {
    const [one] = comparePairs([scores("RNN", 4.1, [3]), scores("GRU", 4, [2])]);
    const three = comparePairs([scores("RNN", 4.1, [3]), scores("GRU", 4, [2]), scores("LSTM", 4, [2])]);
    expect(three).toHaveLength(3);
    expect(three[0].pValue).toBeCloseTo(Math.min(1, 3 * one.pValue), 12);
  });
});

describe("the lesson on data that ships", () => {
  let lesson: QuickRun;
  let results: Record<string, TaskResult>;
  beforeAll(async () => {
    lesson = await quickRun("compare-cells");
    results = lesson.metrics.results as Record<string, TaskResult>;
  });

  it("counts the parameters of an RNN, four times as many gates for an LSTM, three for a GRU", () => {
    const gate = 32 * 1 + 32 * 32 + 2 * 32;
    const expected = [1, 4, 3].map((gates) => gates * gate + 33);
    for (const { cells } of Object.values(results)) expect(cells.map((row) => row.parameters)).toEqual(expected);
  });

  it("has one score per cell and seed", () => {
    for (const { cells } of Object.values(results)) {
      expect(cells.map((row) => row.cell)).toEqual(["RNN", "LSTM", "GRU"]);
      for (const row of cells) {
        expect(row.rmse).toHaveLength(2);
        row.rmse.forEach((rmse, i) => {
          expect(row.mae[i]).toBeLessThan(rmse);
        });
      }
    }
  });

  it("beats naive on sunspots with every cell, and on prices with none by more than 2 %", () => {
    const sunspots = results["sunspots by year"];
    expect(sunspots.naiveRmse).toBeCloseTo(32.79, 2);
    for (const { rmse } of sunspots.cells) for (const each of rmse) expect(each).toBeLessThan(32);
    const prices = results["prices by day"];
    for (const { rmse } of prices.cells) for (const each of rmse) expect(each / prices.naiveRmse).toBeGreaterThan(0.98);
  });

  it("says that the prices have no mark, and reaches that of the sunspots", () => {
    expect(lesson.lines.join("\n")).toContain("There is no mark for the prices of dax_in_nikkei_format.csv");
    expect(lesson.metrics.reached).toBe(true);
    expect([...lesson.figures.keys()]).toEqual(["prices", "sunspots"]);
  });
});
