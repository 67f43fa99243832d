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

import { lossPerOrigin, residuals } from "./backtest.ts";
import { chooseForm } from "./choose-form.ts";
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

/** The least improvement of the validation part for which a correction of the linear map is kept, a share of the RMSE. */
const CORRECTION_MARGIN = 0.01;

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
  const network = judge(study, alone.model);
  const contender =
    study.options.skip === "none" ? { ...alone, judged: network, note: null } : await correct(study, trainer, choice);
  const { model, judged, runs } = contender;

  const { baselines, baselineBacktests } = judgeBaselines(study);
  const verdict = verdictOn(
    { scores: judged.test, losses: lossPerOrigin(judged.backtest) },
    mapBaselines((name) => ({ scores: baselines[name], losses: lossPerOrigin(baselineBacktests[name]) })),
    horizon,
  );

  const validation = backtestModel(study, model, study.split.validation).mean;
  const intervals = fitIntervals(residuals(validation), horizon, { level });
  const ends = applyIntervals(judged.backtest.forecast, intervals);
  const testCoverage = coverage(judged.backtest.truth, ends.lower, ends.upper, judged.backtest.mask);

  const final = refit ? await trainer.refit(choice, runs) : model;
  const values = final.forecast(study.values);
  return {
    config: configOf(study, choice, study.options.skip === "linear" && runs.length > 0),
    notes: [study.seasonReason, note, contender.note, aloneNote(network, judged)].filter((each) => each !== null),
    split: study.split,
    forecast: judged,
    network,
    baselines,
    baselineBacktests,
    verdict,
    future: { values, ...applyIntervals(values, intervals) },
    intervals,
    testCoverage,
    curves: runs[0] ?? alone.runs[0],
    model: final,
  };
}

/** The linear map, with the recurrent correction if that improves the validation part. */
async function correct(
  study: Study,
  trainer: Trainer,
  choice: Choice,
): Promise<Trained & { judged: Judged; note: string }> {
  const linear = trainer.linear(study.split.train);
  const straight = trainer.linearModel(choice, linear);
  const corrected = await trainer.correction(choice, linear);
  const [before, after] = [judge(study, straight), judge(study, corrected.model)];
  const figures = `validation RMSE ${roundTo4(after.validationRmse)} against ${roundTo4(before.validationRmse)}`;
  if (after.validationRmse < before.validationRmse * (1 - CORRECTION_MARGIN)) {
    return { ...corrected, judged: after, note: `The recurrent correction of the linear map was kept (${figures}).` };
  }
  const note = `The recurrent correction did not improve the linear map by ${100 * CORRECTION_MARGIN} % (${figures}), so the forecast is the linear map alone.`;
  return { runs: [], model: straight, judged: before, note };
}

/** Whether the network without the linear map did better where it may be looked at: on the validation part. */
function aloneNote(network: Judged, judged: Judged): string | null {
  if (!(network.validationRmse < judged.validationRmse * (1 - CORRECTION_MARGIN))) return null;
  const figures = `RMSE ${roundTo4(network.validationRmse)} against ${roundTo4(judged.validationRmse)}`;
  return `The network alone did better on the validation part (${figures}); skip none forecasts with it.`;
}

function configOf(study: Study, { form, transform }: Choice, correctionKept: boolean): ForecastConfig {
  const { horizon, cell, hidden, layers, epochs, seed, seeds, skip, refit, learningRate, level } = study.options;
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
    skip,
    correctionKept,
    refit,
    learningRate,
    batchSize: study.batchSize(originsOf(train, horizon, study.window).length),
    level,
  };
}
