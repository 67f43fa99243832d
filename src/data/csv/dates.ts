/**
 * Dates as people write them. A shape is one way to write a date: a pattern and what its groups mean. A column uses one
 * shape throughout; `LabelForm` writes further dates so that they look like the ones before.
 *
 * Times are milliseconds of UTC. A time without a zone is taken as it stands, so days always have 24 hours.
 */

export type TimeKind = "date" | "month" | "quarter" | "year" | "datetime";

type Field =
  | "year"
  | "quarter"
  | "month"
  | "monthName"
  | "day"
  | "hour"
  | "minute"
  | "second"
  | "fraction"
  | "half"
  | "zone"
  | "mark";

export interface DateShape {
  kind: TimeKind;
  pattern: RegExp;
  /** What each group of the pattern is. */
  fields: readonly Field[];
  /** Digits alone, which could just as well be a number. */
  looksLikeNumber: boolean;
}

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const MONTH_NAME = `(${MONTHS.map((month) => `${month.slice(0, 3)}(?:${month.slice(3)})?`).join("|")})`;
const CLOCK = "[T ](\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,6}))?)? ?([AP]M)? ?(Z|[-+]\\d{2}:?\\d{2})?";
const CLOCK_FIELDS: readonly Field[] = ["hour", "minute", "second", "fraction", "half", "zone"];

const DAYS: readonly [source: string, fields: readonly Field[]][] = [
  ["(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})", ["year", "mark", "month", "day"]],
  ["(\\d{4})年(\\d{1,2})月(\\d{1,2})日", ["year", "month", "day"]],
  // with points the day always comes first
  ["(\\d{1,2})([-/])(\\d{1,2})\\2(\\d{4})", ["month", "mark", "day", "year"]],
  ["(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})", ["day", "mark", "month", "year"]],
  [`(\\d{1,2})[- ]${MONTH_NAME}\\.?[- ](\\d{4})`, ["day", "monthName", "year"]],
  [`${MONTH_NAME}\\.? (\\d{1,2}),? (\\d{4})`, ["monthName", "day", "year"]],
];

const SHAPES: readonly DateShape[] = [
  ...DAYS.map(([source, fields]) => shape("date", source, fields)),
  ...DAYS.map(([source, fields]) => shape("datetime", source + CLOCK, [...fields, ...CLOCK_FIELDS])),
  shape("month", "(\\d{4})[-/](\\d{1,2})", ["year", "month"]),
  shape("month", "(\\d{4})M(\\d{1,2})", ["year", "month"]),
  shape("month", "(\\d{4})年(\\d{1,2})月", ["year", "month"]),
  shape("month", "(\\d{1,2})[-/](\\d{4})", ["month", "year"]),
  shape("month", `${MONTH_NAME}\\.?[- /](\\d{4})`, ["monthName", "year"]),
  shape("month", `(\\d{4})[- /]?${MONTH_NAME}`, ["year", "monthName"]),
  shape("quarter", "(\\d{4})[-/ ]?Q([1-4])", ["year", "quarter"]),
  shape("quarter", "Q([1-4])[-/ ]?(\\d{4})", ["quarter", "year"]),
  shape("quarter", "(\\d{4})年第?([1-4])四半期", ["year", "quarter"]),
  shape("year", "(\\d{4})年度?", ["year"]),
  shape("year", "([12]\\d{3})", ["year"], true),
  shape("month", "([12]\\d{3})(\\d{2})", ["year", "month"], true),
  shape("date", "([12]\\d{3})(\\d{2})(\\d{2})", ["year", "month", "day"], true),
];

function shape(kind: TimeKind, source: string, fields: readonly Field[], looksLikeNumber = false): DateShape {
  return { kind, pattern: new RegExp(`^${source}$`, "i"), fields, looksLikeNumber };
}

/** The shapes whose pattern fits, valid date or not: several where day and month cannot be told apart. */
export function shapesOf(label: string): DateShape[] {
  // no shape begins otherwise, and most cells are no dates
  if (!/^[0-9０-９A-Za-z]/.test(label) || label.length > 40) return [];
  const text = plainForm(label);
  return SHAPES.filter(({ pattern }) => pattern.test(text));
}

/** Whether this is a date that could not be a number. */
export function isDate(label: string): boolean {
  return shapesOf(label).some((found) => !found.looksLikeNumber && !Number.isNaN(readTime(found, label)));
}

