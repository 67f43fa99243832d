/** What a forecast refuses at the door, before anything is trained, and what it says of scores that no share can express. */
import { type ForecastColumn, type ForecastOptions, forecast } from "refrain/forecast";
import { describe, expect, it } from "vitest";

const values = Float64Array.from({ length: 60 }, (_, t) => t + 3 * Math.sin(t * t));
const column = { name: "y", values };
const changed = (row: number, other: number) => ({
  name: "y",
  values: values.map((value, t) => (t === row ? other : value)),
});

/** The error of a forecast that must not have trained an epoch. */
async function refusal(columns: readonly ForecastColumn[], options: ForecastOptions = {}): Promise<Error> {
  let epochs = 0;
  try {
    await forecast(columns, { epochs: 3, hidden: 4, ...options }, { onEpoch: () => void epochs++ });
  } catch (error) {
    expect(epochs).toBe(0);
    return error as Error;
  }
  throw new Error("the forecast was not refused");
}

const COLUMNS: readonly (readonly [string, readonly ForecastColumn[], RegExp])[] = [
  ["no column", [], /at least one column/],
  ["columns of two lengths", [column, { name: "x", values: values.slice(3) }], /"y" has 60 rows, "x" has 57/],
  ["marks of another length", [{ ...column, observed: [1, 0] }], /"y" has 60 rows.* has 2 marks/],
  ["NaN in the training part", [changed(20, Number.NaN)], /"y" holds NaN at row 20; fill gaps/],
  ["infinity in the test part", [changed(58, Number.POSITIVE_INFINITY)], /"y" holds Infinity at row 58/],
  [
    "NaN in an input",
    [column, { name: "x", values: values.map((value, t) => (t === 7 ? Number.NaN : value)) }],
    /"x" holds NaN at row 7/,
  ],
  ["a constant series", [{ name: "y", values: new Float64Array(60).fill(2) }], /"y" is constant \(2 in all 60 rows\)/],
];

const OPTIONS: readonly (readonly [string, ForecastOptions, RegExp])[] = [
  [
    "a season longer than the training part",
    { season: 37 },
    /season of 37 rows is longer than the training part of 36/,
  ],
  ["a level of 0", { level: 0 }, /level must lie between 0 and 1/],
  ["a level of 1", { level: 1 }, /level must lie between 0 and 1/],
  ["a level in per cent", { level: 90 }, /level must lie between 0 and 1, got 90; did you mean 0\.9\?/],
  ["a window beyond the training part", { window: 36 }, /take a shorter window/],
  ["a horizon beyond the parts", { horizon: 13 }, /take a shorter horizon/],
  ["no validation part", { split: [0.8, 0, 0.2] }, /validation part has 0 of 60 rows/],
  ["a form without its season", { form: "seasonal", season: null }, /needs a season/],
  ["a window of nothing", { window: 0 }, /window must be a whole number/],
  ["half a seed", { seed: 0.5 }, /seed must be a whole number/],
  ["a learning rate of 0", { learningRate: 0 }, /learningRate must be a number above 0/],
];

describe("a forecast is refused before it trains", () => {
  it.each(COLUMNS)("%s", async (_, columns, sentence) => {
    expect((await refusal(columns)).message).toMatch(sentence);
  });

  it.each(OPTIONS)("%s", async (_, options, sentence) => {
    expect((await refusal([column], options)).message).toMatch(sentence);
  });
});

describe("the verdict", () => {
  const SMALL = { epochs: 2, hidden: 4, season: null } as const;

  it("is in plain numbers where naive errs nowhere", async () => {
    const flat = values.map((value, t) => (t < 47 ? value : 5));
    const { verdict, baselines } = await forecast([{ name: "y", values: flat }], SMALL);
    expect(baselines.naive.rmse).toBe(0);
    expect(verdict).toMatch(/does not beat naive/);
    expect(verdict).not.toMatch(/NaN|Infinity/);
  });

  it("calls what is many times worse so, without digits that say nothing", async () => {
    const line = values.map((_, t) => (t < 30 ? 5 * Math.sin(t * t) : t / 1000));
    const { verdict } = await forecast([{ name: "y", values: line }], { ...SMALL, skip: "none", form: "level" });
    expect(verdict).toMatch(/^The forecast does not beat naive .* it is more than 1000 % worse\.$/);
  });
});

it("a loss that is no number ends the training, and says at which learning rate", async () => {
  const error = await forecast([column], { learningRate: 1e30, hidden: 4 }).catch((reason) => reason);
  expect(error.name).toBe("Diverged");
  expect(error.message).toMatch(/loss became (NaN|Infinity) in epoch 1; the learning rate of 1e\+30 is too high/);
});
