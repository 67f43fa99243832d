/** The sentence on how good a forecast is admits defeat, and is a sentence whatever the scores. */
import { describe, expect, it } from "vitest";
import { type Contestant, verdictOn } from "../../src/forecast/verdict.ts";

const ORIGINS = 40;
/** A method whose squared errors are `rmse`², more or less. */
function contestant(rmse: number): Contestant {
  const losses = Float64Array.from({ length: ORIGINS }, (_, i) => rmse ** 2 * (1 + 0.1 * Math.sin(7 * i + rmse)));
  return { scores: { rmse, mae: rmse, mase: null, smape: 0 }, losses };
}
const allOf = (naive: number, seasonalNaive: number, drift: number, linear: number, ar: number) => ({
  naive: contestant(naive),
  seasonalNaive: contestant(seasonalNaive),
  drift: contestant(drift),
  linear: contestant(linear),
  ar: contestant(ar),
});
const verdict = (ours: number, ...baselines: Parameters<typeof allOf>) =>
  verdictOn(contestant(ours), allOf(...baselines), 1).text;

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

  it("names the method to take instead, and none where none is better by a margin", () => {
    const instead = (ours: number, linear: number) => verdictOn(contestant(ours), allOf(4, 4, 4, linear, 3), 1).instead;
    expect([instead(2, 1), instead(2, 1.99), instead(2, 3)]).toEqual(["linear", null, null]);
  });

  it("says of a forecast that is a simple method itself which, and why, and does not hold it against itself", () => {
    const dropped = { name: "linear", why: "for the network's correction was dropped" } as const;
    expect(verdictOn(contestant(1), allOf(4, 4, 4, 1, 3), 1, dropped).text).toMatch(
      /^The forecast beats naive \(the last value\) by 75 %, RMSE 1 against 4\. It is the linear map of the window itself, for the network's correction was dropped\.$/,
    );
    expect(verdictOn(contestant(3), allOf(4, 4, 4, 1, 3), 1, { name: "ar", why: "as was asked" }).text).toMatch(
      /but loses to the linear map of the window by 200 %: use that instead\. It is AR\(p\) itself, as was asked\.$/,
    );
  });

  it("of naive itself compares it with the best of the others only", () => {
    const asked = { name: "naive", why: "as was asked" } as const;
    expect(verdictOn(contestant(4), allOf(4, 5, 5, 4, 4), 1, asked).text).toBe(
      "The forecast is naive (the last value) itself, as was asked, RMSE 4.",
    );
    expect(verdictOn(contestant(4), allOf(4, 4, 4, 4, 2), 1, asked)).toMatchObject({
      text: "The forecast is naive (the last value) itself, as was asked, RMSE 4, and loses to AR(p) by 100 %: use that instead.",
      instead: "ar",
    });
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