/** Milliseconds of UTC at which the labelled time begins; NaN if the label has another shape or is no valid date. */
export function readTime(shape: DateShape, label: string): number {
  const match = shape.pattern.exec(plainForm(label));
  if (match === null) return Number.NaN;
  let [year, month, day, hour, minute, second, millisecond, zoneMs] = [0, 1, 1, 0, 0, 0, 0, 0];
  for (let i = 0; i < shape.fields.length; i++) {
    const text = match[i + 1];
    if (text === undefined) continue;
    switch (shape.fields[i]) {
      case "year":
        year = +text;
        break;
      case "quarter":
        month = 3 * +text - 2;
        break;
      case "month":
        month = +text;
        break;
      case "monthName":
        month = monthOf(text);
        break;
      case "day":
        day = +text;
        break;
      case "hour":
        hour = +text;
        break;
      case "minute":
        minute = +text;
        break;
      case "second":
        second = +text;
        break;
      case "fraction":
        millisecond = 1000 * +`0.${text}`;
        break;
      case "half":
        if (hour < 1 || hour > 12) return Number.NaN;
        hour = (hour % 12) + (text[0].toUpperCase() === "P" ? 12 : 0);
        break;
      case "zone":
        zoneMs = zoneOffsetMs(text);
        break;
      case "mark":
        break;
    }
  }
  // years below 100 mean 19xx to Date.UTC; no series is that old
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month - 1)) return Number.NaN;
  if (hour > 24 || minute > 59 || second > 60) return Number.NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second) + millisecond - zoneMs;
}

/** Days in a month, counted from 0. */
export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

/** How a column writes its dates: order, separators, leading zeros, month names, zone. Taken from some of its labels. */
export class LabelForm {
  readonly #shape: DateShape;
  readonly #template: string;
  readonly #groups: readonly [start: number, end: number, field: Field][];
  readonly #padded: boolean;
  readonly #padsHours: boolean;
  readonly #longNames: boolean;
  readonly #hasHalves: boolean;
  readonly #zoneMs: number;

  constructor(shape: DateShape, labels: readonly string[]) {
    this.#shape = shape;
    this.#template = plainForm(labels[labels.length - 1]);
    this.#groups = groupsOf(shape, this.#template);
    this.#hasHalves = this.#groups.some(([, , field]) => field === "half");
    this.#zoneMs = this.#groups.reduce((ms, [start, end, field]) => {
      return field === "zone" ? zoneOffsetMs(this.#template.slice(start, end)) : ms;
    }, 0);
    const texts = (...fields: Field[]) =>
      labels.flatMap((label) => {
        const text = plainForm(label);
        return groupsOf(shape, text).flatMap(([start, end, field]) =>
          fields.includes(field) ? [text.slice(start, end)] : [],
        );
      });
    this.#padded = texts("month", "day").every((text) => text.length === 2);
    this.#padsHours = texts("hour").every((text) => text.length === 2);
    this.#longNames = texts("monthName").some((text) => text.length > 3);
  }

  /** The label of a time given in milliseconds of UTC. */
  write(timeMs: number): string {
    const time = new Date(timeMs + this.#zoneMs);
    let label = this.#template;
    for (const [start, end, field] of [...this.#groups].reverse()) {
      label = label.slice(0, start) + this.#field(field, time, label.slice(start, end)) + label.slice(end);
    }
    return label;
  }

  #field(field: Field, time: Date, before: string): string {
    const two = (value: number, padded: boolean) => String(value).padStart(padded ? 2 : 1, "0");
    switch (field) {
      case "year":
        return String(time.getUTCFullYear()).padStart(4, "0");
      case "quarter":
        return String(Math.floor(time.getUTCMonth() / 3) + 1);
      case "month":
        return two(time.getUTCMonth() + 1, this.#padded || this.#shape.looksLikeNumber);
      case "monthName":
        return inCaseOf(before, MONTHS[time.getUTCMonth()].slice(0, this.#longNames ? undefined : 3));
      case "day":
        return two(time.getUTCDate(), this.#padded || this.#shape.looksLikeNumber);
      case "hour":
        return two(this.#hasHalves ? ((time.getUTCHours() + 11) % 12) + 1 : time.getUTCHours(), this.#padsHours);
      case "half":
        return inCaseOf(before, time.getUTCHours() < 12 ? "am" : "pm");
      case "minute":
        return two(time.getUTCMinutes(), true);
      case "second":
        return two(time.getUTCSeconds(), true);
      case "fraction":
        return String(time.getUTCMilliseconds()).padStart(3, "0").padEnd(before.length, "0").slice(0, before.length);
      case "zone":
      case "mark":
        return before;
    }
  }
}

function groupsOf({ pattern, fields }: DateShape, text: string): [start: number, end: number, field: Field][] {
  // indices make a pattern several times slower, and reading does not need them
  const indices = new RegExp(pattern, "di").exec(text)?.indices ?? [];
  return fields.flatMap((field, i) => {
    const group = indices[i + 1];
    return group === undefined ? [] : [[group[0], group[1], field] as [number, number, Field]];
  });
}

/** Full-width digits and the like as ASCII. */
function plainForm(label: string): string {
  return /^[\0-\x7f]*$/.test(label) ? label : label.normalize("NFKC");
}

function monthOf(name: string): number {
  const start = name.slice(0, 3).toLowerCase();
  return MONTHS.findIndex((month) => month.startsWith(start)) + 1;
}

function inCaseOf(before: string, name: string): string {
  if (before === before.toUpperCase()) return name.toUpperCase();
  return before === before.toLowerCase() ? name : name[0].toUpperCase() + name.slice(1);
}

function zoneOffsetMs(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const minutes = 60 * +zone.slice(1, 3) + +zone.slice(-2);
  return (zone[0] === "-" ? -1 : 1) * minutes * 60_000;
}
