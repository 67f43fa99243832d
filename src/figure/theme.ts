/**
 * What all figures look like. A colour has one meaning everywhere, and the set can be told apart by colour-blind readers:
 *
 *   truth      near black     what was observed
 *   network    vermilion      what our model says; a forecast is the network's too
 *   interval   its pale tint  where the value should fall
 *   baselines  muted          what the network is measured against
 *
 * Several equals (three cells, five curves) take `series` in order: the Okabe–Ito colours, darkened where thin lines need it.
 * Sizes are chosen to be read at half size.
 */

export const palette = {
  truth: "#24292f",
  network: "#d1480f",
  interval: "#f8d3bd",
  quietBand: "#dde2e7",
  baselines: ["#7d8894", "#a58a62", "#6f9a8d", "#9a86b0", "#b07f8a"],
  series: ["#d1480f", "#0b6fb0", "#16876a", "#b4588f", "#b98300", "#4aa3d8", "#6b5b95", "#7a6a4f"],
  ink: "#24292f",
  quietInk: "#57606a",
  rule: "#8b949e",
  grid: "#e7eaee",
  background: "#ffffff",
} as const;

/** What a curve, bar or point stands for; it decides the colour. */
export type Role = "truth" | "network" | "baseline" | "series";

/** One colour per role in order: the second baseline gets the second muted colour, and so on; the network's is given once. */
export function coloursOf(roles: readonly Role[]): string[] {
  const seen = { baseline: 0, series: roles.includes("network") ? 1 : 0 };
  return roles.map((role) => {
    if (role === "truth") return palette.truth;
    if (role === "network") return palette.network;
    if (role === "baseline") return palette.baselines[seen.baseline++ % palette.baselines.length];
    return palette.series[seen.series++ % palette.series.length];
  });
}

/** Pixels. */
export const size = { width: 720, height: 380, title: 18, axisTitle: 14, label: 13, thin: 1.6, thick: 2.4 } as const;

/** What a page's reader may have: Latin families first, then Japanese. The renderer draws PNG with fonts of its own. */
export const fontStack =
  "'Open Sans', 'Segoe UI', 'Helvetica Neue', 'BIZ UDPGothic', 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', sans-serif";

/** Vega-Lite's `config`, the same in every spec. */
export const config = {
  background: palette.background,
  font: fontStack,
  // A label on every tick and point would drown the description of the whole.
  aria: false,
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "bounds",
    offset: 10,
    color: palette.ink,
    fontSize: size.title,
    fontWeight: "bold",
    lineHeight: 24,
    subtitleColor: palette.quietInk,
    subtitleFontSize: size.label,
    subtitleLineHeight: 18,
    subtitlePadding: 4,
  },
  axis: {
    labelColor: palette.quietInk,
    labelFontSize: size.label,
    labelPadding: 5,
    labelLimit: 240,
    // Above the longest label: beyond it the title would stand on the labels.
    maxExtent: 280,
    titleColor: palette.ink,
    titleFontSize: size.axisTitle,
    titleFontWeight: "normal",
    titlePadding: 9,
    gridColor: palette.grid,
    domainColor: palette.rule,
    tickColor: palette.rule,
    tickSize: 4,
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false, tickCount: 6 },
  legend: {
    orient: "top",
    direction: "horizontal",
    title: null,
    offset: 8,
    labelColor: palette.ink,
    labelFontSize: size.label,
    labelLimit: 320,
    symbolSize: 260,
    symbolStrokeWidth: 4,
    columnPadding: 20,
    rowPadding: 4,
  },
} as const;
