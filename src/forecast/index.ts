/**
 * Forecasting: forms, baselines, metrics, backtests, and the forecaster that puts them together. Importing this module gives
 * tensors their methods, as importing `refrain` does: a model hands tensors out.
 */

import "../install-methods.ts";

export * from "./backtest.ts";
export { fitAutoregression } from "./baselines/ar.ts";
export type { Baseline, BaselineName, BaselineOptions, FittedBaseline, SimpleState } from "./baselines/baseline.ts";
export { BASELINE_NAMES, BASELINES } from "./baselines/index.ts";
export { type FittedLinear, fitLinear } from "./baselines/linear.ts";
export {
  type BaselineScores,
  type CellComparison,
  type CellScores,
  type CompareConfig,
  type CompareOptions,
  compareCells,
} from "./compare-cells.ts";
export { type Contender, comparePairs, type PairComparison, pairsOf } from "./compare-pairs.ts";
export { ForecastModel, type ForecastModelState } from "./forecast-model.ts";
export type {
  ForecastColumn,
  ForecastConfig,
  ForecastHooks,
  ForecastResult,
  Judged,
  SeedScores,
  TrainingHooks,
} from "./forecast-result.ts";
export { forecast } from "./forecaster.ts";
export { FORM_NAMES, Form, type FormName, type FormOptions, type FormState, fitForm } from "./forms.ts";
export { fitWindowEncoder, WindowEncoder } from "./inputs.ts";
export { applyIntervals, fitIntervals, type IntervalOptions, type Intervals } from "./intervals.ts";
export * from "./metrics.ts";
export { CELL_NAMES, type CellName, ForecastNetwork, type NetworkShape } from "./network/forecast-network.ts";
export { Diverged, type EpochReport, Interrupted, type RunResult } from "./network/train.ts";
export type { ForecastOptions } from "./options.ts";
export { detectSeason, type Season, type SeasonOptions } from "./season.ts";
export { type DieboldMariano, dieboldMariano } from "./significance.ts";
export { DEFAULT_SPLIT, originsOf, type Part, parseSplit, type Split, type SplitNeeds, splitRows } from "./split.ts";
export { TrainingRuns } from "./training-runs.ts";
export { suggestTransform, type TransformName } from "./transform.ts";
