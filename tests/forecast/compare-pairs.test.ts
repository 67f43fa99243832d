/** A difference is real only where both the test part and the seeds say so, and nothing is concluded from too little. */
import { type Contender, comparePairs, pairsOf } from "refrain/forecast";
import { describe, expect, it } from "vitest";
import { conclusionAgainst, conclusionOn } from "../../src/forecast/conclusions.ts";

/** Losses around `level` whose ups and downs have nothing to do with those of another phase. */
const contender = (name: string, phase: number, level: number, rmse: number[], origins = 200): Contender => ({
  name,
  rmse,
  losses: Float64Array.from({ length: origins }, (_, n) => level + Math.sin(7 * n + phase)),
});
const HIGH = [3.1, 3, 3.2, 3.05];
const LOW = [2, 2.1, 2.2, 2.05];

describe("a difference between two", () => {
  it("is real when the test part and the seeds both say so", () => {
    const [{ better, worse, real, pValue }] = comparePairs([
      [contender("RNN", 0, 9, HIGH), contender("GRU", 2, 4, LOW)],
    ]);
    expect([better, worse, real]).toEqual(["GRU", "RNN", true]);
    expect(pValue).toBeLessThan(1e-6);
  });

  it("is not when the seeds overlap", () => {
    const overlapping = [3.1, 3, 3.2, 2];
    const [{ apart, real, text }] = comparePairs([[contender("RNN", 0, 9, overlapping), contender("GRU", 2, 4, LOW)]]);
    expect([apart, real]).toEqual([false, false]);
    expect(text).toBe("GRU and RNN: no difference shown (p < 0.01, the seeds overlap)");
  });

  it("is not when chance explains the test part", () => {
    const [{ apart, real, pValue }] = comparePairs([[contender("RNN", 0, 4.01, HIGH), contender("GRU", 2, 4, LOW)]]);
    expect([apart, real]).toEqual([true, false]);
    expect(pValue).toBeGreaterThan(0.05);
  });

  it("is not concluded from three seeds, nor from nineteen test forecasts", () => {
    const few = comparePairs([[contender("RNN", 0, 9, HIGH.slice(1)), contender("GRU", 2, 4, LOW)]]);
    expect(few[0]).toMatchObject({ apart: true, real: false });
    expect(few[0].text).toBe("GRU and RNN: no difference shown (p < 0.01, the seeds lie apart, too few seeds)");
    const short = comparePairs([[contender("RNN", 0, 9, HIGH, 19), contender("GRU", 2, 4, LOW, 19)]]);
    expect(short[0]).toMatchObject({ apart: true, real: false });
    expect(short[0].text).toMatch(/, too few test forecasts\)$/);
  });

  it("is held to a stricter test when there are more pairs", () => {
    const three = [contender("RNN", 0, 4.1, HIGH), contender("GRU", 2, 4, LOW), contender("LSTM", 4, 4, LOW)];
    const [one] = comparePairs([[three[0], three[1]]]);
    const all = comparePairs(pairsOf(three));
    expect(all).toHaveLength(3);
    expect(all[0].pValue).toBeCloseTo(Math.min(1, 3 * one.pValue), 12);
  });

  it("needs five seeds where three or six pairs are compared, and six where ten are", () => {
    const names = ["a", "b", "c", "d", "e"];
    const group = (count: number, seeds: number) =>
      comparePairs(
        pairsOf(
          names.slice(0, count).map((name, i) =>
            contender(
              name,
              i,
              9 * i,
              [1, 2, 3, 4, 5, 6].slice(-seeds).map((v) => 10 * i + v),
            ),
          ),
        ),
      ).every(({ real }) => real);
    expect([group(2, 4), group(3, 4), group(3, 5), group(4, 5), group(5, 5), group(5, 6)]).toEqual([
      true,
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  it("is the same whichever is named first", () => {
    const [a, b] = [contender("RNN", 0, 9, HIGH), contender("GRU", 2, 4, LOW)];
    expect(comparePairs([[a, b]])).toEqual(comparePairs([[b, a]]));
  });

  it("from a method without seeds needs all seeds on one side", () => {
    const naive: Contender = { ...contender("naive", 0, 9, [3]), seeded: false };
    const better = contender("GRU", 2, 4, LOW);
    expect(comparePairs([[better, naive]])[0]).toMatchObject({ better: "GRU", real: true });
    expect(comparePairs([[{ ...better, rmse: [...LOW, 3.4] }, naive]])[0]).toMatchObject({ apart: false, real: false });
  });

  it("refuses a contender without seeds' errors, by its name", () => {
    expect(() => comparePairs([[contender("RNN", 0, 4, []), contender("GRU", 2, 4, LOW)]])).toThrow(/RNN has no RMSE/);
  });
});

describe("a conclusion", () => {
  const pair = (better: string, worse: string, real: boolean) => ({
    better,
    worse,
    real,
    pValue: 0,
    apart: real,
    text: "",
  });

  it("names no winner where none is shown", () => {
    expect(conclusionOn(["RNN", "GRU"], [pair("GRU", "RNN", false)])).toBe(
      "No difference between RNN and GRU is shown.",
    );
  });

  it("says only what is real, and that of the others nothing is known", () => {
    const pairs = [pair("GRU", "RNN", true), pair("GRU", "LSTM", false), pair("LSTM", "RNN", true)];
    expect(conclusionOn(["RNN", "LSTM", "GRU"], pairs)).toBe(
      "LSTM is better than RNN; GRU is better than RNN. Between the others no difference is shown.",
    );
  });

  it("sorts the cells into those that beat a method, lose to it, and neither", () => {
    const comparisons = [
      pair("GRU", "naive", true),
      pair("LSTM", "naive", true),
      pair("naive", "RNN", true),
      pair("MLP", "naive", false),
      pair("GRU", "the linear map", true),
    ];
    expect(conclusionAgainst("naive", comparisons)).toBe(
      "GRU and LSTM beat naive; RNN loses to naive; no difference from naive is shown for MLP.",
    );
    expect(conclusionAgainst("the linear map", comparisons)).toBe("GRU beats the linear map.");
  });
});
