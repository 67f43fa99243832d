/**
 * What stands along x: dates, years, numbers or words, told apart by looking at the labels.
 *
 *   "1949-01", "2010/1/4", "1960Q1", a Date    time (UTC)      2010-01-04T09:00 too
 *   1700, "1700" (whole, 1500 … 2200)          years           written without a thousands separator
 *   0, 1, 2.5                                  numbers
 *   anything else                              words, at equal distances
 */

import type { Json } from "./figure.ts";

export type XLabel = number | string | Date;

type Kind = "time" | "year" | "number" | "word";

export type XAxis = {
  readonly kind: Kind;
  /** Where a label lies: milliseconds, a number, or the position of a word. */
  readonly position: (label: XLabel) => number;
  /** As it stands in the data: an ISO date for times, else the position. */
  readonly datum: (label: XLabel) => number | string;
  /** The Vega-Lite channel, the same object in every layer so that axes merge. */
  readonly channel: { readonly [key: string]: Json };
  /** The first and the last position. */
  readonly extent: readonly [number, number];
};

/** @param labels those of all curves @param title with its unit @param domain first and last label; default: all */
export function xAxis(labels: readonly XLabel[], title: string, domain?: readonly [XLabel, XLabel]): XAxis {
  const kind = kindOf(labels);
  const words = new Map<string, number>();
  if (kind === "word") for (const label of labels) if (!words.has(String(label))) words.set(String(label), words.size);
  const position = (label: XLabel): number => {
    if (kind === "time") return timeOf(label) ?? Number.NaN;
    return kind === "word" ? (words.get(String(label)) ?? Number.NaN) : Number(label);
  };
  const datum = (label: XLabel) => (kind === "time" ? isoOf(position(label)) : position(label));

  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const label of domain ?? labels) {
    const at = position(label);
    if (at < low) low = at;
    if (at > high) high = at;
  }
  if (low === high) {
    // A single label would have no domain.
    const margin = kind === "time" ? DAY_MS : 1;
    low -= margin;
    high += margin;
  }
  const scale: { [key: string]: Json } = { nice: false };
  if (kind === "time") scale.type = "utc";
  else scale.zero = false;
  if (low < high) scale.domain = kind === "time" ? [isoOf(low), isoOf(high)] : [low, high];
  const channel = {
    field: "x",
    type: kind === "time" ? "temporal" : "quantitative",
    title,
    scale,
    axis: { labelOverlap: true, labelFlush: false, ...ticks(kind, low, high, [...words.keys()]) },
  };
  return { kind, position, datum, channel, extent: [low, high] };
}

function kindOf(labels: readonly XLabel[]): Kind {
  const isYear = (label: XLabel) =>
    (typeof label === "number" || /^\d{4}$/.test(String(label))) &&
    Number.isInteger(Number(label)) &&
    Number(label) >= 1500 &&
    Number(label) <= 2200;
  if (labels.length > 0 && labels.every(isYear)) return "year";
  if (labels.every((label) => typeof label === "number")) return "number";
  if (labels.every((label) => timeOf(label) !== undefined)) return "time";
  return labels.every((label) => String(label).trim() !== "" && Number.isFinite(Number(label))) ? "number" : "word";
}

/** Milliseconds since 1970 in UTC, or undefined if `label` is not a date. */
function timeOf(label: XLabel): number | undefined {
  if (label instanceof Date) return Number.isFinite(label.getTime()) ? label.getTime() : undefined;
  if (typeof label === "number") return undefined;
  const quarter = /^(\d{4})-?Q([1-4])$/i.exec(label);
  if (quarter) return Date.UTC(Number(quarter[1]), 3 * (Number(quarter[2]) - 1), 1);
  const parts = /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?Z?)?)?$/.exec(
    label.trim(),
  );
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part, i) => Number(part ?? (i === 2 ? 1 : 0)));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31
    ? Date.UTC(year, month - 1, day, hour, minute, second)
    : undefined;
}

function isoOf(milliseconds: number): string {
  const iso = new Date(milliseconds).toISOString();
  return iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : iso;
}

const DAY_MS = 86_400_000;
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600];

function ticks(kind: Kind, low: number, high: number, words: readonly string[]): { [key: string]: Json } {
  if (kind === "year") return { format: "d", tickMinStep: 1 };
  if (kind === "number")
    return Number.isInteger(low) && Number.isInteger(high) && high - low < 10 ? { tickMinStep: 1 } : {};
  if (kind === "word") {
    const every = Math.max(1, Math.ceil(words.length / 10));
    const shown = words.map((_, i) => i).filter((i) => i % every === 0);
    const names = Object.fromEntries(shown.map((i) => [i, words[i]]));
    return { values: shown, labelExpr: `(${JSON.stringify(names)})[datum.value]` };
  }
  const days = (high - low) / DAY_MS;
  if (days <= 2) return { format: "%H:%M", tickCount: 8 };
  if (days <= 75) return { format: "%m-%d", tickCount: 8 };
  const months = days / 30.44;
  const step = MONTH_STEPS.find((candidate) => months / candidate <= 9) ?? 1200;
  return step < 12
    ? { format: "%Y-%m", tickCount: { interval: "month", step } }
    : { format: "%Y", tickCount: { interval: "year", step: step / 12 } };
}
