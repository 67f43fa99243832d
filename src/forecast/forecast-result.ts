/** What a forecast is given, and what it gives back. */

import type { Backtest } from "./backtest.ts";
import type { BaselineName } from "./baselines/baseline.ts";
import type { ForecastModel } from "./forecast-model.ts";
import type { FormName } from "./forms.ts";
import type { Intervals } from "./intervals.ts";
import type { Mask, Scores } from "./metrics.ts";
import type { EpochReport, RunResult } from "./network/train.ts";
import type { CompleteOptions } from "./options.ts";
import type { Split } from "./split.ts";
import type { TrainingRuns } from "./training-runs.ts";
import type { TransformName } from "./transform.ts";

/** One column, gaps filled in causally. */
export interface ForecastColumn {
  readonly name: string;
  readonly values: Float64Array;
  /** 1 for rows that were observed; rows that were filled in are never scored. Default: all observed */
  readonly observed?: Mask;
}

export interface TrainingHooks {
  /** Called after every epoch; training waits for it. `run` says which network, in words for people. */
  readonly onEpoch?: (report: EpochReport & { readonly run: string }) => void | Promise<void>;
  /** Asked after every epoch whether to stop; the error then thrown is `Interrupted`. */
  readonly shouldStop?: () => boolean;
}

export interface ForecastHooks extends TrainingHooks {
  /** What is trained goes in here, and what is in here is not trained again: save it where `Interrupted` is caught, to go on from there. */
  readonly runs?: TrainingRuns;
}

/** Mean scores over the seeds, and each seed's RMSE. */
export interface SeedScores extends Scores {
  readonly rmseSeeds: readonly number[];
}

/** A method's forecasts of the test part. */
export interface Judged {
  readonly test: SeedScores;
  /** RMSE on the validation part, on which choices were made. */
  readonly validationRmse: number;
  /** The mean forecast over the seeds. */
  readonly backtest: Backtest;
}

export interface ForecastResult {
  readonly config: ForecastConfig;
  /** In sentences: what was guessed and what was decided. */
  readonly notes: readonly string[];
  readonly split: Split;
  /** The forecast itself: what `model` and `skip` say; under `skip: "linear"` the corrected linear map. */
  readonly forecast: Judged;
  /** The network on its own. */
  readonly network: Judged;
  readonly baselines: Readonly<Record<BaselineName, Scores & { readonly description: string }>>;
  readonly baselineBacktests: Readonly<Record<BaselineName, Backtest>>;
  readonly verdict: string;
  /** The simple method that the verdict recommends instead, to be asked for by `model`; null if none is better by a margin. */
  readonly instead: BaselineName | null;
  /** The steps after the last row. */
  readonly future: { readonly values: Float64Array; readonly lower: Float64Array; readonly upper: Float64Array };
  readonly intervals: Intervals;
  /** The share of test truths inside the interval. */
  readonly testCoverage: number;
  /** The first seed's curves: of the correction where it was kept, else of the network alone. */
  readonly curves: RunResult;
  readonly model: ForecastModel;
}

/** What was decided, option by option. */
export interface ForecastConfig {
  readonly target: string;
  readonly inputs: readonly string[];
  readonly horizon: number;
  readonly window: number;
  readonly cell: CompleteOptions["cell"];
  readonly hidden: number;
  readonly layers: number;
  readonly epochs: number;
  readonly form: FormName;
  readonly transform: TransformName;
  readonly season: number | null;
  readonly seed: number;
  readonly seeds: number;
  readonly split: readonly [train: number, validation: number, test: number];
  readonly model: CompleteOptions["model"];
  /** Whether the network corrects the linear map or forecasts alone; what `auto` came to. */
  readonly skip: "linear" | "none";
  readonly correctionKept: boolean;
  readonly refit: boolean;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly level: number;
}
