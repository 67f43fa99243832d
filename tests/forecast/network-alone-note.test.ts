/** Where the network alone does better than the forecast on the validation part, the notes say so, and only there. */
import { forecast } from "refrain/forecast";
import { describe, expect, it } from "vitest";
import { airPassengers, sunspots } from "./data.ts";

const NOTE =
  /^The network alone did better on the validation part \(RMSE .* against .*\); skip none forecasts with it\.$/;
const CASES = [
  ["passengers two years ahead", airPassengers, { horizon: 24, seasonHint: 12 }],
  ["sunspots a year ahead", sunspots, { horizon: 1 }],
  ["passengers by the network alone", airPassengers, { horizon: 12, seasonHint: 12, skip: "none" }],
] as const;

describe("the note on the network alone", () => {
  it.each(CASES)("is right for %s", async (_, values, options) => {
    const result = await forecast([{ name: "value", values }], { ...options, epochs: 6, refit: false });
    const better = result.network.validationRmse < 0.99 * result.forecast.validationRmse;
    expect(result.notes.some((note) => NOTE.test(note))).toBe(better);
  });

  it("is there for passengers two years ahead, where the window of the linear map is shorter than the horizon", async () => {
    const [, values, options] = CASES[0];
    const { notes } = await forecast([{ name: "value", values }], { ...options, epochs: 6, refit: false });
    expect(notes.at(-1)).toMatch(NOTE);
  });
});
