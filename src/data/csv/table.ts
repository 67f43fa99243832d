/**
 * A CSV file as people have it → a table of numbers over time.
 *
 * Encoding, delimiter, decimal mark, title rows, header and time index are found out, and `notes` says what was found.
 * Columns are read when asked for: a word in a column that nobody uses is no error.
 */
import { ArgumentError, FormatError } from "../../tensor/errors.ts";
import { nearNames } from "../../tensor/near-names.ts";
import { scanCells } from "./cells.ts";
import { decode } from "./decode.ts";
import { detectDelimiter } from "./delimiter.ts";
import { findIndex } from "./find-index.ts";
import { describeGaps } from "./gaps.ts";
import { type Grid, placeOf, textAt } from "./grid.ts";
import { layOut } from "./header.ts";
import { type Decimal, detectDecimal } from "./numbers.ts";
import { type ColumnReading, readColumn } from "./numeric-column.ts";
import type { TimeIndex } from "./time-index.ts";

export interface ReadTableOptions {
  /** A label of the Encoding Standard, such as "shift_jis"; found out if absent. */
  encoding?: string;
  /** One character; found among `,` `;` tab `|` if absent. */
  delimiter?: string;
  /** Whether a header is there; found out if absent. */
  header?: boolean;
  /** The column that tells the time; null to number the rows instead; found out if absent. */
  dateColumn?: string | null;
  /** The decimal mark; found out if absent. */
  decimal?: Decimal;
}

/** A numeric column in order of time. */
export interface Column {
  name: string;
  /** One value a row; NaN is a gap. All others are finite. */
  values: Float64Array;
  /** 1 where the value is a gap; such steps are not to be scored. */
  missing: Uint8Array;
  /** How many gaps there are. */
  gapCount: number;
}

/**
 * Reads a table from the bytes of a CSV file.
 *
 * @throws {FormatError} one sentence with place and cure, if the bytes are no table of at least two rows
 * @example
 * const table = readTable(await readFile("AirPassengers.csv"));
 * table.column("value").values; // Float64Array(144) [112, 118, 132, …]
 * table.index.nextLabels(2); // ["1961-01", "1961-02"]
 */
export function readTable(bytes: Uint8Array, options: ReadTableOptions = {}): Table {
  const { text, encoding } = decode(bytes, options.encoding);
  const notes: string[] = [];
  if (options.encoding === undefined && encoding !== "utf-8") notes.push(`The encoding was taken to be ${encoding}.`);
  const delimiter = options.delimiter ?? detectDelimiter(text, options.decimal);
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new ArgumentError(
      `readTable: delimiter must be one character such as "," or ";", got ${JSON.stringify(delimiter)}.`,
    );
  }
  if (options.delimiter === undefined && delimiter !== ",")
    notes.push(`The delimiter was taken to be ${spelled(delimiter)}.`);
  const cells = scanCells(text, delimiter);
  const guess =
    options.decimal === undefined ? detectDecimal(cells, delimiter) : { decimal: options.decimal, ambiguous: false };
  if (guess.ambiguous) {
    const other = guess.decimal === "," ? "thousands" : "decimals";
    notes.push(
      `The comma was taken to mark ${guess.decimal === "," ? "decimals" : "thousands"}; if it marks ${other}, name the decimal mark.`,
    );
  } else if (options.decimal === undefined && guess.decimal === ",")
    notes.push("Numbers are written with a decimal comma.");
  const layout = layOut(cells, guess.decimal, options.header);
  notes.push(...layout.notes);
  const { dateColumn } = options;
  const timeName = typeof dateColumn === "string" ? knownName(dateColumn, layout.names) : dateColumn;
  const everyRow: Grid = { cells, names: layout.names, rows: layout.rows, reversed: false, decimal: guess.decimal };
  const found = findIndex({ ...everyRow, rows: layout.rowsWithValues }, timeName);
  const emptyCount = layout.rows.length - layout.rowsWithValues.length;
  if (emptyCount === 0) return new Table(found.grid, found.index, [...notes, ...found.notes]);
  const rows = `${emptyCount} empty ${emptyCount === 1 ? "row" : "rows"}`;
  if (found.index.kind !== "none") {
    return new Table(found.grid, found.index, [...notes, `Dropped ${rows}.`, ...found.notes]);
  }
  // numbered rows are steps even when nothing stands in them
  const { index, grid } = findIndex(everyRow, null);
  return new Table(grid, index, [...notes, ...found.notes, `Kept ${rows} as gaps.`]);
}

