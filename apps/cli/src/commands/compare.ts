/** `refrain compare FILE`: cells side by side on a CSV, over several seeds, and which of the differences are real. */

import { basename, extname, join } from "node:path";
import { buildCommand } from "@stricli/core";
import { CELL_NAMES, type CellComparison, type CellName, compareCells, Interrupted } from "refrain/forecast";
import { comparisonFigures, comparisonJson, comparisonReport, comparisonText } from "../comparison.ts";
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
import { listOf, oneOf, wholeNumber } from "../number-options.ts";
import { OutputFolder } from "../output-folder.ts";
import { progressOn } from "../progress.ts";
import type { Series } from "../read-series.ts";
import { sentence } from "../sentence.ts";
import { openSeries, watched } from "../training-command.ts";
import { writeFigures } from "../write-figures.ts";

interface Flags extends SeriesFlags, TrainingFlags {
  readonly cells?: readonly CellName[];
  readonly skip?: "linear" | "none";
  readonly out?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

async function run(this: Context, flags: Flags, file: string): Promise<void> {
  const { stdout } = this.process;
  const { series, readMs, say } = await openSeries(this, flags, file);
  const started = performance.now();

  const out = flags.out ?? `${basename(file, extname(file))}-comparison`;
  const folder = await OutputFolder.open(out);
  try {
    const comparison = await train(this, flags, series);
    const notes = [...series.notes, ...comparison.notes.map(sentence)];
    for (const note of comparison.notes) say(sentence(note));
    const compareMs = performance.now() - started;
    const json = comparisonJson(comparison, { file, notes, timings: { readMs, compareMs } });
    const figures = comparisonFigures(comparison);
    const { renderReport } = await import("refrain-render");
    await folder.write("report.html", await renderReport(comparisonReport(comparison, figures, notes)));
    await folder.write("metrics.json", `${JSON.stringify(json, null, 2)}\n`);
    await writeFigures(folder, figures);
    await folder.publish();
    if (flags.json) stdout.write(`${JSON.stringify(json)}\n`);
    else stdout.write(`${comparisonText(comparison, stdout.columns)}\nReport: ${join(out, "report.html")}\n`);
  } catch (error) {
    folder.discard();
    throw error;
  }
}

async function train(context: Context, flags: Flags, series: Series): Promise<CellComparison> {
  const { stderr } = context.process;
  const progress = progressOn(stderr, flags.quiet);
  const interrupt = new Interrupt();
  const { cells, skip } = flags;
  try {
    return await compareCells(
      series.columns,
      { ...trainingOptions(flags, series), ...given({ cells, skip }) },
      watched(progress, interrupt),
    );
  } catch (error) {
    progress.end();
    if (error instanceof Interrupted) stderr.write("Interrupted; nothing was written.\n");
    throw error;
  } finally {
    progress.end();
    interrupt.end();
  }
}

export const compareCommand = buildCommand({
  func: run,
  docs: {
    customUsage: ["[options] <FILE>"],
    brief: "Compare cells on a CSV over several seeds, and say which differences are real",
    fullDescription:
      "Reads FILE as forecast does, trains each of the cells from several seeds on the same windows, and judges every network on the last part " +
      "of the series, beside naive, the linear map of the window and other simple methods. A difference is called real only if it is beyond " +
      "chance over the test part (Diebold–Mariano, corrected for the number of comparisons) and over the seeds. Writes a report, the scores and figures to --out.",
  },
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "a CSV file", parse: String, placeholder: "FILE" }] },
    flags: {
      ...SERIES_FLAGS,
      cells: parsed(
        listOf("cells", CELL_NAMES),
        "which to compare, separated by commas (rnn,lstm,gru,mlp; mlp is a fully connected net)",
      ),
      seeds: parsed(wholeNumber("seeds", 1), "networks of each cell, from as many seeds (5)"),
      ...TRAINING_FLAGS,
      skip: parsed(
        oneOf("skip", ["linear", "none"] as const),
        "none: the network alone; linear: each corrects a linear map (none)",
      ),
      out: parsed(String, "folder for the report, scores and figures (FILE-comparison)"),
      json: flag("print one JSON object instead of the table"),
      quiet: flag("no progress and no notes"),
    },
  },
});
