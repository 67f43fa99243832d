/** Scores by method as bars, best on top, ours in the strong colour, the number at the end of each bar. */

import { type Figure, type FigureOptions, frameFigure } from "./figure.ts";
import { decimalsFor, drawn } from "./number-format.ts";
import { palette, size } from "./theme.ts";

export type Score = {
  /** The method. */
  name: string;
  /** Lower is better. One that is not finite gets no bar and stands last. */
  value: number;
  /** Drawn in the network's colour. Default false. */
  ours?: boolean;
  /** Lowest and highest over seeds, as a thin line over the bar. */
  spread?: readonly [number, number];
};

export type ScoreFigureOptions = FigureOptions & {
  /** Below the axis, with its unit: "test RMSE (passengers, thousands)". Default "test RMSE". */
  valueTitle?: string;
  /** Beside the names. Default "method". */
  nameTitle?: string;
  /** Best first. Default true. */
  sorted?: boolean;
};

/**
 * @example
 * scoreFigure([{ name: "forecast", value: 13.1, ours: true }, { name: "naive", value: 51.8 }], { valueTitle: "test RMSE (thousands)" });
 */
export function scoreFigure(scores: readonly Score[], options: ScoreFigureOptions = {}): Figure {
  const { valueTitle = "test RMSE", nameTitle = "method", sorted = true } = options;
  const rank = (score: Score) => (Number.isFinite(score.value) ? score.value : Number.POSITIVE_INFINITY);
  const ordered = sorted ? [...scores].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b))) : [...scores];
  const decimals = decimalsFor(ordered.map((score) => score.value));
  const format = (value: number) =>
    value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  const rows = ordered.map((score) => ({
    name: score.name,
    value: drawn(score.value),
    low: score.spread ? drawn(score.spread[0]) : null,
    high: score.spread ? drawn(score.spread[1]) : null,
    end: drawn(Math.max(score.value, score.spread?.[1] ?? score.value)) ?? 0,
    text: Number.isFinite(score.value) ? format(score.value) : "–",
    colour: score.ours ? palette.network : palette.baselines[0],
    weight: score.ours ? "bold" : "normal",
  }));
  const longest = Math.max(0, ...rows.map((row) => row.end));
  const name = {
    field: "name",
    type: "nominal",
    title: nameTitle,
    sort: rows.map((row) => row.name),
    axis: { domain: false, ticks: false, labelColor: palette.ink },
    scale: { paddingInner: 0.3, paddingOuter: 0.2 },
  };
  const scale = { domain: [Math.min(0, ...rows.map((row) => row.value ?? 0)), longest * 1.14 || 1], nice: false };
  const value = (field: string) => ({
    field,
    type: "quantitative",
    title: valueTitle,
    scale,
    axis: { grid: true, tickCount: 6, labelFlush: false },
  });
  const layer = [
    {
      mark: { type: "bar" },
      encoding: { y: name, x: value("value"), color: { field: "colour", type: "nominal", scale: null } },
    },
    {
      transform: [{ filter: "isValid(datum.low) && isValid(datum.high)" }],
      mark: { type: "rule", strokeWidth: 2, color: palette.ink },
      encoding: { y: name, x: value("low"), x2: { field: "high" } },
    },
    ...["normal", "bold"].map((weight) => ({
      transform: [{ filter: `datum.weight === '${weight}'` }],
      mark: { type: "text", align: "left", dx: 6, fontSize: size.label, fontWeight: weight, color: palette.ink },
      encoding: { y: name, x: value("end"), text: { field: "text", type: "nominal" } },
    })),
  ];
  const best = ordered[0];
  const words = `Bars of ${valueTitle} for ${ordered.length} methods${best ? `; the lowest is ${best.name} with ${format(best.value)}` : ""}.`;
  const height = options.height ?? 110 + 34 * rows.length + (options.title ? 34 : 0) + (options.subtitle ? 20 : 0);
  return frameFigure({ ...options, height }, words, { data: { values: rows }, layer });
}