/** Named columns over a time index; made by `readTable`. */
export class Table {
  /** When each row was; `nextLabels` goes on into the future. */
  readonly index: TimeIndex;
  /** Every column's name in the order of the file, the index included. */
  readonly columnNames: readonly string[];
  readonly rowCount: number;
  readonly #grid: Grid;
  readonly #notes: readonly string[];
  readonly #columnOf: ReadonlyMap<string, number>;
  readonly #readings = new Map<string, ColumnReading>();
  /** Columns that were handed out: their gaps matter to the reader. */
  readonly #used = new Set<string>();

  constructor(grid: Grid, index: TimeIndex, notes: readonly string[]) {
    this.#grid = grid;
    this.index = index;
    this.columnNames = grid.names;
    this.rowCount = grid.rows.length;
    this.#notes = notes;
    this.#columnOf = new Map(grid.names.map((name, column) => [name, column]));
  }

  /** In sentences: what was guessed or repaired, and the gaps of the columns used so far. */
  get notes(): string[] {
    const gaps = [...this.#used].flatMap((name) => {
      const { gapCount, missing } = this.#reading(name);
      return gapCount === 0 ? [] : [`Column "${name}" has ${describeGaps(missing, this.index.labels)}.`];
    });
    return [...this.#notes, ...gaps];
  }

  /** The columns that hold nothing but numbers and gaps, without the index. */
  numericColumns(): string[] {
    return this.columnNames.filter((name) => name !== this.index.name && isNumeric(this.#reading(name)));
  }

  /**
   * The usual target: the name of the last column of numbers.
   * @throws {FormatError} if there is none, or if that column has a few cells that are no finite numbers
   */
  lastNumericColumn(): string {
    const last = this.columnNames.findLast((name) => name !== this.index.name && this.#reading(name).mostlyNumeric);
    if (last === undefined) {
      const columns = this.columnNames.slice(0, 10).map((name) => `"${name}"`);
      throw new FormatError(
        `No column holds numbers (the columns are ${columns.join(", ")}${this.columnNames.length > 10 ? ", …" : ""}); check the delimiter and the decimal mark.`,
      );
    }
    this.#refuseBadCell(last);
    return last;
  }

  /**
   * A column as numbers.
   * @throws {FormatError} if there is no such column, or a cell of it is neither a finite number nor a gap
   */
  column(name: string): Column {
    const known = knownName(name, this.columnNames);
    this.#refuseBadCell(known);
    const { values, missing, gapCount } = this.#reading(known);
    if (gapCount === this.rowCount) throw new FormatError(`Column "${known}" is empty; choose a column with numbers.`);
    this.#used.add(known);
    return { name: known, values, missing, gapCount };
  }

  /** A column's cells as they are written. */
  texts(name: string): string[] {
    const column = this.#columnOf.get(knownName(name, this.columnNames))!;
    return Array.from(this.#grid.rows, (_, row) => textAt(this.#grid, row, column));
  }

  #refuseBadCell(name: string): void {
    const { firstBadRow: row, firstBadReason, mostlyNumeric } = this.#reading(name);
    if (row < 0) return;
    const cell = textAt(this.#grid, row, this.#columnOf.get(name)!);
    const place = `Column "${name}", ${placeOf(this.#grid, row)}: ${JSON.stringify(cell)} is ${firstBadReason}`;
    if (mostlyNumeric) throw new FormatError(`${place}; correct it, or leave the cell empty for a gap.`);
    const numeric = this.numericColumns().slice(0, 5);
    const cure =
      numeric.length > 0
        ? `columns of numbers are ${numeric.map((n) => `"${n}"`).join(", ")}`
        : "no column of the file is";
    throw new FormatError(`${place}; the column is not numeric, ${cure}.`);
  }

  #reading(name: string): ColumnReading {
    let reading = this.#readings.get(name);
    if (reading === undefined) {
      reading = readColumn(this.#grid, this.#columnOf.get(name)!);
      this.#readings.set(name, reading);
    }
    return reading;
  }
}

function isNumeric({ firstBadRow, mostlyNumeric }: ColumnReading): boolean {
  return firstBadRow < 0 && mostlyNumeric;
}

/** The name as the table spells it (composed and decomposed characters are the same); refuses one that it does not have. */
function knownName(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  const same = names.find((known) => known.normalize("NFC") === name.normalize("NFC"));
  if (same !== undefined) return same;
  const near = nearNames(name, names);
  const list = (some: readonly string[]) => some.map((one) => `"${one}"`).join(", ");
  const cure =
    near.length > 0
      ? `did you mean ${near.map((n) => `"${n}"`).join(" or ")}?`
      : `the columns are ${list(names.slice(0, 10))}${names.length > 10 ? ", …" : ""}.`;
  throw new FormatError(`There is no column "${name}"; ${cure}`);
}

function spelled(delimiter: string): string {
  return delimiter === "\t" ? "a tab" : `"${delimiter}"`;
}
