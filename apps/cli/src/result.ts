/** A forecast's result as people and programs read it: a table, a JSON object, a CSV. */

import { backend } from "refrain";
import { writeCsv } from "refrain/data";
import type { ForecastResult, SeedScores } from "refrain/forecast";
import { textTable } from "./text-table.ts";

/** Increased when a field of the JSON changes its meaning or goes away. */
const SCHEMA_VERSION = 1;

/** In ms: reading the file, and all that came after it. */
export type Timings<Work extends string> = Readonly<Record<"readMs" | Work, number>>;

/** How the methods are called in tables and figures. */
export const METHOD_NAMES: Record<string, string> = {
  forecast: "forecast",
  network: "network alone",
  naive: "naive",
  seasonalNaive: "seasonal naive",
  drift: "drift",
  linear: "linear map",
  ar: "AR(p)",
};

/** How the methods are called as values of --model. */
export const MODEL_WORDS = {
  network: "network",
  naive: "naive",
  "seasonal-naive": "seasonalNaive",
  drift: "drift",
  linear: "linear",
  ar: "ar",
} as const;

/** How to forecast by the method that the verdict recommends; empty where it recommends none. */
export function insteadText({ instead }: ForecastResult): string {
  const word = Object.entries(MODEL_WORDS).find(([, name]) => name === instead)?.[0];
  if (instead === null) return "";
  return ` To forecast by ${instead === "linear" ? "the linear map" : METHOD_NAMES[instead]}: --model ${word}.`;
}

export interface MethodScores {
  readonly name: string;
  readonly rmse: number;
  readonly mae: number;
  readonly mase: number | null;
  readonly smape: number;
  /** What was fitted, in a few words. */
  readonly description: string;
}

/** All methods of the table, ours first. */
export function methodScores({ forecast, network, baselines, config }: ForecastResult): MethodScores[] {
  const cell = config.cell.toUpperCase();
  const how =
    config.model !== "network"
      ? baselines[config.model].description
      : config.skip === "none"
        ? `${cell} on ${config.window} steps`
        : config.correctionKept
          ? `linear map, corrected by a ${cell} on ${config.window} steps`
          : "linear map; the correction was dropped";
  const alone = `${cell} of ${config.hidden}, form ${config.form}${config.transform === "log" ? " of logs" : ""}`;
  return [
    { name: METHOD_NAMES.forecast, ...forecast.test, description: how },
    { name: METHOD_NAMES.network, ...network.test, description: alone },
    ...Object.entries(baselines).map(([name, scores]) => ({ ...scores, name: METHOD_NAMES[name] })),
  ];
}

const four = (value: number | null): string =>
  value === null ? "–" : value >= 1e5 ? value.toFixed(0) : String(Number(value.toPrecision(4)));

/** The table of the test part, in columns of text. */
export function scoreTable(result: ForecastResult, width?: number): string {
  const rows = methodScores(result).map(({ name, rmse, mae, mase, smape, description }) => [
    name,
    four(rmse),
    four(mae),
    four(mase),
    `${four(smape)} %`,
    description,
  ]);
  return textTable([["", "RMSE", "MAE", "MASE", "sMAPE", ""], ...rows], width);
}

/** The object of `--json` and `metrics.json`. */
export function resultJson(
  result: ForecastResult,
  context: { file: string; notes: readonly string[]; labels: readonly string[]; timings: Timings<"forecastMs"> },
) {
  const { config, forecast, network, baselines, verdict, instead, future, intervals, testCoverage } = result;
  const judged = (test: SeedScores, validationRmse: number) => ({
    test: { ...test },
    validation: { rmse: validationRmse },
  });
  return {
    schemaVersion: SCHEMA_VERSION,
    file: context.file,
    metrics: judged(forecast.test, forecast.validationRmse),
    network: judged(network.test, network.validationRmse),
    baselines,
    verdict,
    instead,
    testOrigins: forecast.backtest.origins.length,
    interval: { level: intervals.level, testCoverage },
    forecast: context.labels.map((label, i) => ({
      label,
      value: future.values[i],
      lower: future.lower[i],
      upper: future.upper[i],
    })),
    config,
    notes: context.notes,
    timings: context.timings,
    backend: backend().describe(),
  };
}

/** Label, forecast and interval, one row a step. */
export function forecastCsv(
  indexName: string,
  labels: readonly string[],
  future: { values: ArrayLike<number>; lower: ArrayLike<number>; upper: ArrayLike<number> },
): string {
  return writeCsv([
    { name: indexName, values: labels },
    { name: "forecast", values: future.values },
    { name: "lower", values: future.lower },
    { name: "upper", values: future.upper },
  ]);
}
