import { beforeAll, describe, expect, it } from "vitest";
import { type QuickRun, quickRun } from "./quick-run.ts";

interface TaskResult {
  naiveRmse: number;
  cells: { cell: string; parameters: number; rmse: number[]; mae: number[]; direction: number[]; seconds: number[] }[];
  comparisons: { better: string; worse: string; pValue: number; apart: boolean; real: boolean }[];
}

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
