/** The lesson's figures. */

import { type Figure, lineFigure, lossFigure, predictionFigure } from "refrain/figure";
import type { Trained } from "../early-stopping.ts";
import type { PriceWindows } from "../price-windows.ts";
import type { Certainty } from "./certainty.ts";
import type { PriceGRU } from "./networks.ts";
import type { Prices } from "./prices.ts";
import type { Simulation } from "./simulation.ts";

const AXES = { xTitle: "day", yTitle: "close (points)" };
/** Days in the close look at the test part. */
const SHOWN = 60;

export function learningFigure({ losses, validationLosses }: Trained<PriceGRU>): Figure {
  return lossFigure(
    { training: losses, validation: validationLosses },
    { title: "Learning changes", yTitle: "mean squared error (σ²)" },
  );
}

/** @param days one label a window @param trained the first window of the test */
export function seriesFigure(
  { title }: Prices,
  { truth }: PriceWindows,
  days: readonly string[],
  trained: number,
  { levels, changes }: Record<"levels" | "changes", Float64Array>,
): Figure {
  return predictionFigure(
    {
      x: days,
      truth,
      predictions: [
        { name: "GRU on raw levels", y: levels, role: "series" },
        { name: "GRU on changes", y: changes, role: "network" },
      ],
    },
    { title: `${title}: the whole series`, ...AXES, markers: [{ x: days[trained], text: "test" }] },
  );
}

/** All arguments from the first test day on. */
export function testFigure(
  { title }: Prices,
  days: readonly string[],
  { truth, naive, changes }: Record<"truth" | "naive" | "changes", Float64Array>,
  { lower, upper }: Certainty,
): Figure {
  const shown = Math.min(SHOWN, truth.length);
  const x = days.slice(0, shown);
  const first = (values: Float64Array) => values.subarray(0, shown);
  const band = { lower: first(lower), upper: first(upper), bandName: "80 % interval" };
  return lineFigure(
    [
      { name: "actual", x, y: first(truth), role: "truth" },
      { name: "naive", x, y: first(naive), role: "baseline" },
      { name: "GRU on changes", x, y: first(changes), role: "network", ...band },
    ],
    { title: `${title}: the first ${shown} test days`, ...AXES },
  );
}

/** @param days from the one before the first test day on @param fee a share of what is traded */
export function tradingFigure(
  days: readonly string[],
  { hold, eager, free }: Record<"hold" | "eager" | "free", Simulation>,
  fee: number,
): Figure {
  return lineFigure(
    [
      { name: "buy and hold", x: days, y: hold.value, role: "baseline" },
      { name: "by forecast", x: days, y: eager.value, role: "network" },
      { name: "by forecast, no fees", x: days, y: free.value, role: "series", dashed: true },
    ],
    {
      title: "What 1 becomes",
      subtitle: `Each trade costs ${(100 * fee).toFixed(1)} %`,
      xTitle: "day",
      yTitle: "value",
    },
  );
}
