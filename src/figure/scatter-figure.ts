/** Points: one value against another, with the diagonal where the two should be equal. */

import { type Figure, type FigureOptions, frameFigure, type Json } from "./figure.ts";
import { listed } from "./line-figure.ts";
import { drawn } from "./number-format.ts";
import { coloursOf, palette, type Role } from "./theme.ts";
import { thinOut } from "./thin-out.ts";

export type PointCloud = {
  /** In the legend. */
  name: string;
  x: ArrayLike<number>;
  /** As long as `x`. A point with a NaN is left out. */
  y: ArrayLike<number>;
  /** Default "series"; a single cloud is the network's. */
  role?: Role;
};

export type ScatterFigureOptions = FigureOptions & {
  /** Below and beside the axes, with their units. Defaults "x" and "y". */
  xTitle?: string;
  yTitle?: string;
  /** The line y = x, and equal scales on both axes: for truth against prediction. Default false. */
  diagonal?: boolean;
  /** More points than this, over all clouds, are thinned; the outermost of each stretch stay. Default 2000. */
  maxPoints?: number;
};

/**
 * @example
 * scatterFigure([{ name: "LSTM", x: truth, y: predicted }], { xTitle: "actual (°C)", yTitle: "predicted (°C)", diagonal: true });
 */
export function scatterFigure(clouds: readonly PointCloud[], options: ScatterFigureOptions = {}): Figure {
  const { xTitle = "x", yTitle = "y", diagonal = false, maxPoints = 2000 } = options;
  const defaultRole: Role = clouds.length === 1 ? "network" : "series";
  const colours = coloursOf(clouds.map((cloud) => cloud.role ?? defaultRole));
  const values = clouds.flatMap((cloud) => {
    const order = Array.from({ length: cloud.x.length }, (_, i) => i)
      .filter((i) => Number.isFinite(cloud.x[i]) && Number.isFinite(cloud.y[i]))
      .sort((a, b) => cloud.x[a] - cloud.x[b]);
    const kept = thinCloud(
      order.map((i) => cloud.y[i]),
      Math.max(8, Math.floor(maxPoints / clouds.length)),
    );
    return kept.map((k) => ({ x: drawn(cloud.x[order[k]]), y: drawn(cloud.y[order[k]]), name: cloud.name }));
  });
  const all = values.flatMap((point) => [point.x ?? 0, point.y ?? 0]);
  const low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const margin = 0.03 * (high - low);
  const scale: Json = diagonal && low < high ? { domain: [low - margin, high + margin], nice: false } : { zero: false };
  const x = {
    field: "x",
    type: "quantitative",
    title: xTitle,
    scale,
    axis: { grid: true, tickCount: 7, labelFlush: false },
  };
  const y = { field: "y", type: "quantitative", title: yTitle, scale };
  const color = {
    field: "name",
    type: "nominal",
    title: null,
    scale: { domain: clouds.map((cloud) => cloud.name), range: colours },
    legend:
      clouds.length > 1 ? { symbolType: "circle", symbolOpacity: 1, symbolSize: 110, symbolStrokeWidth: 0 } : null,
  };
  const opacity = values.length > 500 ? 0.35 : 0.7;
  const layer: Json[] = [
    {
      data: { values },
      mark: { type: "circle", size: values.length > 500 ? 22 : 40, opacity },
      encoding: { x, y, color },
    },
  ];
  if (diagonal && low < high) {
    layer.unshift({
      data: { values: [low - margin, high + margin].map((v) => ({ x: v, y: v })) },
      mark: { type: "line", color: palette.rule, strokeDash: [4, 3], strokeWidth: 1.4 },
      encoding: { x, y },
    });
  }
  const height = options.height ?? (diagonal ? 560 : 420);
  const width = options.width ?? (diagonal ? 560 : 720);
  const words = `Points of ${listed(clouds.map((cloud) => cloud.name))}: ${yTitle} against ${xTitle}.`;
  return frameFigure({ ...options, width, height }, words, { layer });
}

/** A quarter of the points for the edges of the cloud, the others evenly from its inside. */
function thinCloud(y: readonly number[], maxPoints: number): number[] {
  if (y.length <= maxPoints) return y.map((_, i) => i);
  const kept = new Set(thinOut(y, Math.floor(maxPoints / 4)));
  const step = y.length / (maxPoints - kept.size);
  for (let at = 0; at < y.length; at += step) kept.add(Math.floor(at));
  return [...kept].sort((a, b) => a - b);
}
