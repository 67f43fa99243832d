/**
 * Finds the column that tells the time, and puts the rows in order of it.
 *
 * First choice is a column of dates. Next, numbers that rise in a column named like a time, or that count 1, 2, 3 … (also
 * years) in the first column. Without either, rows are only numbered.
 */
import { FormatError } from "../../tensor/errors.ts";
import { type DateShape, LabelForm, readTime, shapesOf } from "./dates.ts";
import { type Grid, placeOf, textAt } from "./grid.ts";
import { readColumn } from "./numeric-column.ts";
import { type IndexKind, TimeIndex } from "./time-index.ts";

export interface FoundIndex {
  index: TimeIndex;
  /** The grid with its rows in order of time. */
  grid: Grid;
  notes: string[];
}

const NAMED_LIKE_TIME =
  /(?:^|[^a-z])(?:date|dates|datetime|time|timestamp|day|week|month|quarter|year|period|index|idx|step|t|ds)(?:$|[^a-z])|日付|日時|時刻|時間|年月|年度|四半期|^[年月日週]$/i;

/** Enough labels to see how dates are written: leading zeros, month names. */
const FORM_SAMPLE = 500;

/** The times of one column; those of an "index" are its numbers. */
interface Times {
  kind: IndexKind;
  times: Float64Array;
  shape: DateShape | null;
}

/**
 * @param dateColumn a column's name; null: do not look for one; undefined: find it
 * @throws {FormatError} if the named or evident time column cannot be read or is not in order
 */
export function findIndex(grid: Grid, dateColumn?: string | null): FoundIndex {
  if (dateColumn === null) return { index: rowNumbers(grid), grid, notes: [] };
  if (dateColumn !== undefined) return named(grid, grid.names.indexOf(dateColumn));
  const notes: string[] = [];
  for (let column = 0; column < grid.names.length; column++) {
    if (!isEvident(grid, column) && column > 0 && !startsWithDate(grid, column)) continue;
    const found = datesOf(grid, column, notes);
    if (found === null) continue;
    if (directionOf(found.times) !== 0) return ordered(grid, column, found, notes);
    if (column === 0 || isEvident(grid, column)) throw outOfOrder(grid, column, found.times);
    notes.push(`Column "${grid.names[column]}" holds dates out of order, so it is not used as time.`);
  }
  for (let column = 0; column < grid.names.length; column++) {
    const found = column === 0 || isWhollyEvident(grid, column) ? countOf(grid, column) : null;
    if (found !== null && hasOtherNumbers(grid, column)) return ordered(grid, column, found, notes);
  }
  const evident = grid.names.find((_, column) => isEvident(grid, column) && !isMeasured(grid, column));
  if (evident !== undefined && notes.length === 0) {
    notes.push(`Column "${evident}" could not be read as time, so the rows are numbered; write dates as 2010-01-31.`);
  }
  return { index: rowNumbers(grid), grid, notes };
}

/** Whether a column of that name is numbers after all: "time" may be a measured duration. */
function isMeasured(grid: Grid, column: number): boolean {
  return readColumn(grid, column).mostlyNumeric;
}

function named(grid: Grid, column: number): FoundIndex {
  const notes: string[] = [];
  const found = datesOf(grid, column, notes) ?? numbersOf(grid, column);
  if (found === null) {
    const cause = notes[0] ?? `Column "${grid.names[column]}" cannot be read as time: ${unreadable(grid, column)}.`;
    throw new FormatError(`${cause.slice(0, -1)}; or name another date column.`);
  }
  if (directionOf(found.times) === 0) throw outOfOrder(grid, column, found.times);
  return ordered(grid, column, found, notes);
}

