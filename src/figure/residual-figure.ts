/** How large the errors are: a histogram of actual minus predicted, with zero and the mean marked. */

import { type Figure, type FigureOptions, frameFigure } from "./figure.ts";
import { drawn } from "./number-format.ts";
import { quantile, sortedFinite } from "./quantile.ts";
import { palette, size } from "./theme.ts";

export type ResidualFigureOptions = FigureOptions & {
  /** Below the axis, with its unit. Default "actual − predicted". */
  valueTitle?: string;
  /** Beside the other axis. Default "count". */
  countTitle?: string;
  /** The mean's words. Default "mean". */
  meanName?: string;
  /** Bins, about; their edges are round numbers. Default: by Freedman and Diaconis (1981), 5 … 60. */
  bins?: number;
};

/** @param residuals actual minus predicted; NaN is left out */
export function residualFigure(residuals: ArrayLike<number>, options: ResidualFigureOptions = {}): Figure {
  const { valueTitle = "actual − predicted", countTitle = "count", meanName = "mean" } = options;
  const sorted = sortedFinite(residuals);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / (sorted.length || 1);
  const counted = countInBins(sorted, options.bins);
  const meanText = `${meanName} ${Number(mean.toPrecision(3))}`;
  const x = {
    type: "quantitative",
    title: valueTitle,
    scale: { zero: false, nice: false, padding: 6 },
    axis: { tickCount: 9, labelFlush: false },
  };
  const layer = [
    {
      data: { values: counted.map((bin) => ({ start: drawn(bin.start), end: drawn(bin.end), count: bin.count })) },
      mark: { type: "bar", color: palette.network, opacity: 0.85, binSpacing: 1 },
      encoding: {
        x: { ...x, field: "start", bin: "binned" },
        x2: { field: "end" },
        y: { field: "count", type: "quantitative", title: countTitle, axis: { tickMinStep: 1 } },
      },
    },
    {
      data: { values: [{ x: 0 }] },
      mark: { type: "rule", color: palette.ink, strokeWidth: 1.4 },
      encoding: { x: { ...x, field: "x" } },
    },
    {
      data: { values: [{ x: drawn(mean) }] },
      mark: { type: "rule", color: palette.ink, strokeDash: [4, 3], strokeWidth: 1.4 },
      encoding: { x: { ...x, field: "x" } },
    },
    {
      data: { values: [{ x: drawn(mean) }] },
      mark: { type: "text", text: meanText, baseline: "bottom", fontSize: size.label, color: palette.quietInk },
      encoding: { x: { ...x, field: "x" }, y: { value: -5 } },
    },
  ];
  return frameFigure(options, `Histogram of ${sorted.length} errors, ${valueTitle}; ${meanText}.`, { layer });
}

/** Bins of one round width that cover all values, zero on an edge. A value on an edge counts to the right, the largest to the left. */
export function countInBins(
  sorted: readonly number[],
  wanted?: number,
): { start: number; end: number; count: number }[] {
  if (sorted.length === 0) return [];
  const low = sorted[0];
  const high = sorted[sorted.length - 1];
  const range = high - low || Math.abs(high) || 1;
  const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25) || range;
  const bins = wanted ?? Math.min(60, Math.max(5, range / ((2 * spread) / Math.cbrt(sorted.length))));
  const width = roundWidth(range / bins);
  const first = Math.floor(low / width);
  const count = Math.max(1, Math.ceil(high / width - 1e-9) - first);
  const counted = Array.from({ length: count }, (_, i) => ({
    start: (first + i) * width,
    end: (first + i + 1) * width,
    count: 0,
  }));
  for (const value of sorted) counted[Math.min(count - 1, Math.max(0, Math.floor(value / width) - first))].count++;
  return counted;
}

/** The nearest of 1, 2, 5 times a power of ten at or above `width`. */
function roundWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width));
  return power * ([1, 2, 5].find((step) => step * power >= width * (1 - 1e-9)) ?? 10);
}
