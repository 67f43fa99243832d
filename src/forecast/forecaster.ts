/**
 * From a series to an honest forecast, in five steps:
 *
 *   1 choose     the form and the transform in which the network sees the series, on the validation part
 *   2 train      one network a seed, with early stopping on the validation part; and, under `skip: "linear"`, one that
 *                corrects the linear map of the window, kept only if that improves the validation part; `skip: "auto"` takes
 *                the better of the two there, and `model` a simple method instead
 *   3 judge      every origin of the test part, once, beside naive, seasonal naive, drift, linear and AR(p)
 *   4 refit      with the chosen form and number of epochs, on all rows
 *   5 forecast   the future, with an interval from the validation residuals
 *
 * Everything that is fitted for step 3 sees the training part alone, and everything that is chosen the validation part.
 */

import { lossPerOrigin, residuals } from "./backtest.ts";
import type { BaselineName } from "./baselines/baseline.ts";
import { chooseForm } from "./choose-form.ts";
import type { ForecastModel } from "./forecast-model.ts";
import type { ForecastColumn, ForecastConfig, ForecastHooks, ForecastResult, Judged } from "./forecast-result.ts";
import { applyIntervals, fitIntervals } from "./intervals.ts";
import { backtestModel, judge, judgeBaselines, mapBaselines } from "./judge.ts";
import { coverage } from "./metrics.ts";
import { completeOptions, type ForecastOptions } from "./options.ts";
import { roundTo4 } from "./round.ts";
import { originsOf, type Part } from "./split.ts";
import { type Choice, Study } from "./study.ts";
import { type Trained, Trainer } from "./trainer.ts";
import { verdictOn } from "./verdict.ts";

/** The least improvement of the validation part for which what is less simple is taken, a share of the RMSE. */
const MARGIN = 0.01;

/**
 * Trains, judges and forecasts.
 * @param columns the target, then further inputs; all of one length, without gaps
 * @throws {FormatError} about the series: constant, or constant in its training part
 * @throws {ArgumentError} about the options: too short a series for them, an unknown word, a size that is not whole
 * @throws {Diverged} if a loss is no longer finite
 * @throws {Interrupted} if `shouldStop` said so; `hooks.runs` then holds all that was trained
 */
export async function forecast(
  columns: readonly ForecastColumn[],
  options: ForecastOptions = {},
  hooks: ForecastHooks = {},
): Promise<ForecastResult> {
  const study = new Study(columns, completeOptions(options));
  const trainer = new Trainer(study, hooks);
  const { horizon, level, refit } = study.options;

  const { choice, note } = await chooseForm(study, [trainer]);
  const alone = await trainer.alone(choice);
  const network: Contender = { ...alone, judged: judge(study, alone.model), skip: "none", notes: [], itself: null };
  const { model, judged, runs, skip, notes, itself } = await chooseModel(study, trainer, choice, network);

  const { baselines, baselineBacktests } = judgeBaselines(study);
  const verdict = verdictOn(
    { scores: judged.test, losses: lossPerOrigin(judged.backtest) },
    mapBaselines((name) => ({ scores: baselines[name], losses: lossPerOrigin(baselineBacktests[name]) })),
    horizon,
    itself,
  );

  const validation = backtestModel(study, model, study.split.validation).mean;
  const intervals = fitIntervals(residuals(validation), horizon, { level });
  const ends = applyIntervals(judged.backtest.forecast, intervals);
  const testCoverage = coverage(judged.backtest.truth, ends.lower, ends.upper, judged.backtest.mask);

  const final = refit ? await refitted(study, trainer, choice, { runs, skip }) : model;
  const values = final.forecast(study.values);
  return {
    config: configOf(study, choice, skip, skip === "linear" && runs.length > 0),
    notes: [study.seasonReason, note, ...notes].filter((each) => each !== null),
    split: study.split,
    forecast: judged,
    network: network.judged,
    baselines,
    baselineBacktests,
    verdict: verdict.text,
    instead: verdict.instead,
    future: { values, ...applyIntervals(values, intervals) },
    intervals,
    testCoverage,
    curves: runs[0] ?? alone.runs[0],
    model: final,
  };
}

