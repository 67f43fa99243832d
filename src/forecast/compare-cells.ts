/**
 * Cells side by side on one series: the same windows, form, split and training for each, over several seeds, beside the simple
 * methods; and which of the differences are real.
 *
 *   1 choose    one form and transform for all, the best of their mean on the validation part
 *   2 train     one network a cell and seed, with early stopping on the validation part
 *   3 judge     every origin of the test part, once, each seed on its own
 *   4 compare   each two cells, and each cell with naive and the linear map (compare-pairs.ts)
 *
 * The networks forecast alone unless `skip` is `linear`; then each corrects the linear map of the window, and its correction is
 * kept whether it helps or not, for that is what is compared.
 */

import { ArgumentError } from "../tensor/errors.ts";
import { type Backtest, lossPerOrigin } from "./backtest.ts";
import type { BaselineName } from "./baselines/baseline.ts";
import { candidatesFor, chooseForm } from "./choose-form.ts";
import { type Contender, comparePairs, fewestSeeds, type PairComparison, pairsOf } from "./compare-pairs.ts";
import { caveats, conclusionAgainst, conclusionOn } from "./conclusions.ts";
import type { ForecastColumn, ForecastConfig, TrainingHooks } from "./forecast-result.ts";
import { backtestModel, judgeBaselines, mapBaselines, validationRmse } from "./judge.ts";
import { directionalAccuracy, mae, rmse } from "./metrics.ts";
import { CELL_NAMES, type CellName } from "./network/forecast-network.ts";
import type { RunResult, RunState } from "./network/train.ts";
import { completeOptions, type ForecastOptions } from "./options.ts";
import { fewestOrigins } from "./significance.ts";
import { originsOf, type Split } from "./split.ts";
import { type Choice, Study } from "./study.ts";
import { Trainer } from "./trainer.ts";
import { TrainingRuns } from "./training-runs.ts";

export interface CompareOptions extends Omit<ForecastOptions, "cell" | "refit" | "level" | "skip" | "model"> {
  /** Default all of them */
  readonly cells?: readonly CellName[];
  /** Networks of each cell, from this many seeds one after another. Default 5 */
  readonly seeds?: number;
  /** `none`: the networks forecast alone; `linear`: each corrects a linear map of the window. Default none */
  readonly skip?: "linear" | "none";
}

/** What one cell did on the test part; every list has one value a seed. */
export interface CellScores {
  readonly cell: CellName;
  readonly parameters: number;
  readonly rmse: readonly number[];
  readonly mae: readonly number[];
  /** The share of steps forecast to the right side of the last known value, 0 … 1; null if truth or forecast never moved. */
  readonly directionalAccuracy: readonly (number | null)[];
  /** Training, validation included, in ms. */
  readonly trainingMs: readonly number[];
  /** Epochs trained until it stopped. */
  readonly epochs: readonly number[];
  /** RMSE on the validation part, the mean over the seeds. */
  readonly validationRmse: number;
}

export interface BaselineScores {
  readonly rmse: number;
  readonly mae: number;
  /** null for a method that forecasts no movement. */
  readonly directionalAccuracy: number | null;
  readonly description: string;
}

export interface CellComparison {
  readonly config: CompareConfig;
  /** In sentences: what was guessed and what was decided. */
  readonly notes: readonly string[];
  readonly split: Split;
  /** Forecasts of the test part. */
  readonly testOrigins: number;
  readonly cells: readonly CellScores[];
  readonly baselines: Readonly<Record<BaselineName, BaselineScores>>;
  /** Each two cells. */
  readonly pairs: readonly PairComparison[];
  /** Each cell with naive and the linear map. */
  readonly againstBaselines: readonly PairComparison[];
  /** In sentences: what the spread allows to conclude. */
  readonly conclusions: readonly string[];
}

/** What was decided, option by option. */
export interface CompareConfig
  extends Omit<ForecastConfig, "cell" | "correctionKept" | "refit" | "level" | "skip" | "model"> {
  readonly cells: readonly CellName[];
  readonly skip: "linear" | "none";
}

/** The simple methods that the cells are tested against, and how they are called in sentences. */
const TESTED = { naive: "naive", linear: "the linear map" } as const satisfies Partial<Record<BaselineName, string>>;

/**
 * @param columns the target, then further inputs; all of one length, without gaps
 * @throws {FormatError} about the series: constant, or constant in its training part
 * @throws {ArgumentError} about the options: too short a series for them, an unknown word, a cell named twice
 * @throws {Diverged} if a loss is no longer finite
 * @throws {Interrupted} if `shouldStop` said so
 */
