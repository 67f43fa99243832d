/** The flags that `forecast` and `compare` share: how the file is read, and how networks are trained. */

import { FORM_NAMES, type ForecastOptions } from "refrain/forecast";
import { UsageError } from "./exit-code.ts";
import { delimiter, encoding, numberBetween, oneOf, season, split, wholeNumber } from "./number-options.ts";
import type { Series, SeriesOptions } from "./read-series.ts";

const optional = { optional: true } as const;

/** A flag with a value. */
export const parsed = <T>(parse: (text: string) => T, brief: string, placeholder?: string) =>
  ({ kind: "parsed", parse, brief, ...(placeholder === undefined ? {} : { placeholder }), ...optional }) as const;

/** A switch; one that is on can be turned off by `--no-…`. */
export const flag = (brief: string, initial = false) =>
  ({ kind: "boolean", brief, default: initial, withNegated: initial }) as const;

export interface SeriesFlags {
  readonly target?: string;
  readonly inputs?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly decimal?: "." | ",";
  readonly dateColumn?: string;
}

export const SERIES_FLAGS = {
  target: parsed(String, "column to forecast; the last numeric one by default"),
  inputs: parsed(String, "further columns that the network sees, separated by commas"),
  encoding: parsed(encoding, "encoding of the file, such as shift_jis"),
  delimiter: parsed(delimiter, "what separates the cells"),
  decimal: parsed(oneOf("decimal", [".", ","] as const), "the decimal mark"),
  dateColumn: parsed(String, "the column that tells the time, or none"),
} as const;

/** What to read of the file. */
export function seriesOptions(flags: SeriesFlags): SeriesOptions {
  return { ...flags, inputs: flags.inputs?.split(",").map((name) => name.trim()) };
}

export interface TrainingFlags
  extends Pick<
    ForecastOptions,
    "window" | "horizon" | "hidden" | "layers" | "epochs" | "form" | "transform" | "seed" | "seeds" | "split"
  > {
  readonly season?: number | "auto" | "none";
  readonly lr?: number;
}

export const TRAINING_FLAGS = {
  window: parsed(wholeNumber("window", 1), "steps of history that the network sees"),
  horizon: parsed(wholeNumber("horizon", 1), "steps to forecast (1)"),
  hidden: parsed(wholeNumber("hidden", 1), "size of the hidden state (32)"),
  layers: parsed(wholeNumber("layers", 1), "layers on top of one another (1)"),
  epochs: parsed(wholeNumber("epochs", 1), "the most epochs to train (200)"),
  form: parsed(oneOf("form", ["auto", ...FORM_NAMES] as const), "auto, level, last or seasonal (auto)"),
  transform: parsed(oneOf("transform", ["auto", "none", "log"] as const), "auto, none or log (auto)"),
  season: parsed(season, "rows of one season, auto or none (auto)"),
  seed: parsed(wholeNumber("seed", 0), "the first seed (0)"),
  split: parsed(split, "training, validation and test part: fractions or counts (0.6,0.2,0.2)"),
  lr: parsed(numberBetween("lr", 0, Number.POSITIVE_INFINITY), "learning rate of Adam (0.01)"),
} as const;

/** @throws {UsageError} if two of them do not go together; asked before any work is done */
export function checkTraining({ form, season }: TrainingFlags): void {
  if (form === "seasonal" && season === "none") {
    throw new UsageError("--form seasonal needs a season, but --season is none; give its rows, or another form");
  }
}

/** The flags that were given, in the library's words. */
export function trainingOptions(flags: TrainingFlags, series: Series) {
  const { window, horizon, hidden, layers, epochs, form, transform, seed, seeds, split: parts } = flags;
  return {
    ...given({ window, horizon, hidden, layers, epochs, form, transform, seed, seeds, split: parts }),
    ...given({ learningRate: flags.lr }),
    ...(flags.season === undefined ? {} : { season: flags.season === "none" ? null : flags.season }),
    seasonHint: series.seasonHint,
  };
}

/** Without what was not said. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
