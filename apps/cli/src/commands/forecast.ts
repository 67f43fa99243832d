/** `refrain forecast FILE`: from a CSV to a trained network, an honest evaluation and a forecast. */

import { rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { buildCommand } from "@stricli/core";
import {
  CELL_NAMES,
  type ForecastOptions,
  type ForecastResult,
  forecast,
  Interrupted,
  TrainingRuns,
} from "refrain/forecast";
import { CHECKPOINT, fingerprint, loadRuns } from "../checkpoint.ts";
import type { Context } from "../context.ts";
import {
  flag,
  given,
  parsed,
  SERIES_FLAGS,
  type SeriesFlags,
  TRAINING_FLAGS,
  type TrainingFlags,
  trainingOptions,
} from "../flags.ts";
import { Interrupt } from "../interrupt.ts";
import { modelFiles } from "../model-folder.ts";
import { numberBetween, oneOf, wholeNumber } from "../number-options.ts";
import { OutputFolder } from "../output-folder.ts";
import { progressOn } from "../progress.ts";
import type { Series } from "../read-series.ts";
import { figuresOf, reportOf } from "../report.ts";
import { forecastCsv, insteadText, MODEL_WORDS, resultJson, scoreTable } from "../result.ts";
import { sentence } from "../sentence.ts";
import { openSeries, watched } from "../training-command.ts";
import { writeFigures } from "../write-figures.ts";

interface Flags extends SeriesFlags, TrainingFlags, Pick<ForecastOptions, "cell" | "skip" | "level"> {
  readonly model?: keyof typeof MODEL_WORDS;
  readonly out?: string;
  readonly refit: boolean;
  readonly resume: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

async function run(this: Context, flags: Flags, file: string): Promise<void> {
  const { stdout } = this.process;
  const { series, readMs, say } = await openSeries(this, flags, file);
  const started = performance.now();

  const options = forecastOptions(flags, series);
  const out = flags.out ?? `${basename(file, extname(file))}-forecast`;
  const folder = await OutputFolder.open(out);
  const interrupt = new Interrupt();
  try {
    const result = await train(this, flags, options, series, out, interrupt);
    for (const note of result.notes) say(sentence(note));
    const notes = [...series.notes, ...result.notes.map(sentence)];
    const futureLabels = series.table.index.nextLabels(result.config.horizon);
    const timings = { readMs, forecastMs: performance.now() - started };
    const json = resultJson(result, { file, notes, labels: futureLabels, timings });

    await writeFiles(folder, series, result, futureLabels, notes, json);
    await folder.publish();
    await rm(join(out, CHECKPOINT), { force: true });
    if (flags.json) {
      stdout.write(`${JSON.stringify(json)}\n`);
      return;
    }
    stdout.write(`${scoreTable(result, stdout.columns)}\n\n${result.verdict}${insteadText(result)}\n\n`);
    stdout.write(futureLines(futureLabels, result));
    stdout.write(`\nReport: ${join(out, "report.html")}\n`);
  } catch (error) {
    folder.discard();
    throw error;
  } finally {
    interrupt.end();
  }
}

function forecastOptions(flags: Flags, series: Series): ForecastOptions {
  const { cell, skip, level, refit } = flags;
  const model = flags.model === undefined ? undefined : MODEL_WORDS[flags.model];
  return { ...trainingOptions(flags, series), ...given({ cell, skip, model, level, refit }) };
}

/** Trains, with Ctrl-C leaving a checkpoint that `--resume` goes on from. */
async function train(
  context: Context,
  flags: Flags,
  options: ForecastOptions,
  series: Series,
  out: string,
  interrupt: Interrupt,
): Promise<ForecastResult> {
  const { stderr } = context.process;
  const belongsTo = fingerprint(options, series.columns);
  const runs = flags.resume ? await loadRuns(out, belongsTo) : new TrainingRuns();
  const progress = progressOn(stderr, flags.quiet);
  try {
    return await forecast(series.columns, options, {
      runs,
      ...watched(progress, interrupt),
    });
  } catch (error) {
    progress.end();
    if (!(error instanceof Interrupted)) throw error;
    const folder = await OutputFolder.open(out);
    await folder.write(CHECKPOINT, runs.save(belongsTo));
    await folder.publish();
    stderr.write(
      `Interrupted after a whole epoch. ${join(out, CHECKPOINT)} holds all that was trained; run the same command with --resume to go on.\n`,
    );
    throw error;
  } finally {
    progress.end();
  }
}

async function writeFiles(
  folder: OutputFolder,
  series: Series,
  result: ForecastResult,
  futureLabels: readonly string[],
  notes: readonly string[],
  json: unknown,
): Promise<void> {
  const { renderReport } = await import("refrain-render");
  const figures = figuresOf(series, result, futureLabels);
  await folder.write("report.html", await renderReport(reportOf(series, result, figures, notes)));
  await folder.write("forecast.csv", forecastCsv(series.table.index.name ?? "row", futureLabels, result.future));
  await folder.write("metrics.json", `${JSON.stringify(json, null, 2)}\n`);
  await writeFigures(folder, figures);
  for (const [name, content] of Object.entries(modelFiles(result))) await folder.write(join("model", name), content);
}

/** The first steps of the future; the rest is in forecast.csv. */
function futureLines(labels: readonly string[], { future, intervals }: ForecastResult): string {
  const shown = Math.min(labels.length, 12);
  const digits = (value: number) => value.toPrecision(6);
  const number = (value: number) => (/e|^-?\d+$/.test(digits(value)) ? String(Number(digits(value))) : digits(value));
  const width = Math.max(...labels.slice(0, shown).map((label) => label.length));
  const lines = labels
    .slice(0, shown)
    .map(
      (label, i) =>
        `${label.padEnd(width)}  ${number(future.values[i])}  (${number(future.lower[i])} … ${number(future.upper[i])})`,
    );
  const rest = labels.length > shown ? `… and ${labels.length - shown} more steps in forecast.csv\n` : "";
  return `Forecast, with the ${Math.round(100 * intervals.level)} % interval:\n${lines.join("\n")}\n${rest}`;
}

export const forecastCommand = buildCommand({
  func: run,
  docs: {
    customUsage: ["[options] <FILE>"],
    brief: "Train on a CSV, judge the result beside naive baselines, and forecast",
    fullDescription:
      "Reads FILE, guesses what is not said (target, season, form), trains a recurrent network that corrects a linear map of the window, " +
      "judges it on the last part of the series beside naive baselines, trains again on all rows and forecasts. Writes a report, the forecast, " +
      "figures and the model to --out.",
  },
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "a CSV file", parse: String, placeholder: "FILE" }] },
    flags: {
      ...SERIES_FLAGS,
      ...TRAINING_FLAGS,
      cell: parsed(oneOf("cell", CELL_NAMES), "rnn, lstm, gru, or mlp for a fully connected net (gru)"),
      seeds: parsed(wholeNumber("seeds", 1), "networks to train, from as many seeds (1)"),
      skip: parsed(
        oneOf("skip", ["linear", "none", "auto"] as const),
        "linear: correct a linear map; none: the network alone; auto: the better on the validation part (linear)",
      ),
      model: parsed(
        oneOf("model", Object.keys(MODEL_WORDS) as (keyof typeof MODEL_WORDS)[]),
        "what forecasts: network, as --skip says, or naive, seasonal-naive, drift, linear or ar (network)",
      ),
      level: parsed(numberBetween("level", 0, 1), "share of truths that the interval should hold (0.9)"),
      out: parsed(String, "folder for the report, figures and model (FILE-forecast)"),
      refit: flag("train again on all rows before forecasting the future", true),
      resume: flag("go on from the checkpoint that Ctrl-C left in --out"),
      json: flag("print one JSON object instead of the table"),
      quiet: flag("no progress and no notes"),
    },
  },
});