/** The first cell that fits none of the shapes that the first cell has. */
function unreadable(grid: Grid, column: number): string {
  const first = textAt(grid, 0, column);
  const shapes = shapesOf(first);
  for (let row = 0; row < grid.rows.length; row++) {
    const text = textAt(grid, row, column);
    if (shapes.some((shape) => !Number.isNaN(readTime(shape, text)))) continue;
    return `${placeOf(grid, row)} holds "${text}", which is no date${row > 0 ? ` like "${first}"` : ""}; write dates as 2010-01-31`;
  }
  return "its cells are not all written alike; write dates as 2010-01-31";
}

/** Evidently meant as time: then a fault in it is an error, not a reason to look elsewhere. */
function isEvident(grid: Grid, column: number): boolean {
  return NAMED_LIKE_TIME.test(grid.names[column]);
}

/** The whole name is a word for time: "period" is, "price index" is not. */
function isWhollyEvident(grid: Grid, column: number): boolean {
  const name = grid.names[column];
  return NAMED_LIKE_TIME.exec(name)?.[0] === name;
}

/** The last numbers of a file are there to be forecast. */
function hasOtherNumbers(grid: Grid, column: number): boolean {
  return grid.names.some((_, other) => other !== column && readColumn(grid, other).mostlyNumeric);
}

function startsWithDate(grid: Grid, column: number): boolean {
  const text = textAt(grid, 0, column);
  return shapesOf(text).some((shape) => !shape.looksLikeNumber);
}

/** The column's dates; null if it has none. Adds a note where they are dates but cannot be used. */
function datesOf(grid: Grid, column: number, notes: string[]): Times | null {
  const evident = isEvident(grid, column);
  const first = textAt(grid, 0, column);
  const readings: Times[] = [];
  let furthest = -1;
  for (const shape of shapesOf(first)) {
    if (shape.looksLikeNumber && !(evident && shape.kind !== "year") && !(column === 0 && shape.kind === "date"))
      continue;
    const times = new Float64Array(grid.rows.length);
    let row = 0;
    for (; row < times.length; row++) {
      times[row] = readTime(shape, textAt(grid, row, column));
      if (Number.isNaN(times[row])) break;
    }
    if (row === times.length) readings.push({ kind: shape.kind, times, shape });
    else if (!shape.looksLikeNumber) furthest = Math.max(furthest, row);
  }
  let inOrder = readings.filter(({ times }) => directionOf(times) !== 0);
  // 1/1/2010, 2/1/2010 … over years: months in a row, or the first twelve days of each January
  if (inOrder.length > 1 && inOrder.some(isGapless)) inOrder = inOrder.filter(isGapless);
  if (inOrder.length > 1) {
    notes.push(
      `Column "${grid.names[column]}" could be month/day or day/month ("${first}"), so it is not used as time; write dates as 2010-01-31.`,
    );
    return null;
  }
  const best = inOrder[0] ?? readings[0] ?? null;
  if (best === null && evident && furthest > 0) {
    throw new FormatError(
      `Column "${grid.names[column]}", ${placeOf(grid, furthest)}: "${textAt(grid, furthest, column)}" is not a date like "${first}"; correct the cell or remove the row.`,
    );
  }
  // eight digits that do not rise are article numbers, not dates
  return best?.shape?.looksLikeNumber && inOrder.length === 0 ? null : best;
}

/** Numbers that tell the time: rising ones where the name says so, else only a plain count in the first column. */
function countOf(grid: Grid, column: number): Times | null {
  const found = numbersOf(grid, column);
  if (found === null || directionOf(found.times) === 0 || !isStrict(found.times)) return null;
  if (isEvident(grid, column)) return found;
  const { values } = readColumn(grid, column);
  const counts = (by: number) => values.every((value, row) => row === 0 || value - values[row - 1] === by);
  return values.length > 2 && (counts(1) || counts(-1)) ? found : null;
}

function numbersOf(grid: Grid, column: number): Times | null {
  const { values, gapCount, firstBadRow } = readColumn(grid, column);
  if (gapCount > 0 || firstBadRow >= 0) return null;
  const shape = shapesOf(textAt(grid, 0, column)).find(({ kind }) => kind === "year");
  if (shape !== undefined) {
    const times = values.map((_, row) => readTime(shape, textAt(grid, row, column)));
    if (!times.some(Number.isNaN)) return { kind: "year", times, shape };
  }
  return { kind: "index", times: values, shape: null };
}

