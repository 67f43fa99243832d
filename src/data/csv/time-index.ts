/**
 * The time index of a table: what its rows are called, how far apart they are, and what the rows after the last would be
 * called. The usual step is the median step.
 */
import { daysInMonth, type LabelForm, type TimeKind } from "./dates.ts";

export type IndexKind = TimeKind | "index" | "none";

/** How far apart rows are; "regular" is any other constant step, "irregular" has none. */
export type Frequency =
  | "hourly"
  | "daily"
  | "business daily"
  | "weekly"
  | "monthly"
  | "quarterly"
  | "yearly"
  | "regular"
  | "irregular";

const DAY_MS = 86_400_000;

/** What makes an index; times ascend. */
export interface IndexSource {
  kind: IndexKind;
  /** The column that it was read from, or null. */
  name: string | null;
  /** Milliseconds of UTC; for "index" the numbers themselves, for "none" 1, 2, 3 … */
  times: Float64Array;
  /** The label of a row, as written in the file. */
  labelAt: (row: number) => string;
  /** How dates are written; null for "index" and "none". */
  form: LabelForm | null;
}

/** A step: months for what follows the calendar, else milliseconds (or, for a plain index, plain numbers). */
interface Step {
  months: number;
  amount: number;
}

export class TimeIndex {
  readonly kind: IndexKind;
  /** The column that it was read from; null if the file has none. */
  readonly name: string | null;
  readonly frequency: Frequency;
  /** Milliseconds of UTC at which each row begins; for "index" the numbers themselves, for "none" 1, 2, 3 … */
  readonly times: Float64Array;
  readonly #source: IndexSource;
  readonly #step: Step;
  #labels: readonly string[] | null = null;

  constructor(source: IndexSource) {
    this.#source = source;
    this.kind = source.kind;
    this.name = source.name;
    this.times = source.times;
    this.#step = usualStep(source);
    this.frequency = frequencyOf(source, this.#step);
  }

  /** Each row's label as the file writes it; row numbers from 1 where there is no index. */
  get labels(): readonly string[] {
    this.#labels ??= Array.from(this.times, (_, row) => this.#source.labelAt(row));
    return this.#labels;
  }

  /**
   * The labels of the `count` rows that would follow, written as the file writes its own. Business days skip weekends
   * (holidays are not known); dates at the ends of months stay there.
   *
   * @example table.index.nextLabels(2); // after 1960-12: ["1961-01", "1961-02"]
   */
  nextLabels(count: number): string[] {
    const { form, labelAt } = this.#source;
    const last = this.times[this.times.length - 1];
    if (form !== null) return this.#nextTimes(last, count).map((time) => form.write(time));
    const places = Math.max(
      decimalPlaces(labelAt(this.times.length - 1)),
      decimalPlaces(labelAt(this.times.length - 2)),
    );
    return Array.from({ length: count }, (_, i) => (last + (i + 1) * this.#step.amount).toFixed(places));
  }

  /** How many steps of the usual length have no row, for frequencies where every step should have one; and where first. */
  absentSteps(): { count: number; after: string } {
    let count = 0;
    let first = -1;
    if (this.frequency !== "irregular" && this.frequency !== "business daily") {
      for (let row = 1; row < this.times.length; row++) {
        const steps = this.#stepsBetween(this.times[row - 1], this.times[row]);
        if (steps < 2) continue;
        if (first < 0) first = row - 1;
        count += steps - 1;
      }
    }
    return { count, after: first < 0 ? "" : this.#source.labelAt(first) };
  }

  #stepsBetween(from: number, to: number): number {
    if (this.#step.months > 0) return Math.round((monthNumber(to) - monthNumber(from)) / this.#step.months);
    return Math.round((to - from) / this.#step.amount);
  }

  #nextTimes(last: number, count: number): number[] {
    const { months, amount } = this.#step;
    if (months > 0) {
      const anchor = this.#dayOfMonth();
      return Array.from({ length: count }, (_, i) => addMonths(last, (i + 1) * months, anchor));
    }
    const times: number[] = [];
    for (let time = last + amount; times.length < count; time += amount) {
      if (this.frequency !== "business daily" || !isWeekend(time)) times.push(time);
    }
    return times;
  }

  /** The day on which monthly dates fall: the latest seen of late, and 31 where all are last days. */
  #dayOfMonth(): number {
    const recent = [...this.times.slice(-12)].map((time) => new Date(time));
    const lastDays = recent.every((day) => day.getUTCDate() === daysInMonth(day.getUTCFullYear(), day.getUTCMonth()));
    return lastDays ? 31 : Math.max(...recent.map((day) => day.getUTCDate()));
  }
}

function usualStep({ kind, times }: IndexSource): Step {
  if (kind === "month" || kind === "quarter" || kind === "year") {
    return { months: Math.max(1, Math.round(median(differences(times.map(monthNumber))))), amount: 0 };
  }
  const amount = median(differences(times));
  if (kind === "index" || kind === "none") return { months: 0, amount };
  const days = amount / DAY_MS;
  const months = days >= 28 && days <= 31 ? 1 : days >= 89 && days <= 92 ? 3 : days >= 365 && days <= 366 ? 12 : 0;
  // duplicates may outnumber steps; one day or hour is then the likeliest step
  return { months, amount: amount > 0 ? amount : DAY_MS };
}

function frequencyOf({ kind, times }: IndexSource, { months, amount }: Step): Frequency {
  const byMonths = new Map<number, Frequency>([
    [1, "monthly"],
    [3, "quarterly"],
    [12, "yearly"],
  ]).get(months);
  if (byMonths !== undefined) return byMonths;
  if (kind === "date" || kind === "datetime") {
    if (amount === DAY_MS) return skipsWeekends(times) ? "business daily" : "daily";
    if (amount === 7 * DAY_MS) return "weekly";
    if (amount === 3_600_000) return "hourly";
  }
  const steps = differences(months > 0 ? times.map(monthNumber) : times);
  const usual = months > 0 ? months : amount;
  return steps.every((step) => Math.abs(step - usual) <= 1e-6 * usual) ? "regular" : "irregular";
}

function skipsWeekends(times: Float64Array): boolean {
  return times[times.length - 1] - times[0] >= 7 * DAY_MS && !times.some(isWeekend);
}

function isWeekend(time: number): boolean {
  const weekday = new Date(time).getUTCDay();
  return weekday === 0 || weekday === 6;
}

function monthNumber(time: number): number {
  const date = new Date(time);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
}

function addMonths(time: number, months: number, dayOfMonth: number): number {
  const month = monthNumber(time) + months;
  const year = Math.floor(month / 12);
  const day = Math.min(dayOfMonth, daysInMonth(year, month % 12));
  const timeOfDay = ((time % DAY_MS) + DAY_MS) % DAY_MS;
  return Date.UTC(year, month % 12, day) + timeOfDay;
}

function differences(times: Float64Array): Float64Array {
  return times.subarray(1).map((time, i) => time - times[i]);
}

/** The lower median: always one of the values, so that a step is one that occurs. */
function median(values: Float64Array): number {
  return values.slice().sort()[(values.length - 1) >> 1];
}

function decimalPlaces(label: string): number {
  return /[.,](\d+)$/.exec(label)?.[1].length ?? 0;
}
