/**
 * From a series to an honest forecast, in five steps:
 *
 *   1 choose     the form and the transform in which the network sees the series, on the validation part
 *   2 train      one network a seed, with early stopping on the validation part; and, under `skip: "linear"`, one that
 *                corrects the linear map of the window, kept only if that improves the validation part
 *   3 judge      every origin of the test part, once, beside naive, seasonal naive, drift, linear and AR(p)
 *   4 refit      with the chosen form and number of epochs, on all rows
 *   5 forecast   the future, with an interval from the validation residuals
 *
 * Everything that is fitted for step 3 sees the training part alone, and everything that is chosen the validation part.
 */

import { FormatError } from "../tensor/errors.ts";
import { type Backtest, backtest, lossPerOrigin, residuals, scoreBacktest } from "./backtest.ts";
import type { BaselineName, FittedBaseline } from "./baselines/baseline.ts";
import { BASELINES } from "./baselines/index.ts";
import { defaultWindow, type FittedLinear, fitLinear } from "./baselines/linear.ts";
import { isConstant } from "./constant.ts";
import { ForecastModel, type ForecastModelState, meanOf } from "./forecast-model.ts";
import type { FormName } from "./forms.ts";
import { fitWindowEncoder, type WindowEncoder } from "./inputs.ts";
import { applyIntervals, fitIntervals, type Intervals } from "./intervals.ts";
import { coverage, type Mask, maseScale, rmse, type Scores } from "./metrics.ts";
import { type Examples, examplesAt } from "./network/examples.ts";
import type { ForecastNetwork, NetworkShape } from "./network/forecast-network.ts";
import { type EpochReport, type RunResult, trainNetwork } from "./network/train.ts";
import { type CompleteOptions, completeOptions, type ForecastOptions } from "./options.ts";
import { detectSeason } from "./season.ts";
import { originsOf, type Part, type Split, splitRows } from "./split.ts";
import { wanders } from "./stationarity.ts";
import { TrainingRuns } from "./training-runs.ts";
import { suggestTransform, type TransformName, transformed } from "./transform.ts";
import { verdictOn } from "./verdict.ts";

/** One column, gaps filled in causally. */
export interface ForecastColumn {
  readonly name: string;
  readonly values: Float64Array;
  /** 1 for rows that were observed; rows that were filled in are never scored. Default: all observed */
  readonly observed?: Mask;
}

export interface ForecastHooks {
  /** Called after every epoch; training waits for it. `run` says which network, in words for people. */
  readonly onEpoch?: (report: EpochReport & { readonly run: string }) => void | Promise<void>;
  /** Asked after every epoch whether to stop; the error then thrown is `Interrupted`, and `runs` can be saved. */
  readonly shouldStop?: () => boolean;
  /** Runs of an interrupted forecast to go on from. */
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
  /** The forecast itself: under `skip: "linear"` the corrected linear map. */
  readonly forecast: Judged;
  /** The network on its own. */
  readonly network: Judged;
  readonly baselines: Readonly<Record<BaselineName, Scores & { readonly description: string }>>;
  readonly baselineBacktests: Readonly<Record<BaselineName, Backtest>>;
  readonly verdict: string;
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
  readonly skip: "linear" | "none";
  readonly correctionKept: boolean;
  readonly refit: boolean;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly level: number;
}

/** The least improvement of the validation part for which a correction of the linear map is kept, a share of the RMSE. */
const CORRECTION_MARGIN = 0.01;
/** Updates without improvement after which training stops. */
const PATIENCE_UPDATES = 400;

/**
 * Trains, judges and forecasts.
 * @param columns the target, then further inputs; all of one length, without gaps
 * @throws {FormatError} about the series: constant, too short, not above 0 under `transform: "log"`
 * @throws {ArgumentError} about the options
 * @throws {Diverged} if a loss is no longer finite
 * @throws {Interrupted} if `shouldStop` said so
 */
export async function forecast(
  columns: readonly ForecastColumn[],
  options: ForecastOptions = {},
  hooks: ForecastHooks = {},
): Promise<ForecastResult> {
  return new Forecaster(columns, completeOptions(options), hooks).run();
}

class Forecaster {
  readonly #columns: readonly ForecastColumn[];
  readonly #values: readonly Float64Array[];
  readonly #observed: Mask;
  readonly #options: CompleteOptions;
  readonly #hooks: ForecastHooks;
  readonly #runs: TrainingRuns;
  readonly #split: Split;
  readonly #season: number | null;
  readonly #window: number;
  readonly #notes: string[] = [];

