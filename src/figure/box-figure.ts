/**
 * How scores spread over seeds, per group: every value as a point, the box from the first to the third quartile, the median
 * across it, a thin line from the lowest to the highest. With few values the points are what to look at, so none is hidden.
 */

import { type Figure, type FigureOptions, frameFigure } from "./figure.ts";
import { drawn } from "./number-format.ts";
import { quantile, sortedFinite } from "./quantile.ts";
import { coloursOf, palette, type Role } from "./theme.ts";

export type BoxGroup = {
  name: string;
  /** One value per seed; NaN is left out. */
  values: ArrayLike<number>;
  /** Default "series". */
  role?: Role;
};

export type BoxFigureOptions = FigureOptions & {
  /** Below the axis, with its unit. Default "test RMSE". */
  valueTitle?: string;
  /** Beside the names. Default "group". */
  nameTitle?: string;
  /** A value to compare with, as a dashed line with its name above. Default: none. */
  reference?: { value: number; name: string };
};

/**
 * @example
 * boxFigure([{ name: "RNN", values: rnn }, { name: "LSTM", values: lstm }], { valueTitle: "test RMSE (sunspots)", nameTitle: "cell" });
 */
export function boxFigure(groups: readonly BoxGroup[], options: BoxFigureOptions = {}): Figure {
  const { valueTitle = "test RMSE", nameTitle = "group", reference } = options;
  const colours = coloursOf(groups.map((group) => group.role ?? "series"));
  const boxes = groups.flatMap((group, i) => {
    const sorted = sortedFinite(group.values);
    if (sorted.length === 0) return [];
    const at = (q: number) => drawn(quantile(sorted, q));
    return [
      { name: group.name, colour: colours[i], low: at(0), q1: at(0.25), median: at(0.5), q3: at(0.75), high: at(1) },
    ];
  });
  const points = groups.flatMap((group, i) =>
    sortedFinite(group.values).map((value, k) => ({
      name: group.name,
      colour: colours[i],
      value: drawn(value),
      // Neighbours in rank go to different sides, so that equal values stay apart.
      offset: [0, 1, -1, 2, -2][k % 5],
    })),
  );
  const y = {
    field: "name",
    type: "nominal",
    title: nameTitle,
    sort: groups.map((group) => group.name),
    scale: { domain: groups.map((group) => group.name) },
    axis: { domain: false, ticks: false, labelColor: palette.ink },
  };
  const x = (field: string) => ({
    field,
    type: "quantitative",
    title: valueTitle,
    scale: { zero: false, nice: true },
    axis: { grid: true, tickCount: 7, labelFlush: false },
  });
  const color = { field: "colour", type: "nominal", scale: null };
  const data = { values: boxes };
  const layer = [
    { data, mark: { type: "rule", strokeWidth: 1.4 }, encoding: { y, x: x("low"), x2: { field: "high" }, color } },
    {
      data,
      mark: { type: "bar", size: 30, fillOpacity: 0.22, strokeWidth: 1.4 },
      encoding: { y, x: x("q1"), x2: { field: "q3" }, color, stroke: color },
    },
    { data, mark: { type: "tick", size: 30, thickness: 3, opacity: 1 }, encoding: { y, x: x("median"), color } },
    // Only offsets that some point has: a layer without data warns of its empty extent.
    ...[...new Set(points.map(({ offset }) => offset))].map((offset) => ({
      data: { values: points.filter((point) => point.offset === offset).map(({ offset: _, ...point }) => point) },
      mark: { type: "circle", size: 46, opacity: 1, stroke: palette.background, strokeWidth: 0.8, yOffset: 5 * offset },
      encoding: { y, x: x("value"), color },
    })),
    ...(reference
      ? [
          {
            data: { values: [{ value: reference.value }] },
            mark: { type: "rule", strokeDash: [4, 3], strokeWidth: 1.4, color: palette.ink },
            encoding: { x: x("value") },
          },
          {
            data: { values: [{ value: reference.value }] },
            mark: { type: "text", text: reference.name, baseline: "bottom", fontSize: 13, color: palette.quietInk },
            encoding: { x: x("value"), y: { value: -5 } },
          },
        ]
      : []),
  ];
  const medians = boxes.map((box) => `${box.name} ${box.median}`).join(", ");
  const height = options.height ?? 130 + 58 * groups.length + (options.title ? 30 : 0) + (options.subtitle ? 20 : 0);
  return frameFigure({ ...options, height }, `Boxes of ${valueTitle} by ${nameTitle}; medians: ${medians}.`, { layer });
}
