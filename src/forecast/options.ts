/** What can be asked of a forecast, with its defaults, and what a run made of it. */

import { checkSize } from "../nn/check-size.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { BaselineName } from "./baselines/baseline.ts";
import { BASELINE_NAMES } from "./baselines/index.ts";
import { FORM_NAMES, type FormName } from "./forms.ts";
import { CELL_NAMES, type CellName } from "./network/forecast-network.ts";
import { DEFAULT_SPLIT } from "./split.ts";
import type { TransformName } from "./transform.ts";

export interface ForecastOptions {
  /** Steps forecast from each origin. Default 1 */
  readonly horizon?: number;
  /** Steps of history that the network sees. Default: two seasons, or 24; a third of the training rows at most */
  readonly window?: number;
  /** Default gru */
  readonly cell?: CellName;
  /** Features of the hidden state. Default 32 */
  readonly hidden?: number;
  /** Recurrent layers on top of one another. Default 1 */
  readonly layers?: number;
  /** The most epochs of training; early stopping usually ends it sooner. Default 200 */
  readonly epochs?: number;
  /** The form in which the network sees the series. Default auto: chosen on the validation part */
  readonly form?: FormName | "auto";
  /** Default auto: chosen on the validation part */
  readonly transform?: TransformName | "auto";
  /** Rows of one season; null for none. Default auto: found in the training part */
  readonly season?: number | "auto" | null;
  /** Season that the dates suggest, 12 for months. Only a hint to `auto`. */
  readonly seasonHint?: number | null;
  /** The first seed. Default 0 */
  readonly seed?: number;
  /** Networks trained, from this many seeds one after another; the forecast is their mean. Default 1 */
  readonly seeds?: number;
  /** Fractions or counts of training, validation and test rows, in order of time. Default 0.6, 0.2, 0.2 */
  readonly split?: readonly number[];
  /**
   * `linear`: the network corrects a linear map of the window, if that helps; `none`: it forecasts alone; `auto`: the better of the
   * two on the validation part. Default linear
   */
  readonly skip?: "linear" | "none" | "auto";
  /**
   * What forecasts: the network, as `skip` says, or one of the simple methods, beside which the network is still trained and judged.
   * Default network
   */
  readonly model?: "network" | BaselineName;
  /** Whether to train again on all rows before forecasting the future. Default true */
  readonly refit?: boolean;
  /** Adam's learning rate. Default 0.01 */
  readonly learningRate?: number;
  /** Examples in a batch. Default 16, or 32 for more than 500 examples */
  readonly batchSize?: number;
  /** The share of truths that the interval should hold. Default 0.9 */
  readonly level?: number;
}

/** All options, filled in and checked. */
export type CompleteOptions = {
  readonly [K in keyof Omit<ForecastOptions, "window" | "batchSize">]-?:
    | NonNullable<ForecastOptions[K]>
    | Extract<ForecastOptions[K], null>;
} & { readonly window: number | null; readonly batchSize: number | null };

/** @throws {ArgumentError} naming the option that makes no sense, and what it may be */
export function completeOptions(options: ForecastOptions): CompleteOptions {
  const whole = (name: keyof ForecastOptions, value: number, least = 1) => checkSize("forecast", name, value, least);
  const oneOf = <T extends string>(name: string, value: T, allowed: readonly T[]): T => {
    if (!allowed.includes(value)) {
      throw new ArgumentError(`forecast: ${name} must be one of ${allowed.join(", ")}, got "${String(value)}"`);
    }
    return value;
  };
  const season = options.season === undefined ? "auto" : options.season;
  if (typeof season === "number") whole("season", season, 2);
  const learningRate = options.learningRate ?? 0.01;
  if (!(learningRate > 0 && Number.isFinite(learningRate))) {
    throw new ArgumentError(`forecast: learningRate must be a number above 0, got ${learningRate}`);
  }
  const level = options.level ?? 0.9;
  if (!(level > 0 && level < 1)) {
    const cure = level > 1 && level < 100 ? `; did you mean ${level / 100}?` : "";
    throw new ArgumentError(`forecast: level must lie between 0 and 1, got ${level}${cure}`);
  }
  return {
    horizon: whole("horizon", options.horizon ?? 1),
    window: options.window === undefined ? null : whole("window", options.window),
    cell: oneOf("cell", options.cell ?? "gru", CELL_NAMES),
    hidden: whole("hidden", options.hidden ?? 32),
    layers: whole("layers", options.layers ?? 1),
    epochs: whole("epochs", options.epochs ?? 200),
    form: oneOf<FormName | "auto">("form", options.form ?? "auto", ["auto", ...FORM_NAMES]),
    transform: oneOf<TransformName | "auto">("transform", options.transform ?? "auto", ["auto", "none", "log"]),
    season,
    seasonHint: options.seasonHint ?? null,
    seed: whole("seed", options.seed ?? 0, 0),
    seeds: whole("seeds", options.seeds ?? 1),
    split: options.split ?? DEFAULT_SPLIT,
    skip: oneOf("skip", options.skip ?? "linear", ["linear", "none", "auto"]),
    model: oneOf("model", options.model ?? "network", ["network", ...BASELINE_NAMES]),
    refit: options.refit ?? true,
    learningRate,
    batchSize: options.batchSize === undefined ? null : whole("batchSize", options.batchSize),
    level,
  };
}
