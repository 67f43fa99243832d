/** The sentence on how good a forecast is admits defeat, and is a sentence whatever the scores. */
import { describe, expect, it } from "vitest";
import { type Contestant, verdictOn } from "../../src/forecast/verdict.ts";

const ORIGINS = 40;
/** A method whose squared errors are `rmse`², more or less. */
function contestant(rmse: number): Contestant {
  const losses = Float64Array.from({ length: ORIGINS }, (_, i) => rmse ** 2 * (1 + 0.1 * Math.sin(7 * i + rmse)));
  return { scores: { rmse, mae: rmse, mase: null, smape: 0 }, losses };
}
const verdict = (ours: number, naive: number, seasonalNaive: number, drift: number, linear: number, ar: number) =>
  verdictOn(
    contestant(ours),
    {
      naive: contestant(naive),
      seasonalNaive: contestant(seasonalNaive),
      drift: contestant(drift),
      linear: contestant(linear),
      ar: contestant(ar),
    },
    1,
  );

describe("the verdict", () => {
  it("calls equal scores no better, also where all are zero", () => {
    expect(verdict(0, 1.5, 1.5, 0, 0, 0)).toMatch(
      /beats naive .* by 100 %.*; it is no better than drift \(RMSE 0\)\.$/,
    );
    expect(verdict(0, 0, 0, 0, 0, 0)).toMatch(/^The forecast does not beat naive .*RMSE 0 against 0/);
  });

  it("names the winner where a simple method is better", () => {
    expect(verdict(2, 4, 4, 4, 1, 3)).toMatch(/loses to the linear map of the window by 100 %: use that instead\.$/);
  });

  it("counts no digits of a loss beyond all bounds", () => {
    expect(verdict(3e-5, 3, 3, 3, 3, 1e-14)).toMatch(/loses to AR\(p\) by more than 1000 %: use that instead\.$/);
  });

  it("is a sentence without NaN or Infinity for every order of the scores", () => {
    for (const scores of [
      [1, 2, 2, 2, 2, 2],
      [2, 1, 1, 1, 1, 1],
      [0, 1, 1, 1, 1, 1],
      [1, 0, 0, 0, 0, 0],
    ]) {
      expect(verdict(...(scores as Parameters<typeof verdict>))).toMatch(/^The forecast (?!.*(NaN|Infinity)).*\.$/);
    }
  });
});