/** What may become the forecast. */
interface Contender extends Trained {
  readonly judged: Judged;
  readonly skip: "linear" | "none";
  readonly notes: readonly (string | null)[];
  /** The simple method that it is, and why; null for a network. */
  readonly itself: { readonly name: BaselineName; readonly why: string } | null;
}

/** What forecasts: the simple method that was asked for, the network alone, or the linear map with or without a correction. */
async function chooseModel(study: Study, trainer: Trainer, choice: Choice, network: Contender): Promise<Contender> {
  const { model: asked, skip } = study.options;
  if (asked !== "network") {
    const model =
      asked === "linear"
        ? trainer.linearModel(choice, trainer.linear(study.split.train))
        : trainer.simpleModel(choice, asked, study.split.train);
    const itself = { name: asked, why: "as was asked" };
    return {
      runs: [],
      model,
      judged: judge(study, model),
      skip: asked === "linear" ? "linear" : "none",
      notes: [],
      itself,
    };
  }
  if (skip === "none") return network;
  const corrected = await correct(study, trainer, choice);
  const better = isBetter(network.judged, corrected.judged);
  if (skip === "linear") {
    const note =
      better === null
        ? null
        : `The network alone did better on the validation part (${better}); skip none forecasts with it.`;
    return { ...corrected, notes: [...corrected.notes, note] };
  }
  if (better === null) {
    return { ...corrected, notes: [...corrected.notes, "The network alone did no better on the validation part."] };
  }
  return {
    ...network,
    notes: [
      `The network forecasts alone, which did better on the validation part than with the linear map (${better}).`,
    ],
  };
}

/** The linear map, with the recurrent correction if that improves the validation part. */
async function correct(study: Study, trainer: Trainer, choice: Choice): Promise<Contender> {
  const linear = trainer.linear(study.split.train);
  const straight = trainer.linearModel(choice, linear);
  const corrected = await trainer.correction(choice, linear);
  const [before, after] = [judge(study, straight), judge(study, corrected.model)];
  const figures = `validation RMSE ${roundTo4(after.validationRmse)} against ${roundTo4(before.validationRmse)}`;
  if (after.validationRmse < before.validationRmse * (1 - MARGIN)) {
    const note = `The recurrent correction of the linear map was kept (${figures}).`;
    return { ...corrected, judged: after, skip: "linear", notes: [note], itself: null };
  }
  const note = `The recurrent correction did not improve the linear map by ${100 * MARGIN} % (${figures}), so the forecast is the linear map alone.`;
  const itself = { name: "linear", why: "for the network's correction was dropped" } as const;
  return { runs: [], model: straight, judged: before, skip: "linear", notes: [note], itself };
}

/** Trained, or fitted, anew on all rows. */
async function refitted(
  study: Study,
  trainer: Trainer,
  choice: Choice,
  { runs, skip }: Pick<Contender, "runs" | "skip">,
): Promise<ForecastModel> {
  const { model } = study.options;
  if (model !== "network" && model !== "linear") return trainer.simpleModel(choice, model, study.allRows);
  return trainer.refit(choice, runs, skip);
}

/** The figures of one that did better than another where they may be looked at, on the validation part; null if it did not. */
function isBetter(one: Judged, other: Judged): string | null {
  if (!(one.validationRmse < other.validationRmse * (1 - MARGIN))) return null;
  return `RMSE ${roundTo4(one.validationRmse)} against ${roundTo4(other.validationRmse)}`;
}

function configOf(
  study: Study,
  { form, transform }: Choice,
  skip: "linear" | "none",
  correctionKept: boolean,
): ForecastConfig {
  const { horizon, cell, hidden, layers, epochs, seed, seeds, model, refit, learningRate, level } = study.options;
  const { train, validation, test } = study.split;
  const length = ({ start, end }: Part) => end - start;
  return {
    target: study.names[0],
    inputs: study.names.slice(1),
    horizon,
    window: study.window,
    cell,
    hidden,
    layers,
    epochs,
    form,
    transform,
    season: study.season,
    seed,
    seeds,
    split: [length(train), length(validation), length(test)],
    model,
    skip,
    correctionKept,
    refit,
    learningRate,
    batchSize: study.batchSize(originsOf(train, horizon, study.window).length),
    level,
  };
}
