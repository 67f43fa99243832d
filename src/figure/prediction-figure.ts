/** What was observed against what was predicted: the truth near black, the first network in the strong colour, baselines muted. */

import { type AxesOptions, type Curve, curveLayers } from "./curves.ts";
import { type Figure, type FigureOptions, frameFigure } from "./figure.ts";
import { listed } from "./line-figure.ts";
import type { XLabel } from "./x-axis.ts";

export type PredictionData = {
  /** One label per true value. Default: 0, 1, 2 … Predictions without labels of their own use these. */
  x?: readonly XLabel[];
  truth: ArrayLike<number>;
  /** Named predictions; NaN where there is none. Without a role, a single one is "network" and several are "series". */
  predictions: readonly Curve[];
};

export type PredictionFigureOptions = FigureOptions &
  AxesOptions & {
    /** The truth's name in the legend. Default "actual". */
    truthName?: string;
  };

/**
 * @example
 * predictionFigure(
 *   { x: months, truth, predictions: [{ name: "naive", role: "baseline", y: naive }, { name: "LSTM", role: "network", y: lstm }] },
 *   { title: "Test part", xTitle: "month", yTitle: "passengers (thousands)" },
 * );
 */
export function predictionFigure(data: PredictionData, options: PredictionFigureOptions = {}): Figure {
  const { truthName = "actual" } = options;
  const labels = data.x === undefined ? {} : { x: data.x };
  const role = data.predictions.length === 1 ? "network" : "series";
  const curves: Curve[] = [
    { name: truthName, role: "truth", y: data.truth, ...labels },
    ...data.predictions.map((prediction) => ({ ...labels, role, ...prediction }) as Curve),
  ];
  const { body } = curveLayers(curves, options);
  const names = listed(data.predictions.map((prediction) => prediction.name));
  const { xTitle = "step", yTitle = "value" } = options;
  return frameFigure(options, `${truthName} against ${names}: ${yTitle} by ${xTitle}.`, body);
}