  constructor(columns: readonly ForecastColumn[], options: CompleteOptions, hooks: ForecastHooks) {
    this.#columns = columns;
    this.#values = columns.map(({ values }) => values);
    this.#observed = columns[0].observed ?? new Uint8Array(this.#target.length).fill(1);
    this.#options = options;
    this.#hooks = hooks;
    this.#runs = hooks.runs ?? new TrainingRuns();
    const rows = this.#target.length;
    if (isConstant(this.#target)) {
      throw new FormatError(
        `the series "${columns[0].name}" is constant (${this.#target[0]} in all ${rows} rows): there is nothing to forecast; choose another target`,
      );
    }
    this.#split = splitRows(rows, options.split, { horizon: options.horizon, window: options.window ?? 1 });
    const training = this.#training(0);
    if (isConstant(training)) {
      throw new FormatError(
        `the training part of "${columns[0].name}" is constant (${training[0]} in ${training.length} rows): nothing can be learned from it; give the training part more rows with --split`,
      );
    }
    this.#season = this.#findSeason(training);
    this.#window = options.window ?? defaultWindow(training.length, options.horizon, this.#season);
  }

  get #target(): Float64Array {
    return this.#values[0];
  }

  #training(column: number): Float64Array {
    return this.#values[column].subarray(0, this.#split.train.end);
  }

  #findSeason(training: Float64Array): number | null {
    if (this.#options.season !== "auto") return this.#options.season;
    const found = detectSeason(training, { frequencyHint: this.#options.seasonHint });
    this.#notes.push(found.reason);
    return found.period;
  }

  async run(): Promise<ForecastResult> {
    const { horizon, seeds, skip } = this.#options;
    const chosen = await this.#choose();
    const alone = await this.#trainAlone(chosen);
    const linear = this.#fitLinear(this.#training(0));
    const corrected = skip === "linear" ? await this.#trainCorrection(chosen, linear) : null;

    const linearOnly = new ForecastModel(this.#linearState(chosen.encoder, linear), []);
    const network = this.#judge(alone.model);
    const correction = corrected === null ? null : this.#judge(corrected.model);
    const straight = skip === "linear" ? this.#judge(linearOnly) : null;
    const kept =
      straight !== null &&
      correction !== null &&
      correction.validationRmse < straight.validationRmse * (1 - CORRECTION_MARGIN);
    if (straight !== null && correction !== null) {
      const figures = `validation RMSE ${round(correction.validationRmse)} against ${round(straight.validationRmse)}`;
      this.#notes.push(
        kept
          ? `The recurrent correction of the linear map was kept (${figures}).`
          : `The recurrent correction did not improve the linear map by ${100 * CORRECTION_MARGIN} % (${figures}), so the forecast is the linear map alone.`,
      );
    }
    const judged = straight === null ? network : kept ? correction! : straight;
    const model = straight === null ? alone.model : kept ? corrected!.model : linearOnly;
    const curves = kept ? corrected!.runs[0] : alone.runs[0];

    const fitted = this.#fitBaselines();
    const baselineBacktests = mapBaselines((name) => this.#backtestBaseline(fitted[name]));
    const baselines = mapBaselines((name) => ({
      ...scoreBacktest(baselineBacktests[name], this.#maseScale()),
      description: fitted[name].description,
    }));
    const contestants = mapBaselines((name) => ({
      scores: baselines[name],
      losses: lossPerOrigin(baselineBacktests[name]),
    }));
    const verdict = verdictOn({ scores: judged.test, losses: lossPerOrigin(judged.backtest) }, contestants, horizon);

    const validation = this.#backtestModel(model, this.#split.validation).mean;
    const intervals = fitIntervals(residuals(validation), horizon, { level: this.#options.level });
    const ends = applyIntervals(judged.backtest.forecast, intervals);
    const testCoverage = coverage(judged.backtest.truth, ends.lower, ends.upper, judged.backtest.mask);

    const runs = kept ? corrected!.runs : skip === "none" ? alone.runs : [];
    const final = this.#options.refit ? await this.#refit(chosen, runs) : model;
    const values = final.forecast(this.#values);
    return {
      config: this.#config(chosen, kept, seeds),
      notes: this.#notes,
      split: this.#split,
      forecast: judged,
      network,
      baselines,
      baselineBacktests,
      verdict,
      future: { values, ...applyIntervals(values, intervals) },
      intervals,
      testCoverage,
      curves,
      model: final,
    };
  }

  // ── 1 choose ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The form and transform whose network does best on the validation part; that network is seed 0's. */
  async #choose(): Promise<Choice> {
    const candidates = this.#candidates();
    let best: { choice: Choice; score: number } | null = null;
    for (const { form, transform } of candidates) {
      const choice = { form, transform, encoder: this.#encoder(form, transform, (column) => this.#training(column)) };
      if (candidates.length === 1) return choice;
      const run = await this.#trainNetwork(choice, this.#options.seed);
      const score = Math.min(...run.validation, this.#untrainedScore(choice));
      if (best === null || score < best.score) best = { choice, score };
    }
    const { choice, score } = best!;
    const how = `${choice.form}${choice.transform === "log" ? " of logarithms" : ""}`;
    this.#notes.push(
      `The network sees the form "${how}", the best of ${candidates.length} on the validation part (RMSE ${round(score)}).`,
    );
    return choice;
  }

  /** RMSE on the validation part of a network that answers nothing. */
  #untrainedScore({ encoder }: Choice): number {
    const { horizon } = this.#options;
    const zeros = new Float64Array(horizon);
    const test = backtest(this.#target, (history) => encoder.target.decode(zeros, history, history.length - 1), {
      part: this.#split.validation,
      horizon,
      firstOrigin: encoder.firstOrigin,
      observed: this.#observed,
    });
    return rmse(test.truth, test.forecast, test.mask);
  }

  #candidates(): { form: FormName; transform: TransformName }[] {
    const training = this.#training(0);
    const { form, transform, horizon } = this.#options;
    const long = training.length >= this.#window + (this.#season ?? 0) + 2 * horizon;
    // Levels of a series that wanders leave the range that was trained on: no validation part can make that safe.
    const steady = !wanders(training);
    const forms: FormName[] =
      form !== "auto"
        ? [form]
        : [
            ...(this.#season !== null && long ? (["seasonal"] as const) : []),
            "last",
            ...(steady ? (["level"] as const) : []),
          ];
    const transforms: TransformName[] =
      transform !== "auto"
        ? [transform]
        : suggestTransform(training, this.#season) === "log"
          ? ["none", "log"]
          : ["none"];
    return forms.flatMap((each) => transforms.map((how) => ({ form: each, transform: how })));
  }

  #encoder(form: FormName, transform: TransformName, rowsOf: (column: number) => Float64Array): WindowEncoder {
    return fitWindowEncoder(
      this.#values.map((_, column) => rowsOf(column)),
      { form, transform, window: this.#window, horizon: this.#options.horizon, season: this.#season },
    );
  }

  // ── 2 train ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #trainAlone(choice: Choice): Promise<Trained> {
    const runs: RunResult[] = [];
    for (const seed of this.#seeds()) runs.push(await this.#trainNetwork(choice, seed));
    return {
      runs,
      model: ForecastModel.withWeights(
        this.#aloneState(choice.encoder),
        runs.map(({ weights }) => weights),
      ),
    };
  }

  #trainNetwork(choice: Choice, seed: number): Promise<RunResult> {
    const { encoder } = choice;
    const examples = this.#examples(encoder, this.#split.train, (origin) =>
      encoder.target.encodeTargets(this.#target, origin),
    );
    const state = this.#aloneState(encoder);
    return this.#train(
      `network, ${choice.form}${choice.transform === "log" ? " of logs" : ""}, seed ${seed}`,
      state,
      examples,
      seed,
    );
  }

  async #trainCorrection(choice: Choice, linear: FittedLinear): Promise<Trained> {
    const { encoder } = choice;
    const errors = this.#linearErrors(linear);
    const examples = this.#correctionExamples(encoder, linear, this.#split.train, errors);
    const state = { ...this.#linearState(encoder, linear), correctionScale: errors.scale };
    const runs: RunResult[] = [];
    for (const seed of this.#seeds()) runs.push(await this.#train(`correction, seed ${seed}`, state, examples, seed));
    return {
      runs,
      model: ForecastModel.withWeights(
        state,
        runs.map(({ weights }) => weights),
      ),
    };
  }

  /** Trains with early stopping on the validation part; the run's name is what people see. */
  #train(name: string, state: ForecastModelState, examples: Examples, seed: number): Promise<RunResult> {
    const validate = this.#validator(state);
    const batchSize = this.#batchSize(examples);
    const batches = Math.ceil(examples.origins.length / batchSize);
    const patience = Math.min(20, Math.max(5, Math.ceil(PATIENCE_UPDATES / batches)));
    return this.#runs.result(name, (resume) =>
      trainNetwork(
        state.network,
        examples,
        validate,
        { epochs: this.#options.epochs, patience, learningRate: this.#options.learningRate, batchSize, seed },
        { ...this.#runHooks(name), resume },
      ),
    );
  }

  #runHooks(run: string) {
    const { onEpoch, shouldStop } = this.#hooks;
    return { onEpoch: onEpoch && ((report: EpochReport) => onEpoch({ ...report, run })), shouldStop };
  }

  /** RMSE on the validation part of a network with the weights it has at the moment. */
  #validator(state: ForecastModelState) {
    return (network: ForecastNetwork) => {
      const model = new ForecastModel(state, [network]);
      const { mean } = this.#backtestModel(model, this.#split.validation);
      return rmse(mean.truth, mean.forecast, mean.mask);
    };
  }

  #batchSize({ origins }: Examples): number {
    return this.#options.batchSize ?? (origins.length > 500 ? 32 : 16);
  }

  #seeds(): number[] {
    return Array.from({ length: this.#options.seeds }, (_, i) => this.#options.seed + i);
  }

  #examples(
    encoder: WindowEncoder,
    part: Part,
    targetsAt: (origin: number) => Float64Array,
    firstOrigin = 0,
  ): Examples {
    const origins = originsOf(part, this.#options.horizon, Math.max(encoder.firstOrigin, firstOrigin));
    return examplesAt(encoder, this.#values, origins, targetsAt);
  }

  #fitLinear(training: Float64Array): FittedLinear {
    return fitLinear(training, { horizon: this.#options.horizon, season: this.#season });
  }

  /** What the linear map leaves unexplained at an origin, in its transformed units, and how large that is at each step. */
  #linearErrors(linear: FittedLinear, part: Part = this.#split.train) {
    const { horizon } = this.#options;
    const { transform } = linear.encoding;
    const errorsAt = (origin: number): Float64Array =>
      linear
        .forecast(this.#target.subarray(0, origin + 1), horizon)
        .map((value, i) => transformed(transform, this.#target[origin + 1 + i]) - transformed(transform, value));
    const firstOrigin = new ForecastModel(this.#linearState(null, linear), []).firstOrigin;
    const squares = new Float64Array(horizon);
    const origins = originsOf(part, horizon, firstOrigin);
    for (const origin of origins) {
      errorsAt(origin).forEach((error, i) => {
        squares[i] += error * error;
      });
    }
    const scale = Array.from(squares, (sum) => Math.sqrt(sum / Math.max(origins.length, 1)) || 1);
    return { errorsAt, scale, firstOrigin };
  }

  #correctionExamples(
    encoder: WindowEncoder,
    _linear: FittedLinear,
    part: Part,
    {
      errorsAt,
      scale,
      firstOrigin,
    }: { errorsAt: (origin: number) => Float64Array; scale: readonly number[]; firstOrigin: number },
  ): Examples {
    return this.#examples(encoder, part, (origin) => errorsAt(origin).map((error, i) => error / scale[i]), firstOrigin);
  }

  // ── 3 judge ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #backtestModel(model: ForecastModel, part: Part): { each: Backtest[]; mean: Backtest } {
    const { horizon } = this.#options;
    const frame = backtest(this.#target, () => new Float64Array(horizon), {
      part,
      horizon,
      firstOrigin: model.firstOrigin,
      observed: this.#observed,
    });
    const forecasts = model.forecastEach(this.#values, frame.origins);
    return {
      each: forecasts.map((each) => ({ ...frame, forecast: each })),
      mean: { ...frame, forecast: meanOf(forecasts) },
    };
  }

  #judge(model: ForecastModel): Judged {
    const scale = this.#maseScale();
    const test = this.#backtestModel(model, this.#split.test);
    const validation = this.#backtestModel(model, this.#split.validation).each;
    const scores = test.each.map((each) => scoreBacktest(each, scale));
    const mean = (pick: (score: Scores) => number) =>
      scores.reduce((sum, score) => sum + pick(score), 0) / scores.length;
    return {
      test: {
        rmse: mean((score) => score.rmse),
        mae: mean((score) => score.mae),
        mase: scores[0].mase === null ? null : mean((score) => score.mase ?? 0),
        smape: mean((score) => score.smape),
        rmseSeeds: scores.map((score) => score.rmse),
      },
      validationRmse:
        validation.reduce((sum, each) => sum + rmse(each.truth, each.forecast, each.mask), 0) / validation.length,
      backtest: test.mean,
    };
  }

  #maseScale(): number {
    return maseScale(this.#training(0), this.#season ?? 1, this.#observedPart());
  }

  #observedPart(): Uint8Array {
    return Uint8Array.from({ length: this.#split.train.end }, (_, i) => (this.#observed[i] ? 1 : 0));
  }

  #fitBaselines(): Record<BaselineName, FittedBaseline> {
    const options = { horizon: this.#options.horizon, season: this.#season };
    return mapBaselines((name) => BASELINES[name].fit(this.#training(0), options));
  }

  #backtestBaseline(fitted: FittedBaseline): Backtest {
    return backtest(this.#target, (history, steps) => fitted.forecast(history, steps), {
      part: this.#split.test,
      horizon: this.#options.horizon,
      observed: this.#observed,
    });
  }

  // ── 4 refit ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The chosen model trained anew on all rows, for as many epochs as did best before. */
  async #refit(choice: Choice, before: readonly RunResult[]): Promise<ForecastModel> {
    const all: Part = { start: 0, end: this.#target.length };
    const encoder = this.#encoder(choice.form, choice.transform, (column) => this.#values[column]);
    const weights: RunResult["weights"][] = [];
    if (this.#options.skip === "none") {
      const state = this.#aloneState(encoder);
      const examples = this.#examples(encoder, all, (origin) => encoder.target.encodeTargets(this.#target, origin));
      for (const [i, run] of before.entries()) weights.push((await this.#retrain(state, examples, run, i)).weights);
      return ForecastModel.withWeights(state, weights);
    }
    const linear = this.#fitLinear(this.#target);
    if (before.length === 0) return new ForecastModel(this.#linearState(encoder, linear), []);
    const errors = this.#linearErrors(linear, all);
    const state = { ...this.#linearState(encoder, linear), correctionScale: errors.scale };
    const examples = this.#correctionExamples(encoder, linear, all, errors);
    for (const [i, run] of before.entries()) weights.push((await this.#retrain(state, examples, run, i)).weights);
    return ForecastModel.withWeights(state, weights);
  }

  #retrain(state: ForecastModelState, examples: Examples, before: RunResult, i: number): Promise<RunResult> {
    const seed = this.#options.seed + i;
    const name = `refit on all rows, seed ${seed}`;
    const { learningRate } = this.#options;
    const settings = {
      epochs: before.bestEpoch,
      patience: null,
      learningRate,
      batchSize: this.#batchSize(examples),
      seed,
    };
    return this.#runs.result(name, (resume) =>
      trainNetwork(state.network, examples, null, settings, { ...this.#runHooks(name), resume }),
    );
  }

  // ── states ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #aloneState(encoder: WindowEncoder): ForecastModelState {
    return {
      columns: this.#columns.map(({ name }) => name),
      horizon: this.#options.horizon,
      network: this.#networkShape(),
      encoding: encoder.forms.map(({ state }) => state),
      linear: null,
      correctionScale: [],
    };
  }

  #linearState(encoder: WindowEncoder | null, linear: FittedLinear): ForecastModelState {
    return {
      columns: this.#columns.map(({ name }) => name),
      horizon: this.#options.horizon,
      network: this.#networkShape(),
      encoding: encoder === null ? [linear.encoding] : encoder.forms.map(({ state }) => state),
      linear: { encoding: linear.encoding, map: linear.map },
      correctionScale: [],
    };
  }

  #networkShape(): NetworkShape {
    const { cell, hidden, layers, horizon } = this.#options;
    return { cell, features: this.#columns.length, hidden, layers, horizon };
  }

  #config({ form, transform }: Choice, correctionKept: boolean, seeds: number): ForecastConfig {
    const { horizon, cell, hidden, layers, epochs, seed, skip, refit, learningRate, level } = this.#options;
    const { train, validation, test } = this.#split;
    const length = ({ start, end }: Part) => end - start;
    const examples = originsOf(train, horizon, this.#window).length;
    return {
      target: this.#columns[0].name,
      inputs: this.#columns.slice(1).map(({ name }) => name),
      horizon,
      window: this.#window,
      cell,
      hidden,
      layers,
      epochs,
      form,
      transform,
      season: this.#season,
      seed,
      seeds,
      split: [length(train), length(validation), length(test)],
      skip,
      correctionKept,
      refit,
      learningRate,
      batchSize: this.#options.batchSize ?? (examples > 500 ? 32 : 16),
      level,
    };
  }
}

interface Choice {
  readonly form: FormName;
  readonly transform: TransformName;
  /** Fitted on the training part. */
  readonly encoder: WindowEncoder;
}

interface Trained {
  /** One run a seed. */
  readonly runs: readonly RunResult[];
  readonly model: ForecastModel;
}

const mapBaselines = <T>(make: (name: BaselineName) => T): Record<BaselineName, T> =>
  Object.fromEntries((Object.keys(BASELINES) as BaselineName[]).map((name) => [name, make(name)])) as Record<
    BaselineName,
    T
  >;

const round = (value: number): string => String(Number(value.toPrecision(4)));
