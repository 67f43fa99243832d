/** The figures of a forecast, and the report that they stand in. */

import { type Figure, forecastFigure, lineFigure, lossFigure, predictionFigure, scoreFigure } from "refrain/figure";
import type { ForecastResult } from "refrain/forecast";
import type { Report } from "refrain-render";
import type { Series } from "./read-series.ts";
import { METHOD_NAMES, methodScores } from "./result.ts";

export interface ForecastFigures extends Readonly<Record<string, Figure>> {
  readonly forecast: Figure;
  readonly predictions: Figure;
  readonly loss: Figure;
  readonly validation: Figure;
  readonly scores: Figure;
}

export function figuresOf(series: Series, result: ForecastResult, futureLabels: readonly string[]): ForecastFigures {
  const [{ name, values }] = series.columns;
  const { labels } = series;
  const { backtest } = result.forecast;
  const { config, split, future, curves } = result;
  const rows = (step: number) => Array.from(backtest.origins, (origin) => origin + step);
  const at = <T>(list: ArrayLike<T>, places: readonly number[]) => places.map((i) => list[i]);
  // Of a long horizon each row is shown as it was forecast one step ahead.
  const firstStep = (forecast: Float64Array) => Array.from(backtest.origins, (_, i) => forecast[i * backtest.horizon]);
  const ahead = backtest.horizon === 1 ? "" : ", one step ahead";
  return {
    forecast: forecastFigure(
      {
        history: { x: labels, y: values },
        predictions: { x: at(labels, rows(1)), y: firstStep(backtest.forecast) },
        forecast: { x: futureLabels, y: future.values, lower: future.lower, upper: future.upper },
        cuts: { validation: labels[split.validation.start], test: labels[split.test.start] },
      },
      {
        title: `${name}: forecast`,
        xTitle: series.table.index.name ?? "row",
        yTitle: name,
        intervalName: `${Math.round(100 * result.intervals.level)} % interval`,
      },
    ),
    predictions: predictionFigure(
      {
        x: at(labels, rows(1)),
        truth: at(values, rows(1)),
        predictions: [
          { name: `forecast${ahead}`, y: firstStep(backtest.forecast), role: "network" },
          { name: "naive", y: firstStep(result.baselineBacktests.naive.forecast), role: "baseline" },
        ],
      },
      { title: `${name}: test part`, xTitle: series.table.index.name ?? "row", yTitle: name },
    ),
    loss: lossFigure(
      { training: curves.trainingLoss },
      {
        title: "Loss while training",
        xTitle: "epoch",
        yTitle: "mean squared error (scaled)",
        best: curves.bestEpoch > 0 && curves.bestEpoch - 1,
        bestName: "kept",
      },
    ),
    validation: lineFigure(
      [{ name: "validation part", x: curves.validation.map((_, i) => i + 1), y: curves.validation, role: "network" }],
      {
        title: "Validation part while training",
        xTitle: "epoch",
        yTitle: `RMSE (in units of ${name})`,
        markers: curves.bestEpoch > 0 ? [{ x: curves.bestEpoch, text: "kept" }] : [],
      },
    ),
    scores: scoreFigure(
      methodScores(result).map(({ name: method, rmse }) => ({
        name: method,
        value: rmse,
        ours: method === METHOD_NAMES.forecast,
      })),
      { title: "Test RMSE by method", valueTitle: `RMSE (in units of ${name}), horizon ${config.horizon}` },
    ),
  };
}

export function reportOf(
  series: Series,
  result: ForecastResult,
  figures: ForecastFigures,
  notes: readonly string[],
): Report {
  const [{ name }] = series.columns;
  const scores = methodScores(result);
  const best = scores.reduce((at, each, i) => (each.rmse < scores[at].rmse ? i : at), 0);
  const { config, intervals, testCoverage, forecast } = result;
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return {
    title: `Forecast of ${name}`,
    summary: result.verdict,
    sections: [
      {
        heading: "Forecast",
        figure: figures.forecast,
        paragraphs: [
          `The band holds ${percent(intervals.level)} of the truths if the future errs as the validation part did; in the test part it held ${percent(testCoverage)}.`,
        ],
      },
      {
        heading: "How good it is",
        figures: [figures.scores, figures.predictions],
        table: {
          caption: `Test part: ${forecast.backtest.origins.length} origins, horizon ${config.horizon}${config.seeds > 1 ? `, means over ${config.seeds} seeds` : ""}`,
          columns: ["", "RMSE", "MAE", "MASE", "sMAPE (%)", "what it is"],
          rows: scores.map(({ name: method, rmse, mae, mase, smape, description }) => [
            method,
            rmse,
            mae,
            mase,
            smape,
            description,
          ]),
          bestRow: best,
        },
      },
      { heading: "Training", figures: [figures.loss, figures.validation] },
      { heading: "What was guessed and decided", paragraphs: [...notes] },
      { heading: "Configuration", code: JSON.stringify(config, null, 2) },
    ],
  };
}
