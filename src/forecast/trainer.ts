/**
 * The trainings of a forecast: the networks that forecast alone, those that correct the linear map of the window, and either
 * of them again on all rows. Every training is a run with a name, so that an interrupted forecast finds what it has done.
 */

import type { BaselineName } from "./baselines/baseline.ts";
import { BASELINES } from "./baselines/index.ts";
import { type FittedLinear, fitLinear } from "./baselines/linear.ts";
import { ForecastModel, type ForecastModelState } from "./forecast-model.ts";
import type { ForecastHooks } from "./forecast-result.ts";
import type { FormState } from "./forms.ts";
import type { WindowEncoder } from "./inputs.ts";
import { validationRmse } from "./judge.ts";
import type { Examples } from "./network/examples.ts";
import type { ForecastNetwork } from "./network/forecast-network.ts";
import { type EpochReport, type RunResult, trainNetwork } from "./network/train.ts";
import { originsOf, type Part } from "./split.ts";
import type { Choice, Study } from "./study.ts";
import { TrainingRuns } from "./training-runs.ts";
import { transformed } from "./transform.ts";

/** Updates without improvement after which training stops, but 5 epochs at least and 20 at most. */
const PATIENCE_UPDATES = 400;

export interface Trained {
  /** One run a seed. */
  readonly runs: readonly RunResult[];
  readonly model: ForecastModel;
}

/** What networks learn from: the model they become, and their examples. */
interface Task {
  readonly state: ForecastModelState;
  readonly examples: Examples;
}

export class Trainer {
  readonly #study: Study;
  readonly #hooks: ForecastHooks;
  readonly #runs: TrainingRuns;
  readonly #prefix: string;

  /** @param prefix before the name of every run, where several trainers share `hooks.runs` */
  constructor(study: Study, hooks: ForecastHooks, prefix = "") {
    this.#study = study;
    this.#hooks = hooks;
    this.#runs = hooks.runs ?? new TrainingRuns();
    this.#prefix = prefix;
  }