export async function compareCells(
  columns: readonly ForecastColumn[],
  options: CompareOptions = {},
  hooks: TrainingHooks = {},
): Promise<CellComparison> {
  const { cells = CELL_NAMES, seeds = 5, skip = "none", ...others } = options;
  checkCells(cells);
  const studies = cells.map((cell) => new Study(columns, completeOptions({ ...others, cell, seeds, skip })));
  const [study] = studies;
  const runs = new TimedRuns();
  const counted = runsIn(study, cells.length);
  const trainers = studies.map(
    (each) => new Trainer(each, { ...hooks, onEpoch: numbered(hooks, runs, counted), runs }, `${each.options.cell} `),
  );

  for (const trainer of trainers) await trainer.warmUp(study.choice("last", "none"));
  const { choice, note } = await chooseForm(study, trainers);
  const judged = [];
  for (const [i, trainer] of trainers.entries()) judged.push(await judgeCell(studies[i], trainer, choice, runs));

  const { baselines, baselineBacktests } = judgeBaselines(study);
  const contenders = judged.map(({ scores, losses }) => ({ name: wordFor(scores.cell), rmse: scores.rmse, losses }));
  const simple = (Object.keys(TESTED) as (keyof typeof TESTED)[]).map((name) => ({
    name: TESTED[name],
    rmse: [baselines[name].rmse],
    losses: lossPerOrigin(baselineBacktests[name]),
    seeded: false,
  }));
  const { horizon } = study.options;
  const pairs = comparePairs(pairsOf<Contender>(contenders), horizon);
  const againstBaselines = comparePairs(
    simple.flatMap((method) => contenders.map((contender) => [contender, method] as const)),
    horizon,
  );
  return {
    config: configOf(study, choice, cells),
    notes: [study.seasonReason, note].filter((each) => each !== null),
    split: study.split,
    testOrigins: judged[0].losses.length,
    cells: judged.map(({ scores }) => scores),
    baselines: mapBaselines((name) => ({
      rmse: baselines[name].rmse,
      mae: baselines[name].mae,
      directionalAccuracy: directionOf(study, baselineBacktests[name]),
      description: baselines[name].description,
    })),
    pairs,
    againstBaselines,
    conclusions: [
      ...caveats(seeds, fewestSeeds(pairs.length), judged[0].losses.length, fewestOrigins(horizon)),
      conclusionOn(
        contenders.map(({ name }) => name),
        pairs,
      ),
      ...simple.map(({ name }) => conclusionAgainst(name, againstBaselines)),
    ],
  };
}

/** How a cell is called in sentences. */
const wordFor = (cell: CellName): string => cell.toUpperCase();

function checkCells(cells: readonly CellName[]): void {
  if (cells.length === 0) {
    throw new ArgumentError(`compareCells: expected at least one cell of ${CELL_NAMES.join(", ")}, got none`);
  }
  const repeated = cells.find((cell, i) => cells.indexOf(cell) !== i);
  if (repeated !== undefined) throw new ArgumentError(`compareCells: the cell "${repeated}" is named twice`);
}

/** Trains a cell with every seed and judges each network on its own. */
async function judgeCell(
  study: Study,
  trainer: Trainer,
  choice: Choice,
  runs: TimedRuns,
): Promise<{ scores: CellScores; losses: Float64Array }> {
  const trained =
    study.options.skip === "none"
      ? await trainer.alone(choice)
      : await trainer.correction(choice, trainer.linear(study.split.train));
  const { each } = backtestModel(study, trained.model, study.split.test);
  const losses = each.map(lossPerOrigin);
  const scores = {
    cell: study.options.cell,
    parameters: trained.model.networks[0].parameters().reduce((sum, { elementCount }) => sum + elementCount, 0),
    rmse: each.map(({ truth, forecast, mask }) => rmse(truth, forecast, mask)),
    mae: each.map(({ truth, forecast, mask }) => mae(truth, forecast, mask)),
    directionalAccuracy: each.map((test) => directionOf(study, test)),
    trainingMs: trained.runs.map((run) => runs.elapsedMs(run)),
    epochs: trained.runs.map((run) => run.trainingLoss.length),
    validationRmse: validationRmse(study, trained.model),
  };
  return { scores, losses: losses[0].map((_, t) => losses.reduce((sum, loss) => sum + loss[t], 0) / losses.length) };
}

/** A forecast that never moves, as naive's and that of a network that learnt nothing, has no direction to be right about. */
function directionOf({ target }: Study, { truth, forecast, mask, origins, horizon }: Backtest): number | null {
  const last = truth.map((_, i) => target[origins[Math.floor(i / horizon)]]);
  const moves = forecast.some((value, i) => value !== last[i]);
  return moves ? directionalAccuracy(truth, forecast, last, mask) : null;
}

/** How many networks will be trained. */
function runsIn(study: Study, cells: number): number {
  const candidates = candidatesFor(study).length;
  const chosen = candidates > 1 ? candidates : 0;
  const known = candidates > 1 && study.options.skip === "none" ? 1 : 0;
  return cells * (chosen + study.options.seeds - known);
}

/** The hook with the number of the run in its words. */
function numbered({ onEpoch }: TrainingHooks, runs: TimedRuns, count: number): NonNullable<TrainingHooks["onEpoch"]> {
  return (report) => onEpoch?.({ ...report, run: `${runs.started}/${count} ${report.run}` });
}

/** Training runs that know how long each took. Times are no part of what a run is saved as: they differ at every repetition. */
class TimedRuns extends TrainingRuns {
  /** Runs begun so far, finished ones included. */
  started = 0;
  readonly #elapsedMs = new Map<RunResult, number>();

  override result(name: string, train: (resume: RunState | undefined) => Promise<RunResult>): Promise<RunResult> {
    return super.result(name, async (resume) => {
      this.started++;
      const start = performance.now();
      const run = await train(resume);
      this.#elapsedMs.set(run, performance.now() - start);
      return run;
    });
  }

  elapsedMs(run: RunResult): number {
    return this.#elapsedMs.get(run) ?? Number.NaN;
  }
}

function configOf(study: Study, { form, transform }: Choice, cells: readonly CellName[]): CompareConfig {
  const { horizon, hidden, layers, epochs, seed, seeds, skip, learningRate } = study.options;
  const { train, validation, test } = study.split;
  return {
    target: study.names[0],
    inputs: study.names.slice(1),
    cells,
    horizon,
    window: study.window,
    hidden,
    layers,
    epochs,
    form,
    transform,
    season: study.season,
    seed,
    seeds,
    split: [train.end - train.start, validation.end - validation.start, test.end - test.start],
    skip: skip === "linear" ? "linear" : "none",
    learningRate,
    batchSize: study.batchSize(originsOf(train, horizon, study.window).length),
  };
}
