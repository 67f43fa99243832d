/**
 * Curves as Vega-Lite layers: per curve a band if it has one, a line, and points where there are few; all share one x axis,
 * one y axis and one legend. Every figure that has time along x is made of these.
 */

import { ArgumentError } from "../tensor/errors.ts";
import type { Json, VegaLiteSpec } from "./figure.ts";
import { drawn } from "./number-format.ts";
import { textExtent } from "./text-extent.ts";
import { coloursOf, palette, type Role, size } from "./theme.ts";
import { MAX_POINTS, thinOut } from "./thin-out.ts";
import { type XAxis, type XLabel, xAxis } from "./x-axis.ts";

/** One named line. */
export type Curve = {
  /** In the legend. */
  name: string;
  /** One label per value. Default: 0, 1, 2 … */
  x?: readonly XLabel[];
  /** The values; NaN is a gap. */
  y: ArrayLike<number>;
  /** What it stands for; decides colour and weight. Default "series": the next colour of the palette. */
  role?: Role;
  /** The edges of a band around the line, as long as `y`. Both or neither. */
  lower?: ArrayLike<number>;
  upper?: ArrayLike<number>;
  /** The band's name in the legend. Default: none, the band then has only its colour. */
  bandName?: string;
  /** Default false. */
  dashed?: boolean;
  /** Points on the line. Default: only on a curve of at most `FEW_POINTS` values. */
  points?: boolean;
};

/** A vertical line with words at its top. */
export type Marker = { x: XLabel; text?: string };

/** What every figure with curves takes. */
export type AxesOptions = {
  /** Below the x axis, with its unit. */
  xTitle?: string;
  /** Beside the y axis, with its unit: "passengers (thousands)". */
  yTitle?: string;
  /** First and last label shown; values outside are cut off. Default: all. */
  xDomain?: readonly [XLabel, XLabel];
  /** Lowest and highest value shown, so that the frames of an animation agree. Default: from the values. */
  yDomain?: readonly [number, number];
  /** A logarithmic y axis; values that are not positive become gaps. Default false. */
  yLog?: boolean;
  /** Vertical lines. Default: none. */
  markers?: readonly Marker[];
  /** Curves longer than this are thinned: the lowest and highest value of each bucket stay (see `thinOut`). Default 1000. */
  maxPoints?: number;
};

/** Curves this short show their values as points. */
export const FEW_POINTS = 30;

/**
 * The layers and the x axis they share. `width` is the figure's, to break the legend into lines that fit;
 * `wordsAbove` keeps a line free above the plot.
 */
export function curveLayers(
  curves: readonly Curve[],
  options: AxesOptions & { width?: number; wordsAbove?: boolean },
): { body: VegaLiteSpec; axis: XAxis } {
  const { xTitle = "step", yTitle = "value", yLog = false, width = size.width, markers = [] } = options;
  checkCurves(curves);
  const axis = xAxis(curves.flatMap(labelsOf), xTitle, options.xDomain);
  const shown = curves.map((curve) => visiblePart(curve, axis, options));
  const y = {
    field: "y",
    type: "quantitative",
    title: yTitle,
    ...(yLog ? logAxis : linearAxis)(shown, options.yDomain),
  };
  const lineColours = coloursOf(curves.map((curve) => curve.role ?? "series"));
  const colour = legendOf(
    curves,
    lineColours,
    width,
    markers.some((marker) => marker.text !== undefined) || options.wordsAbove,
  );

  const clip = options.yDomain !== undefined;
  const bands: Json[] = [];
  const lines: Json[] = [];
  for (const [i, { name, role = "series", dashed = false, bandName, ...curve }] of curves.entries()) {
    const { x, y: values, lower, upper } = shown[i];
    if (lower && upper) {
      bands.push({
        data: { values: x.map((label, k) => ({ x: label, y: lower[k], y2: upper[k] })) },
        mark: { type: "area", opacity: bandName ? 1 : 0.6, clip },
        encoding: {
          x: axis.channel,
          y,
          y2: { field: "y2" },
          color: bandName ? colour(bandName) : { value: bandColour(role) },
        },
      });
    }
    const points = curve.points ?? curve.y.length <= FEW_POINTS;
    lines.push({
      data: { values: x.map((label, k) => ({ x: label, y: values[k] })) },
      mark: {
        type: "line",
        clip,
        strokeWidth: role === "baseline" || x.length > 300 ? size.thin : size.thick,
        strokeJoin: "round",
        ...(dashed ? { strokeDash: [6, 4] } : {}),
        ...(points ? { point: { size: 30, filled: true, color: lineColours[i] } } : {}),
      },
      encoding: { x: axis.channel, y, color: colour(name) },
    });
  }
  return { body: { layer: [...bands, ...markerLayers(markers, axis, width), ...lines] }, axis };
}