  /** One network a seed that forecasts alone. */
  async alone(choice: Choice): Promise<Trained> {
    const task = this.#aloneTask(choice.encoder, this.#study.split.train);
    const runs: RunResult[] = [];
    for (const seed of this.#seeds()) runs.push(await this.#train(nameOf(choice, seed), task, seed));
    return { runs, model: modelOf(task.state, runs) };
  }

  /** The first seed's network of a choice; `alone` finds it done. */
  async firstOf(choice: Choice): Promise<RunResult> {
    const { seed } = this.#study.options;
    return this.#train(nameOf(choice, seed), this.#aloneTask(choice.encoder, this.#study.split.train), seed);
  }

  /** One network a seed that corrects the linear map. */
  async correction(choice: Choice, linear: FittedLinear): Promise<Trained> {
    const task = this.#correctionTask(choice.encoder, linear, this.#study.split.train);
    const runs: RunResult[] = [];
    for (const seed of this.#seeds()) runs.push(await this.#train(`correction, seed ${seed}`, task, seed));
    return { runs, model: modelOf(task.state, runs) };
  }

  /** The linear map of the window, fitted to the rows of a part. */
  linear(part: Part): FittedLinear {
    const { horizon } = this.#study.options;
    return fitLinear(this.#study.target.subarray(part.start, part.end), { horizon, season: this.#study.season });
  }

  /** A simple method alone, fitted to the rows of a part. */
  simpleModel({ encoder }: Choice, name: Exclude<BaselineName, "linear">, part: Part): ForecastModel {
    const { horizon } = this.#study.options;
    const rows = this.#study.target.subarray(part.start, part.end);
    const { state } = BASELINES[name].fit(rows, { horizon, season: this.#study.season });
    return new ForecastModel({ ...this.#frame(encoder.forms), linear: null, simple: state, correctionScale: [] }, []);
  }

  /** The linear map alone. */
  linearModel(choice: Choice, linear: FittedLinear): ForecastModel {
    return new ForecastModel(this.#linearState(choice.encoder, linear, []), []);
  }

  /**
   * The chosen model trained anew on all rows, for as many epochs as did best before.
   * @param before the runs to repeat, one a seed; none for the linear map alone
   * @param skip   whether the networks correct the linear map
   */
  async refit(
    { form, transform }: Choice,
    before: readonly RunResult[],
    skip: "linear" | "none",
  ): Promise<ForecastModel> {
    const { allRows, options } = this.#study;
    const choice = this.#study.choice(form, transform, allRows);
    const linear = skip === "linear" ? this.linear(allRows) : null;
    if (linear !== null && before.length === 0) return this.linearModel(choice, linear);
    const task =
      linear === null
        ? this.#aloneTask(choice.encoder, allRows)
        : this.#correctionTask(choice.encoder, linear, allRows);
    const runs: RunResult[] = [];
    for (const [i, run] of before.entries()) runs.push(await this.#retrain(task, run.bestEpoch, options.seed + i));
    return modelOf(task.state, runs);
  }

  /** Two epochs that nobody sees, for the runtime to compile what it will need: the first run of a program is slow. */
  async warmUp(choice: Choice): Promise<void> {
    const { state, examples } = this.#aloneTask(choice.encoder, this.#study.split.train);
    const { learningRate, seed } = this.#study.options;
    const batchSize = this.#study.batchSize(examples.origins.length);
    const score = (network: ForecastNetwork) => validationRmse(this.#study, new ForecastModel(state, [network]));
    await trainNetwork(state.network, examples, score, { epochs: 2, patience: null, learningRate, batchSize, seed });
  }

  // ── tasks ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #aloneTask(encoder: WindowEncoder, part: Part): Task {
    const targetsAt = (origin: number) => encoder.target.encodeTargets(this.#study.target, origin);
    const state = { ...this.#frame(encoder.forms), linear: null, simple: null, correctionScale: [] };
    return { state, examples: this.#study.examples(encoder, part, targetsAt) };
  }

  /** What the linear map leaves over, in its transformed units, scaled to about 1 at each step. */
  #correctionTask(encoder: WindowEncoder, linear: FittedLinear, part: Part): Task {
    const { target, options } = this.#study;
    const { horizon } = options;
    const { transform } = linear.encoding;
    const errorsAt = (origin: number): Float64Array =>
      linear
        .forecast(target.subarray(0, origin + 1), horizon)
        .map((value, i) => transformed(transform, target[origin + 1 + i]) - transformed(transform, value));
    const { firstOrigin } = new ForecastModel(this.#linearState(null, linear, []), []);
    const squares = new Float64Array(horizon);
    const origins = originsOf(part, horizon, firstOrigin);
    for (const origin of origins) {
      errorsAt(origin).forEach((error, i) => {
        squares[i] += error * error;
      });
    }
    const scale = Array.from(squares, (sum) => Math.sqrt(sum / Math.max(origins.length, 1)) || 1);
    const targetsAt = (origin: number) => errorsAt(origin).map((error, i) => error / scale[i]);
    const state = this.#linearState(encoder, linear, scale);
    return { state, examples: this.#study.examples(encoder, part, targetsAt, firstOrigin) };
  }

  #linearState(
    encoder: WindowEncoder | null,
    { encoding, map }: FittedLinear,
    scale: readonly number[],
  ): ForecastModelState {
    return {
      ...this.#frame(encoder?.forms ?? [{ state: encoding }]),
      linear: { encoding, map },
      simple: null,
      correctionScale: scale,
    };
  }

  /** What all states have in common. */
  #frame(forms: readonly { readonly state: FormState }[]) {
    const { names, options, networkShape } = this.#study;
    return {
      columns: names,
      horizon: options.horizon,
      network: networkShape,
      encoding: forms.map(({ state }) => state),
    };
  }

  // ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #seeds(): number[] {
    const { seed, seeds } = this.#study.options;
    return Array.from({ length: seeds }, (_, i) => seed + i);
  }

  /** Trains with early stopping on the validation part. */
  #train(unprefixed: string, { state, examples }: Task, seed: number): Promise<RunResult> {
    const name = `${this.#prefix}${unprefixed}`;
    const { epochs, learningRate } = this.#study.options;
    const count = examples.origins.length;
    const batchSize = this.#study.batchSize(count);
    const patience = Math.min(20, Math.max(5, Math.ceil(PATIENCE_UPDATES / Math.ceil(count / batchSize))));
    return this.#runs.result(name, (resume) =>
      trainNetwork(
        state.network,
        examples,
        (network) => validationRmse(this.#study, new ForecastModel(state, [network])),
        { epochs, patience, learningRate, batchSize, seed },
        { ...this.#hooksFor(name), resume },
      ),
    );
  }

  /** Trains a given number of epochs and keeps the last weights. */
  #retrain({ state, examples }: Task, epochs: number, seed: number): Promise<RunResult> {
    const { learningRate } = this.#study.options;
    const batchSize = this.#study.batchSize(examples.origins.length);
    const name = `${this.#prefix}refit on all rows, seed ${seed}`;
    const settings = { epochs, patience: null, learningRate, batchSize, seed };
    return this.#runs.result(name, (resume) =>
      trainNetwork(state.network, examples, null, settings, { ...this.#hooksFor(name), resume }),
    );
  }

  #hooksFor(run: string) {
    const { onEpoch, shouldStop } = this.#hooks;
    return { onEpoch: onEpoch && ((report: EpochReport) => onEpoch({ ...report, run })), shouldStop };
  }
}

const nameOf = ({ form, transform }: Choice, seed: number): string =>
  `network, ${form}${transform === "log" ? " of logs" : ""}, seed ${seed}`;

const modelOf = (state: ForecastModelState, runs: readonly RunResult[]): ForecastModel =>
  ForecastModel.withWeights(
    state,
    runs.map(({ weights }) => weights),
  );
