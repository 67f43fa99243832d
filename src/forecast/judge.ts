/** Judging: a model's or a baseline's forecasts of a part from every origin, and their scores. */

import { type Backtest, backtest, scoreBacktest } from "./backtest.ts";
import type { BaselineName, FittedBaseline } from "./baselines/baseline.ts";
import { BASELINES } from "./baselines/index.ts";
import { type ForecastModel, meanOf } from "./forecast-model.ts";
import type { ForecastResult, Judged } from "./forecast-result.ts";
import { rmse, type Scores } from "./metrics.ts";
import type { Part } from "./split.ts";
import type { Study } from "./study.ts";

/** The forecasts of a part by each network of a model, and their mean. */
export function backtestModel(study: Study, model: ForecastModel, part: Part): { each: Backtest[]; mean: Backtest } {
  const { horizon } = study.options;
  const frame = backtest(study.target, () => new Float64Array(horizon), {
    part,
    horizon,
    firstOrigin: model.firstOrigin,
    observed: study.observed,
  });
  const forecasts = model.forecastEach(study.values, frame.origins);
  return {
    each: forecasts.map((forecast) => ({ ...frame, forecast })),
    mean: { ...frame, forecast: meanOf(forecasts) },
  };
}

/** RMSE of the validation part, the mean over a model's networks. */
export function validationRmse(study: Study, model: ForecastModel): number {
  const { each } = backtestModel(study, model, study.split.validation);
  return each.reduce((sum, { truth, forecast, mask }) => sum + rmse(truth, forecast, mask), 0) / each.length;
}

/** The test part, once, and the validation part beside it. */
export function judge(study: Study, model: ForecastModel): Judged {
  const test = backtestModel(study, model, study.split.test);
  const scores = test.each.map((each) => scoreBacktest(each, study.maseScale));
  const mean = (pick: (score: Scores) => number) => scores.reduce((sum, score) => sum + pick(score), 0) / scores.length;
  return {
    test: {
      rmse: mean((score) => score.rmse),
      mae: mean((score) => score.mae),
      mase: scores[0].mase === null ? null : mean((score) => score.mase ?? 0),
      smape: mean((score) => score.smape),
      rmseSeeds: scores.map((score) => score.rmse),
    },
    validationRmse: validationRmse(study, model),
    backtest: test.mean,
  };
}

/** Every baseline, fitted on the training part and judged on the test part. */
export function judgeBaselines(study: Study): Pick<ForecastResult, "baselines" | "baselineBacktests"> {
  const options = { horizon: study.options.horizon, season: study.season };
  const fitted = mapBaselines((name) => BASELINES[name].fit(study.training(), options));
  const baselineBacktests = mapBaselines((name) => backtestBaseline(study, fitted[name]));
  const baselines = mapBaselines((name) => ({
    ...scoreBacktest(baselineBacktests[name], study.maseScale),
    description: fitted[name].description,
  }));
  return { baselines, baselineBacktests };
}

function backtestBaseline(study: Study, fitted: FittedBaseline): Backtest {
  return backtest(study.target, (history, steps) => fitted.forecast(history, steps), {
    part: study.split.test,
    horizon: study.options.horizon,
    observed: study.observed,
  });
}

/** One value for each baseline, by name. */
export function mapBaselines<T>(make: (name: BaselineName) => T): Record<BaselineName, T> {
  const names = Object.keys(BASELINES) as BaselineName[];
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<BaselineName, T>;
}