function checkCurves(curves: readonly Curve[]): void {
  if (curves.length === 0) throw new ArgumentError("figure: expected at least one curve, got none.");
  for (const { name, x, y, lower, upper } of curves) {
    for (const [part, values] of Object.entries({ x, lower, upper })) {
      if (values && values.length !== y.length) {
        throw new ArgumentError(
          `figure: curve "${name}": ${part} must be as long as y, got ${values.length} for ${y.length} values.`,
        );
      }
    }
    if (!lower !== !upper) throw new ArgumentError(`figure: curve "${name}": a band needs both lower and upper.`);
  }
}

function labelsOf(curve: Curve): readonly XLabel[] {
  return curve.x ?? Array.from({ length: curve.y.length }, (_, i) => i);
}

/** What is drawn of a curve: inside the x domain, thinned, rounded; null is a gap. */
type VisiblePart = {
  x: (number | string)[];
  y: (number | null)[];
  lower?: (number | null)[];
  upper?: (number | null)[];
};

function visiblePart(curve: Curve, axis: XAxis, options: AxesOptions): VisiblePart {
  const labels = labelsOf(curve);
  const [low, high] = axis.extent;
  const inside: number[] = [];
  for (let i = 0; i < curve.y.length; i++) {
    const at = axis.position(labels[i]);
    if (at >= low && at <= high) inside.push(i);
  }
  const kept = new Set<number>();
  for (const values of [curve.y, curve.lower, curve.upper]) {
    if (!values) continue;
    const visible = inside.map((i) => values[i]);
    for (const k of thinOut(visible, options.maxPoints ?? MAX_POINTS)) kept.add(inside[k]);
  }
  const indices = [...kept].sort((a, b) => a - b);
  const pick = (values: ArrayLike<number>) =>
    indices.map((i) => (options.yLog && !(values[i] > 0) ? null : drawn(values[i])));
  const part: VisiblePart = { x: indices.map((i) => axis.datum(labels[i])), y: pick(curve.y) };
  if (curve.lower && curve.upper) {
    part.lower = pick(curve.lower);
    part.upper = pick(curve.upper);
  }
  return part;
}

/** The colour channel of a name; all share one scale and one legend, which is absent if there is one name only. */
function legendOf(curves: readonly Curve[], lineColours: readonly string[], width: number, wordsBelow = false) {
  const entries = curves.flatMap((curve, i) => [
    { name: curve.name, colour: lineColours[i] },
    ...(curve.lower && curve.bandName ? [{ name: curve.bandName, colour: bandColour(curve.role) }] : []),
  ]);
  const scale = { domain: entries.map((entry) => entry.name), range: entries.map((entry) => entry.colour) };
  const widest = Math.max(...entries.map((entry) => textExtent(entry.name, size.label))) + 44;
  const columns = Math.max(1, Math.min(entries.length, Math.floor((width - 90) / widest)));
  const legend = entries.length > 1 ? { symbolType: "stroke", columns, offset: wordsBelow ? 26 : 8 } : null;
  return (name: string): Json => ({ datum: name, type: "nominal", title: null, scale, legend });
}

