/**
 * The picture of a forecast: the history, what was predicted for the test part, the future with its interval, and lines where
 * the training, validation and test parts end. Predictions for the test part and for the future have one colour, since one
 * model made both; the words above the plot say which part is which.
 */

import { type AxesOptions, type Curve, curveLayers, wordsAbove } from "./curves.ts";
import { type Figure, type FigureOptions, frameFigure, type Json, type VegaLiteSpec } from "./figure.ts";
import { drawn } from "./number-format.ts";
import { textExtent } from "./text-extent.ts";
import { palette, size } from "./theme.ts";
import { type XAxis, type XLabel, xAxis } from "./x-axis.ts";

export type ForecastData = {
  /** What was observed, in time order. Without labels: 0, 1, 2 … */
  history: { x?: readonly XLabel[]; y: ArrayLike<number> };
  /** Predictions for rows of the history, each made from the history before it; NaN is a gap. */
  predictions?: { x: readonly XLabel[]; y: ArrayLike<number> };
  /** The future, and the interval in which it should fall. */
  forecast?: { x: readonly XLabel[]; y: ArrayLike<number>; lower?: ArrayLike<number>; upper?: ArrayLike<number> };
  /** The first label of the validation and of the test part. */
  cuts?: { validation?: XLabel; test?: XLabel };
};

export type ForecastFigureOptions = FigureOptions &
  AxesOptions & {
    /** Values of the history to show, from its end. Default: twice the test part or eight horizons, at least 60. */
    last?: number;
    /** In the legend. Defaults "actual", "forecast", "interval". */
    truthName?: string;
    forecastName?: string;
    intervalName?: string;
    /** Words above the parts; one that does not fit its part is left out. Defaults "training", "validation", "test", "future". */
    partNames?: { training?: string; validation?: string; test?: string; future?: string };
  };

/**
 * @example
 * forecastFigure(
 *   {
 *     history: { x: months, y: passengers },
 *     predictions: { x: testMonths, y: predicted },
 *     forecast: { x: nextMonths, y: forecast, lower, upper },
 *     cuts: { validation: "1957-01", test: "1959-01" },
 *   },
 *   { title: "Airline passengers", xTitle: "month", yTitle: "passengers (thousands)", intervalName: "90 % interval" },
 * );
 */
export function forecastFigure(data: ForecastData, options: ForecastFigureOptions = {}): Figure {
  const { truthName = "actual", forecastName = "forecast", intervalName = "interval", xTitle = "time" } = options;
  const { history, predictions, forecast, cuts = {} } = data;
  const n = history.y.length;
  const labels = history.x ?? Array.from({ length: n }, (_, i) => i);
  const last = options.last ?? Math.max(60, 2 * (predictions?.y.length ?? 0), 8 * (forecast?.y.length ?? 0));
  const now = labels[n - 1];

  const curves: Curve[] = [{ name: truthName, role: "truth", x: labels, y: history.y, points: false }];
  const ours = forecastCurve(data, labels, forecastName, intervalName);
  if (ours.y.length > 0) curves.push(ours);
  const domain = shownDomain(labels, forecast?.x ?? [], Math.max(0, n - last));
  const rules = [cuts.validation, cuts.test, forecast && now].filter((cut) => cut !== undefined);
  const { body, axis } = curveLayers(curves, {
    xDomain: domain,
    ...options,
    xTitle,
    markers: [...rules.map((x) => ({ x })), ...(options.markers ?? [])],
    wordsAbove: true,
  });
  const ends = futureIsShort(data, axis) ? futurePoints(data, axis, body) : [];
  const words = partWords(data, labels, axis, options);
  const { yTitle = "value" } = options;
  const description = `${yTitle} by ${xTitle}: ${truthName}, and ${forecastName} for ${predictions ? "the test part" : ""}${
    predictions && forecast ? " and " : ""
  }${forecast ? `${forecast.y.length} future steps` : ""}.`;
  return frameFigure(options, description, { layer: [...(body.layer as Json[]), ...ends, ...words] });
}

