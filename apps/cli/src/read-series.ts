/** From a CSV file to the columns that a forecast is made of. */

import { readFile } from "node:fs/promises";
import { describeGaps, fillCausally, readTable, type Table } from "refrain/data";
import type { ForecastColumn } from "refrain/forecast";
import { DataError, fileError } from "./exit-code.ts";

export interface SeriesOptions {
  readonly target?: string | undefined;
  readonly inputs?: readonly string[] | undefined;
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly decimal?: "." | "," | undefined;
  readonly dateColumn?: string | undefined;
}

export interface Series {
  readonly table: Table;
  /** The target, then the inputs, without gaps. */
  readonly columns: readonly ForecastColumn[];
  /** One label a row of the columns. */
  readonly labels: readonly string[];
  /** A season that the dates suggest, in rows. */
  readonly seasonHint: number | null;
  /** What was guessed and repaired, in sentences. */
  readonly notes: readonly string[];
}

/** Rows of a year or a day or a week, by how often there is one. Daily prices have none that can be relied on. */
const SEASON_HINTS: Record<string, number> = { hourly: 24, daily: 7, monthly: 12, quarterly: 4 };

/** @throws {DataError | FormatError} one sentence with place and cure */
export async function readSeries(file: string, options: SeriesOptions): Promise<Series> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw fileError(`cannot read ${file}`, error);
  }
  const { encoding, delimiter, decimal, dateColumn } = options;
  const table = readTable(bytes, {
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(decimal === undefined ? {} : { decimal }),
    ...(dateColumn === undefined ? {} : { dateColumn: dateColumn === "none" ? null : dateColumn }),
  });
  const target = options.target ?? table.lastNumericColumn();
  const names = [target, ...(options.inputs ?? [])];
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new DataError(
      `the column "${repeated}" is named twice; the target need not be among the inputs, its own past is always seen`,
    );
  }
  const read = names.map((name) => table.column(name));
  const filled = read.map(({ values }) => fillCausally(values));
  const lead = Math.max(...filled.map(({ leadingGaps }) => leadingGaps));
  if (table.rowCount - lead < 2)
    throw new DataError(`the column "${target}" has no two rows with numbers to learn from`);
  const columns = read.map(({ name, missing }, i) => ({
    name,
    values: filled[i].values.slice(lead),
    observed: missing.slice(lead).map((gap) => (gap ? 0 : 1)),
  }));
  const notes = [...table.notes];
  if (options.target === undefined) notes.push(`The target was taken to be "${target}", the last numeric column.`);
  if (lead > 0) {
    notes.push(
      `The first ${lead} ${lead === 1 ? "row was" : "rows were"} left out: nothing was known yet there (${describeGaps(read[0].missing, table.index.labels)}).`,
    );
  }
  return {
    table,
    columns,
    labels: table.index.labels.slice(lead),
    seasonHint: SEASON_HINTS[table.index.frequency] ?? null,
    notes,
  };
}
