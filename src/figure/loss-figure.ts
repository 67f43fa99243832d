/** The loss by epoch or step, of training and validation, with the best epoch marked. */

import { type AxesOptions, type Curve, curveLayers, type Marker } from "./curves.ts";
import { type Figure, type FigureOptions, frameFigure } from "./figure.ts";

export type LossData = {
  /** One loss per epoch or step. */
  training: ArrayLike<number>;
  /** As long as `training`, or absent. */
  validation?: ArrayLike<number>;
  /** The epoch or step of each loss. Default: 1, 2, 3 … */
  x?: readonly number[];
};

export type LossFigureOptions = FigureOptions &
  Omit<AxesOptions, "yLog"> & {
    /** A logarithmic axis. Default "auto": if all losses are positive and the largest is over `WIDE_RANGE` times the smallest. */
    yLog?: boolean | "auto";
    /** The index to mark as best, or false. Default "auto": the lowest validation loss; nothing without one. */
    best?: number | false | "auto";
    /** In the legend and above the marked epoch. Defaults "training", "validation", "best". */
    trainingName?: string;
    validationName?: string;
    bestName?: string;
  };

/** Losses that span more than this are drawn on a logarithmic axis. */
export const WIDE_RANGE = 20;

/**
 * @example
 * lossFigure({ training, validation }, { title: "Learning", yTitle: "MSE (scaled units²)" });
 */
export function lossFigure(data: LossData, options: LossFigureOptions = {}): Figure {
  const { training, validation } = data;
  const { yLog = "auto", best = "auto", xTitle = "epoch", yTitle = "loss" } = options;
  const { trainingName = "training", validationName = "validation", bestName = "best" } = options;
  const x = data.x ?? Array.from({ length: Math.max(training.length, validation?.length ?? 0) }, (_, i) => i + 1);

  const curves: Curve[] = [
    { name: trainingName, role: validation ? "truth" : "network", x, y: training, points: training.length === 1 },
  ];
  if (validation)
    curves.push({ name: validationName, role: "network", x, y: validation, points: validation.length === 1 });
  const scored = validation ?? training;
  const marked = best === "auto" ? (validation ? lowest(validation) : -1) : best === false ? -1 : best;
  const markers: Marker[] =
    marked >= 0 && marked < scored.length
      ? [
          {
            x: x[marked],
            text: `${bestName}: ${x[marked].toLocaleString("en")} (${Number(scored[marked].toPrecision(3))})`,
          },
        ]
      : [];
  const log = yLog === "auto" ? isWide([training, validation ?? []]) : yLog;
  const { body } = curveLayers(curves, {
    ...options,
    xTitle,
    yTitle,
    yLog: log,
    markers: [...markers, ...(options.markers ?? [])],
  });
  const where = markers[0]?.text ? ` ${markers[0].text}.` : "";
  return frameFigure(options, `${yTitle} by ${xTitle}, from ${x[0]} to ${x[x.length - 1]}.${where}`, body);
}

function lowest(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]) && !(values[i] >= values[best])) best = i;
  return best;
}

function isWide(lists: readonly ArrayLike<number>[]): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const values of lists) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
  }
  return low > 0 && high > WIDE_RANGE * low;
}