/** Test predictions and future as one curve with a gap between; the future starts from what is known, so that one step is a line. */
function forecastCurve(data: ForecastData, labels: readonly XLabel[], name: string, bandName: string): Curve {
  const { history, predictions, forecast } = data;
  const x: XLabel[] = [];
  const y: number[] = [];
  const lower: number[] = [];
  const upper: number[] = [];
  const push = (label: XLabel, value: number, low: number, high: number) => {
    x.push(label);
    y.push(value);
    lower.push(low);
    upper.push(high);
  };
  predictions?.x.forEach((label, i) => {
    push(label, predictions.y[i], Number.NaN, Number.NaN);
  });
  const now = history.y.length - 1;
  if (forecast && now >= 0) {
    const known = history.y[now];
    push(labels[now], Number.NaN, Number.NaN, Number.NaN);
    push(labels[now], known, known, known);
    forecast.x.forEach((label, i) => {
      push(label, forecast.y[i], forecast.lower?.[i] ?? Number.NaN, forecast.upper?.[i] ?? Number.NaN);
    });
  }
  const curve: Curve = { name, role: "network", x, y, points: false };
  return forecast?.lower && forecast.upper ? { ...curve, lower, upper, bandName } : curve;
}

/** From the first label shown to the last one, with some air after a future that is short against what is shown. */
function shownDomain(labels: readonly XLabel[], future: readonly XLabel[], start: number): [XLabel, XLabel] {
  const axis = xAxis([...labels, ...future], "");
  const last = future[future.length - 1] ?? labels[labels.length - 1];
  if (future.length === 0 || axis.kind === "word") return [labels[start], last];
  const from = axis.position(labels[start]);
  const now = axis.position(labels[labels.length - 1]);
  const end = Math.max(axis.position(last), now + LEAST_FUTURE * (now - from));
  return [labels[start], labelAt(end, labels, axis)];
}

/** The part of the width that the future has at least. */
const LEAST_FUTURE = 0.05;

function futureIsShort({ history, forecast }: ForecastData, axis: XAxis): boolean {
  return forecast !== undefined && history.y.length > 0 && forecast.x.length <= 3 && axis.kind !== "word";
}

/** A line of one to three steps is hard to see: its values become points, its interval bars. */
function futurePoints({ forecast }: ForecastData, axis: XAxis, body: VegaLiteSpec): Json[] {
  const { encoding } = (body.layer as { encoding: { y: { [key: string]: Json } } }[])[0];
  const { x, y, lower, upper } = forecast!;
  const values = x.map((label, i) => ({
    x: axis.datum(label),
    y: drawn(y[i]),
    low: drawn(lower?.[i] ?? y[i]),
    high: drawn(upper?.[i] ?? y[i]),
  }));
  const place = { x: axis.channel, y: encoding.y };
  return [
    {
      data: { values },
      mark: { type: "rule", strokeWidth: 6, color: palette.interval },
      encoding: { x: axis.channel, y: { ...encoding.y, field: "low" }, y2: { field: "high" } },
    },
    { data: { values }, mark: { type: "circle", size: 42, opacity: 1, color: palette.network }, encoding: place },
  ];
}

/** The name of each part above its middle, where it fits. */
function partWords(data: ForecastData, labels: readonly XLabel[], axis: XAxis, options: ForecastFigureOptions): Json[] {
  const { cuts = {}, forecast } = data;
  const {
    training = "training",
    validation = "validation",
    test = "test",
    future = "future",
  } = options.partNames ?? {};
  const { width = size.width } = options;
  const [low, high] = axis.extent;
  const now = axis.position(labels[labels.length - 1]);
  const starts = [
    { name: training, from: cuts.validation === undefined && cuts.test === undefined ? now : low },
    { name: validation, from: cuts.validation === undefined ? now : axis.position(cuts.validation) },
    { name: test, from: cuts.test === undefined ? now : axis.position(cuts.test) },
    { name: future, from: forecast ? now : high },
  ];
  const all = forecast ? [...labels, ...forecast.x] : labels;
  return starts.flatMap(({ name, from }, i) => {
    const a = Math.max(low, from);
    const b = Math.min(high, ...starts.slice(i + 1).map((part) => part.from));
    const room = ((width - 90) * (b - a)) / (high - low || 1);
    if (!(room >= textExtent(name, size.label) + 6)) return [];
    const middle = labelAt((a + b) / 2, all, axis);
    return [wordsAbove({ values: [{ x: axis.datum(middle) }] }, { x: axis.channel }, name, "center")];
  });
}

/** A label at `position`, or of words the nearest one. */
function labelAt(position: number, labels: readonly XLabel[], axis: XAxis): XLabel {
  if (axis.kind === "word") return labels[Math.round(position)];
  return axis.kind === "time" ? new Date(position) : position;
}