function bandColour(role: Role = "series"): string {
  return role === "truth" || role === "baseline" ? palette.quietBand : palette.interval;
}

type ScaleAndAxis = { scale: { [key: string]: Json }; axis: { [key: string]: Json } };

/** A y axis begins at zero where zero is near, else where the values do. */
function linearAxis(parts: readonly VisiblePart[], domain?: readonly [number, number]): ScaleAndAxis {
  const [low, high] = domain ?? rangeOf(parts);
  if (low === high) return { scale: { domain: around(low), nice: false, zero: false }, axis: {} };
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const axis = largest >= 1e6 ? { format: "~s" } : largest < 1e-3 && largest > 0 ? { format: "~e" } : {};
  if (domain) return { scale: { domain, nice: false, zero: false }, axis };
  return { scale: { zero: (low >= 0 && low <= 0.3 * high) || (high <= 0 && high >= 0.3 * low), nice: true }, axis };
}

/** A domain for a single value, which would have none. */
function around(value: number): [number, number] {
  const margin = Math.abs(value) / 2 || 1;
  return [value - margin, value + margin];
}

/** Few ticks at round numbers: powers of ten over a wide range, 1, 2, 5 over a narrow one. */
function logAxis(parts: readonly VisiblePart[], domain?: readonly [number, number]): ScaleAndAxis {
  const [low, high] = domain ?? rangeOf(parts);
  if (!(low > 0 && high >= low)) return { scale: { type: "log" }, axis: {} };
  const [bottom, top] = domain ?? [low / 1.2, high * 1.2];
  const decades = Math.log10(top / bottom);
  const every = Math.max(1, Math.ceil(decades / 8));
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(bottom)); power <= Math.ceil(Math.log10(top)); power++) {
    if (power % every !== 0) continue;
    for (const step of decades < 1.6 ? [1, 2, 5] : decades < 3 ? [1, 3] : [1]) {
      const value = Number(`${step}e${power}`);
      if (value >= bottom && value <= top) values.push(value);
    }
  }
  if (values.length === 0) values.push(low);
  return {
    scale: { type: "log", domain: [bottom, top], nice: false },
    axis: { values, labelExpr: LOG_LABEL, labelOverlap: true },
  };
}

const LOG_LABEL = "format(datum.value, datum.value < 1e-3 || datum.value >= 1e6 ? '~e' : '~g')";

function rangeOf(parts: readonly VisiblePart[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const part of parts) {
    for (const value of [...part.y, ...(part.lower ?? []), ...(part.upper ?? [])]) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** Rules, and their words above the plot: centred on the rule, moved inwards at the edges. */
function markerLayers(markers: readonly Marker[], axis: XAxis, width: number): Json[] {
  const [low, high] = axis.extent;
  const plot = width - 90;
  return markers
    .filter(({ x }) => axis.position(x) > low && axis.position(x) <= high)
    .flatMap(({ x, text }) => {
      const data = { values: [{ x: axis.datum(x) }] };
      const encoding = { x: axis.channel };
      const rule = {
        data,
        mark: { type: "rule", color: palette.rule, strokeDash: [4, 3], strokeWidth: 1.2 },
        encoding,
      };
      if (!text) return [rule];
      const at = (plot * (axis.position(x) - low)) / (high - low || 1);
      const half = textExtent(text, size.label) / 2;
      const align = at < half ? "left" : at > plot - half ? "right" : "center";
      return [rule, wordsAbove(data, encoding, text, align)];
    });
}

/** `text` in the free line between legend and plot, at the x of its data. */
export function wordsAbove(data: VegaLiteSpec, encoding: VegaLiteSpec, text: string, align: string): Json {
  const mark = { type: "text", text, align, baseline: "bottom", fontSize: size.label, color: palette.quietInk };
  return { data, mark, encoding: { ...encoding, y: { value: -5 } } };
}
