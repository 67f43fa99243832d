/** `refrain forecast FILE`: from a CSV to a trained network, an honest evaluation and a forecast. */

import { readFile, rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { buildCommand } from "@stricli/core";
import {
  CELL_NAMES,
  FORM_NAMES,
  type ForecastOptions,
  type ForecastResult,
  forecast,
  Interrupted,
  TrainingRuns,
} from "refrain/forecast";
import type { Context } from "../context.ts";
import { DataError, fileError, UsageError } from "../exit-code.ts";
import { Interrupt } from "../interrupt.ts";
import { modelFiles } from "../model-folder.ts";
import { delimiter, encoding, numberBetween, oneOf, season, split, wholeNumber } from "../number-options.ts";
import { OutputFolder } from "../output-folder.ts";
import { progressOn } from "../progress.ts";
import { readSeries, type Series } from "../read-series.ts";
import { figuresOf, reportOf } from "../report.ts";
import { forecastCsv, resultJson, scoreTable } from "../result.ts";

interface Flags extends Omit<ForecastOptions, "season" | "seasonHint" | "refit" | "batchSize" | "learningRate"> {
  readonly season?: number | "auto" | "none";
  readonly target?: string;
  readonly inputs?: string;
  readonly lr?: number;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly decimal?: "." | ",";
  readonly dateColumn?: string;
  readonly out?: string;
  readonly refit: boolean;
  readonly resume: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

const CHECKPOINT = "checkpoint.safetensors";

async function run(this: Context, flags: Flags, file: string): Promise<void> {
  const { stdout, stderr } = this.process;
  const started = performance.now();
  if (flags.form === "seasonal" && flags.season === "none") {
    throw new UsageError("--form seasonal needs a season, but --season is none; give its rows, or another form");
  }
  const inputs = flags.inputs?.split(",").map((name) => name.trim());
  const series = await readSeries(file, { ...flags, inputs });
  const readMs = performance.now() - started;
  const say = (text: string) => {
    if (!flags.quiet) stderr.write(`${text}\n`);
  };
  for (const note of series.notes) say(note);

  const options = forecastOptions(flags, series);
  const out = flags.out ?? `${basename(file, extname(file))}-forecast`;
  const folder = await OutputFolder.open(out);
  const interrupt = new Interrupt();
  try {
    const result = await train(this, flags, options, series, out, interrupt);
    for (const note of result.notes) say(sentence(note));
    const notes = [...series.notes, ...result.notes.map(sentence)];
    const futureLabels = series.table.index.nextLabels(result.config.horizon);
    const timings = { readMs, forecastMs: performance.now() - started - readMs };
    const json = resultJson(result, { file, notes, labels: futureLabels, timings });

    await writeFiles(folder, series, result, futureLabels, notes, json);
    await folder.publish();
    await rm(join(out, CHECKPOINT), { force: true });
    if (flags.json) {
      stdout.write(`${JSON.stringify(json)}\n`);
      return;
    }
    stdout.write(`${scoreTable(result)}\n\n${result.verdict}\n\n`);
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
  const { horizon, window, cell, hidden, layers, epochs, form, transform, seed, seeds, skip, level, refit } = flags;
  const chosen = {
    horizon,
    window,
    cell,
    hidden,
    layers,
    epochs,
    form,
    transform,
    seed,
    seeds,
    skip,
    level,
    refit,
    learningRate: flags.lr,
  };
  return {
    ...(Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)) as ForecastOptions),
    ...(flags.season === undefined ? {} : { season: flags.season === "none" ? null : flags.season }),
    ...(flags.split === undefined ? {} : { split: flags.split }),
    seasonHint: series.seasonHint,
  };
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
  const belongsTo = JSON.stringify({
    options,
    columns: series.columns.map(({ name, values }) => [name, values.length, checksum(values)]),
  });
  const runs = flags.resume ? await loadRuns(out, belongsTo) : new TrainingRuns();
  const progress = progressOn(stderr, flags.quiet);
  try {
    return await forecast(series.columns, options, {
      runs,
      shouldStop: () => interrupt.isAsked,
      onEpoch: async (report) => {
        progress.epoch(report);
        // Signals are delivered between two turns of the event loop.
        await new Promise((resolve) => setImmediate(resolve));
      },
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

async function loadRuns(out: string, belongsTo: string): Promise<TrainingRuns> {
  const file = join(out, CHECKPOINT);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw fileError(`cannot resume from ${file}`, error);
  }
  const loaded = loadedFrom(file, bytes);
  if (loaded.belongsTo !== belongsTo) {
    throw new DataError(
      `${file} belongs to another series or to other options; repeat the command as it was, or leave out --resume to start anew`,
    );
  }
  return loaded.runs;
}

function loadedFrom(file: string, bytes: Uint8Array) {
  try {
    return TrainingRuns.load(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DataError(`${file} is damaged (${why}); leave out --resume to start anew`);
  }
}

/** A fingerprint of a column (FNV-1a over its bytes), so that a checkpoint is not used for another series. */
function checksum(values: Float64Array): number {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

async function writeFiles(
  folder: OutputFolder,
  series: Series,
  result: ForecastResult,
  futureLabels: readonly string[],
  notes: readonly string[],
  json: unknown,
): Promise<void> {
  const { renderPng, renderReport, renderSvg } = await import("refrain-render");
  const figures = figuresOf(series, result, futureLabels);
  await folder.write("report.html", await renderReport(reportOf(series, result, figures, notes)));
  await folder.write("forecast.csv", forecastCsv(series.table.index.name ?? "row", futureLabels, result.future));
  await folder.write("metrics.json", `${JSON.stringify(json, null, 2)}\n`);
  for (const [name, figure] of Object.entries(figures)) {
    await folder.write(join("figures", `${name}.json`), `${JSON.stringify(figure.spec, null, 2)}\n`);
    await folder.write(join("figures", `${name}.svg`), await renderSvg(figure));
    await folder.write(join("figures", `${name}.png`), await renderPng(figure));
  }
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

/** A note as a sentence of its own. */
function sentence(note: string): string {
  const capital = note.charAt(0).toUpperCase() + note.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

const optional = { optional: true } as const;
const parsed = <T>(parse: (text: string) => T, brief: string, placeholder?: string) =>
  ({ kind: "parsed", parse, brief, ...(placeholder === undefined ? {} : { placeholder }), ...optional }) as const;
const flag = (brief: string, initial = false) =>
  ({ kind: "boolean", brief, default: initial, withNegated: initial }) as const;

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
      target: parsed(String, "column to forecast; the last numeric one by default"),
      inputs: parsed(String, "further columns that the network sees, separated by commas"),
      window: parsed(wholeNumber("window", 1), "steps of history that the network sees"),
      horizon: parsed(wholeNumber("horizon", 1), "steps to forecast (1)"),
      cell: parsed(oneOf("cell", CELL_NAMES), "rnn, lstm or gru (gru)"),
      hidden: parsed(wholeNumber("hidden", 1), "size of the hidden state (32)"),
      layers: parsed(wholeNumber("layers", 1), "recurrent layers (1)"),
      epochs: parsed(wholeNumber("epochs", 1), "the most epochs to train (200)"),
      form: parsed(oneOf("form", ["auto", ...FORM_NAMES] as const), "auto, level, last or seasonal (auto)"),
      transform: parsed(oneOf("transform", ["auto", "none", "log"] as const), "auto, none or log (auto)"),
      season: parsed(season, "rows of one season, auto or none (auto)"),
      skip: parsed(
        oneOf("skip", ["linear", "none"] as const),
        "linear: correct a linear map; none: the network alone (linear)",
      ),
      seed: parsed(wholeNumber("seed", 0), "the first seed (0)"),
      seeds: parsed(wholeNumber("seeds", 1), "networks to train, from as many seeds (1)"),
      split: parsed(split, "training, validation and test part: fractions or counts (0.6,0.2,0.2)"),
      level: parsed(numberBetween("level", 0, 1), "share of truths that the interval should hold (0.9)"),
      lr: parsed(numberBetween("lr", 0, Number.POSITIVE_INFINITY), "learning rate of Adam (0.01)"),
      encoding: parsed(encoding, "encoding of the file, such as shift_jis"),
      delimiter: parsed(delimiter, "what separates the cells"),
      decimal: parsed(oneOf("decimal", [".", ","] as const), "the decimal mark"),
      dateColumn: parsed(String, "the column that tells the time, or none"),
      out: parsed(String, "folder for the report, figures and model (FILE-forecast)"),
      refit: flag("train again on all rows before forecasting the future", true),
      resume: flag("go on from the checkpoint that Ctrl-C left in --out"),
      json: flag("print one JSON object instead of the table"),
      quiet: flag("no progress and no notes"),
    },
  },
});
