/** `refrain predict DIR FILE`: forecasts with a model that was trained before. */

import { buildCommand } from "@stricli/core";
import { applyIntervals } from "refrain/forecast";
import type { Context } from "../context.ts";
import { DataError } from "../exit-code.ts";
import { loadModel } from "../model-folder.ts";
import { OutputFolder } from "../output-folder.ts";
import { readSeries } from "../read-series.ts";
import { forecastCsv } from "../result.ts";

interface Flags {
  readonly out?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

async function run(this: Context, flags: Flags, directory: string, file: string): Promise<void> {
  const { model, intervals } = await loadModel(directory);
  const [target, ...inputs] = model.state.columns;
  const series = await readSeries(file, { target, inputs }).catch((error) => {
    throw error instanceof Error && /column/i.test(error.message)
      ? new DataError(
          `the model was made for the columns ${model.state.columns.map((name) => `"${name}"`).join(", ")}: ${error.message}`,
        )
      : error;
  });
  if (!flags.quiet) for (const note of series.notes) this.process.stderr.write(`${note}\n`);
  const values = series.columns.map((column) => column.values);
  if (values[0].length <= model.firstOrigin) {
    throw new DataError(
      `${file} has ${values[0].length} rows; this model looks back ${model.firstOrigin + 1} rows from the last one, so it needs at least as many`,
    );
  }
  const forecast = model.forecast(values);
  const future = { values: forecast, ...applyIntervals(forecast, intervals) };
  const labels = series.table.index.nextLabels(model.state.horizon);
  const csv = forecastCsv(series.table.index.name ?? "row", labels, future);
  if (flags.out !== undefined) {
    const folder = await OutputFolder.open(flags.out);
    await folder.write("forecast.csv", csv);
    await folder.publish();
  }
  if (flags.json) {
    const rows = labels.map((label, i) => ({
      label,
      value: forecast[i],
      lower: future.lower[i],
      upper: future.upper[i],
    }));
    this.process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, target, level: intervals.level, forecast: rows })}\n`,
    );
  } else this.process.stdout.write(csv);
}

export const predictCommand = buildCommand({
  func: run,
  docs: { brief: "Forecast the steps after FILE with a model that `forecast` left in DIR" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "the folder that `forecast` wrote, or its model folder", parse: String, placeholder: "DIR" },
        { brief: "a CSV file with the same columns", parse: String, placeholder: "FILE" },
      ],
    },
    flags: {
      out: { kind: "parsed", parse: String, brief: "folder to write forecast.csv to", optional: true },
      json: { kind: "boolean", brief: "print one JSON object instead of CSV", default: false, withNegated: false },
      quiet: { kind: "boolean", brief: "no notes", default: false, withNegated: false },
    },
  },
});