/** 1 if the times never fall, −1 if they never rise, 0 if they do both or neither. */
function directionOf(times: Float64Array): -1 | 0 | 1 {
  let rises = false;
  let falls = false;
  for (let row = 1; row < times.length; row++) {
    if (times[row] > times[row - 1]) rises = true;
    else if (times[row] < times[row - 1]) falls = true;
    if (rises && falls) return 0;
  }
  return rises ? 1 : falls ? -1 : 0;
}

function isGapless({ kind, times }: Times): boolean {
  const ascending = directionOf(times) < 0 ? times.toReversed() : times;
  return new TimeIndex({ kind, name: null, times: ascending, labelAt: String, form: null }).absentSteps().count === 0;
}

function isStrict(times: Float64Array): boolean {
  return times.every((time, row) => row === 0 || time !== times[row - 1]);
}

function outOfOrder(grid: Grid, column: number, times: Float64Array): FormatError {
  const name = grid.names[column];
  const direction = Math.sign(times.find((time) => time !== times[0])! - times[0]);
  const row = times.findIndex((time, i) => i > 0 && Math.sign(time - times[i - 1]) === -direction);
  if (row < 0)
    return new FormatError(
      `Column "${name}": every row has the same date, "${textAt(grid, 0, column)}"; a series needs one row for each time.`,
    );
  return new FormatError(
    `Column "${name}", ${placeOf(grid, row)}: "${textAt(grid, row, column)}" goes against the order of the rows before it; sort the file by "${name}", and keep one series in a file.`,
  );
}

function ordered(grid: Grid, column: number, { kind, times, shape }: Times, notes: string[]): FoundIndex {
  const name = grid.names[column];
  const reversed = directionOf(times) < 0;
  const inOrder = reversed ? { ...grid, rows: grid.rows.toReversed(), reversed: true } : grid;
  if (reversed) notes.push("The file has its newest row first; the rows were put in order.");
  const rowCount = times.length;
  const sample = Array.from({ length: Math.min(FORM_SAMPLE, rowCount) }, (_, i) =>
    textAt(inOrder, rowCount - 1 - i, column),
  ).reverse();
  const index = new TimeIndex({
    kind,
    name,
    times: reversed ? times.toReversed() : times,
    labelAt: (row) => textAt(inOrder, row, column),
    form: shape === null ? null : new LabelForm(shape, sample),
  });
  notes.push(`Column "${name}" tells the time (${kind}, ${index.frequency}).`);
  noteIrregularities(index, inOrder, notes);
  return { index, grid: inOrder, notes };
}

function noteIrregularities(index: TimeIndex, grid: Grid, notes: string[]): void {
  const { times } = index;
  let duplicates = 0;
  let first = -1;
  for (let row = 1; row < times.length; row++) {
    if (times[row] !== times[row - 1]) continue;
    if (first < 0) first = row;
    duplicates++;
  }
  if (duplicates > 0) {
    const rows = duplicates === 1 ? "1 row repeats" : `${duplicates} rows repeat`;
    notes.push(
      `${rows} the time of the row before, first at ${placeOf(grid, first)}; all are kept as steps of their own.`,
    );
  }
  const absent = index.absentSteps();
  if (absent.count > 0) {
    const steps = absent.count === 1 ? "1 step has" : `${absent.count} steps have`;
    notes.push(`${steps} no row, first after ${absent.after}; the rows around are taken as neighbours.`);
  }
}

function rowNumbers(grid: Grid): TimeIndex {
  const times = Float64Array.from(grid.rows, (_, row) => row + 1);
  return new TimeIndex({ kind: "none", name: null, times, labelAt: (row) => String(row + 1), form: null });
}
