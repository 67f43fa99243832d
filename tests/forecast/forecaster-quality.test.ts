/** What a forecast with default settings and three seeds reaches on real data: the marks are the project's promise. */
import { type ForecastOptions, type ForecastResult, forecast } from "refrain/forecast";
import { beforeAll, describe, expect, it } from "vitest";
import { airPassengers, column, nikkeiClose, stockClose, sunspots } from "./data.ts";

const dax = column("dax_in_nikkei_format.csv", 4, 2, "shift_jis");
/** Minutes, since without a compiler the reference backend trains. */
const PATIENCE_MS = 240_000;

const run = (values: Float64Array, options: ForecastOptions) =>
  forecast([{ name: "series", values }], { seeds: 3, ...options });

interface Mark {
  readonly name: string;
  readonly values: Float64Array | null;
  readonly options: ForecastOptions;
  /** The most that the mean test RMSE over the seeds may be. */
  readonly most: (naive: number) => number;
  /** The same for the network on its own. */
  readonly networkMost?: number;
  /** Whether an honest verdict says that there is nothing to win. */
  readonly concedes: boolean;
}

const MARKS: readonly Mark[] = [
  {
    name: "AirPassengers, a year ahead",
    values: airPassengers,
    options: { horizon: 12, split: [96, 24, 24], seasonHint: 12 },
    most: () => 18,
    networkMost: 27,
    concedes: false,
  },
  {
    name: "AirPassengers, a month ahead",
    values: airPassengers,
    options: { horizon: 1, split: [96, 24, 24], seasonHint: 12 },
    most: () => 15,
    networkMost: 18,
    concedes: false,
  },
  {
    name: "sunspots, a year ahead",
    values: sunspots,
    options: { horizon: 1, split: [201, 50, 58] },
    most: () => 20,
    concedes: false,
  },
  { name: "the DAX, a day ahead", values: dax, options: {}, most: (naive) => 1.01 * naive, concedes: true },
  {
    name: "stock_daily, a day ahead (has no licence to ship, read beside the project)",
    values: stockClose,
    options: {},
    most: (naive) => 1.01 * naive,
    concedes: true,
  },
  {
    name: "the Nikkei 2010–2017, a day ahead (has no licence to ship, read beside the project)",
    values: nikkeiClose,
    options: {},
    most: (naive) => 1.005 * naive,
    concedes: true,
  },
];

for (const { name, values, options, most, networkMost, concedes } of MARKS) {
  describe.skipIf(values === null)(`the forecast of ${name}`, () => {
    let result: ForecastResult;
    beforeAll(async () => {
      result = await run(values!, options);
    }, PATIENCE_MS);

    it("reaches its mark", () => {
      expect(result.forecast.test.rmse).toBeLessThanOrEqual(most(result.baselines.naive.rmse));
      expect(result.forecast.test.rmseSeeds).toHaveLength(result.config.correctionKept ? 3 : 1);
    });

    it.skipIf(networkMost === undefined)("has a network that reaches its mark alone", () => {
      expect(result.network.test.rmse).toBeLessThanOrEqual(networkMost!);
      expect(result.network.test.rmseSeeds).toHaveLength(3);
    });

    it(concedes ? "concedes that there is no margin over naive to trade on" : "says that naive is beaten", () => {
      expect(result.verdict).toMatch(concedes ? /does not beat naive .*by a margin .*trading on/ : /beats naive/);
    });

    it("admits defeat wherever a simple method does better by a margin", () => {
      const best = Math.min(...Object.values(result.baselines).map(({ rmse }) => rmse));
      if (!concedes && best < result.forecast.test.rmse / 1.02) expect(result.verdict).toMatch(/but loses to .* by/);
      else expect(result.verdict).not.toMatch(/but loses to/);
    });
  });
}
