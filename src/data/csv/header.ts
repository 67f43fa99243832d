/**
 * Which rows of a file are titles, which is the header, which are data: `layOut` tells, and refuses rows of uneven length.
 *
 * The commonest number of cells is the table's width. Rows before the header that are nearly empty, or of another length,
 * are titles. A header is told from data by its columns: words over numbers or dates.
 */
import { FormatError } from "../../tensor/errors.ts";
import { type Cells, cellText, lineAt } from "./cells.ts";
import { isDate } from "./dates.ts";
import { uniqueNames } from "./names.ts";
import { type Decimal, readNumber } from "./numbers.ts";

export interface Layout {
  names: string[];
  /** For each data row, the number of its first cell. */
  rows: Uint32Array;
  /** The same without rows that have delimiters only: where dates tell the time, these are no steps. */
  rowsWithValues: Uint32Array;
  /** What was guessed, in sentences. */
  notes: string[];
}

const MOST_TITLES = 20;
const BODY_SAMPLE = 20;

/**
 * @param header whether the file has a header; found out if absent
 * @throws {FormatError} if rows differ in length, or fewer than two rows of data are there
 */
export function layOut(cells: Cells, decimal: Decimal, header?: boolean): Layout {
  return new LayoutFinder(cells, decimal).find(header);
}

class LayoutFinder {
  readonly #cells: Cells;
  readonly #decimal: Decimal;
  /** Number of columns. */
  readonly #width: number;
  /**
   * The rows from the first to the last that is not empty, without blank lines. In a file of one column a blank line is a
   * gap and stays, so that steps keep their places; so does a row of delimiters only.
   */
  readonly #filled: Uint32Array;
  /** How many rows of delimiters only stood at the end. */
  #dropped = 0;

  constructor(cells: Cells, decimal: Decimal) {
    this.#cells = cells;
    this.#decimal = decimal;
    this.#width = this.#commonWidth();
    this.#filled = this.#withoutBlanks();
  }

  find(header: boolean | undefined): Layout {
    const filled = this.#filled;
    if (filled.length === 0)
      throw new FormatError("Every row of the file is empty; it needs at least two rows of data.");
    const notes: string[] = [];
    let next = 0;
    while (next < Math.min(MOST_TITLES, filled.length - 1) && this.#isTitle(next, header)) next++;
    this.#noteTitles(next, notes);
    let names = Array.from({ length: this.#width }, () => "");
    if (this.#lacksFirstName(next, header)) {
      names = ["", ...this.#texts(filled[next])];
      next++;
    } else if (header ?? this.#isHeader(next)) {
      if (!this.#hasWidth(filled[next])) throw this.#ragged(filled[next], filled[next]);
      names = this.#texts(filled[next]);
      next++;
    } else {
      notes.push(
        `The file has no header; the columns are called column1${this.#width > 1 ? ` to column${this.#width}` : ""}.`,
      );
    }
    names = names.slice(0, this.#width).map((name) => name.replace(/\s+/g, " "));
    const unique = uniqueNames(names);
    const renamed = names.findIndex((name, i) => name !== "" && unique[i] !== name);
    if (renamed >= 0) {
      notes.push(`Several columns have the same name; column ${renamed + 1} is called "${unique[renamed]}".`);
    }
    const rows = this.#dataRows(next);
    const rowsWithValues = rows.filter((_, i) => !this.#isBlank(filled[next + i]));
    if (this.#dropped > 0) {
      notes.push(`Dropped ${this.#dropped} empty ${this.#dropped === 1 ? "row" : "rows"} at the end.`);
    }
    return { names: unique, rows, rowsWithValues, notes };
  }

  #noteTitles(count: number, notes: string[]): void {
    const titles = Array.from(this.#filled.subarray(0, count), (row) => this.#texts(row).filter((text) => text !== ""))
      .filter((texts) => texts.length > 0)
      .map((texts) => texts.join(" "));
    if (titles.length === 0) return;
    const rows = titles.length === 1 ? "row" : "rows";
    notes.push(`Skipped ${titles.length} title ${rows} before the header: "${shortened(titles[0])}".`);
  }

  #dataRows(next: number): Uint32Array {
    const filled = this.#filled;
    if (filled.length - next < 2) {
      const what = filled.length === next ? "holds a header only" : "holds only one row of data";
      throw new FormatError(`The file ${what}; a series needs at least two rows.`);
    }
    const rows = new Uint32Array(filled.length - next);
    for (let i = next; i < filled.length; i++) {
      if (!this.#hasWidth(filled[i])) throw this.#ragged(filled[i], filled[Math.max(0, next - 1)]);
      rows[i - next] = this.#cells.rows[filled[i]];
    }
    return rows;
  }

  #ragged(row: number, headerRow: number): FormatError {
    const count = this.#count(row);
    const fields = (n: number) => `${n} ${n === 1 ? "field" : "fields"}`;
    const place = `line ${this.#line(row)} has ${fields(count)} where `;
    const expected =
      this.#count(headerRow) === this.#width ? `the header has ${this.#width}` : `most rows have ${this.#width}`;
    return new FormatError(
      `Rows differ in length: ${place}${expected}; a field that holds the delimiter needs quotes, a missing value needs an empty field.`,
    );
  }

  #commonWidth(): number {
    const rowsOfWidth = new Map<number, number>();
    let first = 0;
    for (let row = 0; row < this.#cells.rows.length - 1; row++) {
      const count = this.#count(row);
      if (count === 1 && this.#isBlank(row)) continue;
      if (first === 0) first = count;
      rowsOfWidth.set(count, (rowsOfWidth.get(count) ?? 0) + 1);
    }
    let width = 0;
    let most = 0;
    for (const [count, rows] of rowsOfWidth) {
      if (rows > most || (rows === most && count > width)) [width, most] = [count, rows];
    }
    // a delimiter at the end of every data row makes an empty column that the header does not have
    return first < width && this.#isEmptyFrom(first) ? first : width;
  }

  #isEmptyFrom(column: number): boolean {
    const { rows } = this.#cells;
    for (let row = 0; row < rows.length - 1; row++) if (!this.#restIsEmpty(row, column)) return false;
    return true;
  }

  #restIsEmpty(row: number, column: number): boolean {
    const { starts, ends, rows } = this.#cells;
    for (let cell = rows[row] + column; cell < rows[row + 1]; cell++) {
      if (starts[cell] !== ends[cell] && cellText(this.#cells, cell) !== "") return false;
    }
    return true;
  }

  #withoutBlanks(): Uint32Array {
    const rowCount = this.#cells.rows.length - 1;
    let end = rowCount;
    while (end > 0 && this.#isBlank(end - 1)) if (this.#count(--end) > 1) this.#dropped++;
    let start = 0;
    while (start < end && this.#isBlank(start)) start++;
    const kept = new Uint32Array(end - start);
    let count = 0;
    for (let row = start; row < end; row++) {
      if (this.#width === 1 || this.#count(row) > 1 || !this.#isBlank(row)) kept[count++] = row;
    }
    return kept.slice(0, count);
  }

  /** Nothing in it; an explicit `""` in a file of one column is a gap, not a blank line. */
  #isBlank(row: number): boolean {
    const { text, starts, rows } = this.#cells;
    return this.#restIsEmpty(row, 0) && !(this.#count(row) === 1 && text.charCodeAt(starts[rows[row]]) === 34);
  }

  #isTitle(i: number, header: boolean | undefined): boolean {
    const row = this.#filled[i];
    const nonEmpty = this.#texts(row).filter((text) => text !== "");
    if (!this.#hasWidth(row)) {
      if (this.#lacksFirstName(i, header)) return false;
      return nonEmpty.length <= 1 || header === false || this.#headerFollows(i);
    }
    // the first row has something in it, so an empty one here lies between titles
    if (nonEmpty.length === 0) return true;
    if (header === false || nonEmpty.length !== 1 || !this.#isWord(nonEmpty[0])) return false;
    return this.#width > 2 || (this.#width === 2 && this.#headerFollows(i));
  }

  #headerFollows(i: number): boolean {
    for (let next = i + 1; next < Math.min(i + MOST_TITLES, this.#filled.length); next++) {
      if (!this.#hasWidth(this.#filled[next])) continue;
      const texts = this.#texts(this.#filled[next]).filter((text) => text !== "");
      if (texts.length > 1) return texts.every((text) => this.#isWord(text));
    }
    return false;
  }

  /** R's way: the column of row names has no name, and the header is one cell short. */
  #lacksFirstName(i: number, header: boolean | undefined): boolean {
    const row = this.#filled[i];
    if (header === false || this.#width < 3 || this.#count(row) !== this.#width - 1) return false;
    return this.#texts(row).every((text) => text !== "" && this.#isWord(text));
  }

  /** Words over values say yes, values over values say no; a column of words says nothing. */
  #isHeader(i: number): boolean {
    const head = this.#texts(this.#filled[i]);
    const body = [...this.#filled.subarray(i + 1, i + 1 + BODY_SAMPLE)]
      .filter((row) => this.#hasWidth(row))
      .map((row) => this.#texts(row));
    if (body.length === 0) return head.some((text) => this.#isWord(text));
    let valuesOverValues = false;
    // A row that is too short is judged by the cells that it has, and refused afterwards.
    for (let column = 0; column < Math.min(this.#width, head.length); column++) {
      const seen = body.map((texts) => texts[column]).filter((text) => readNumber(text, this.#decimal) !== "gap");
      const values = seen.filter((text) => !this.#isWord(text)).length;
      if (values === 0 || 2 * values < seen.length || readNumber(head[column], this.#decimal) === "gap") continue;
      if (this.#isWord(head[column])) return true;
      valuesOverValues = true;
    }
    return !valuesOverValues;
  }

  #isWord(text: string): boolean {
    return readNumber(text, this.#decimal) === "text" && !isDate(text);
  }

  #hasWidth(row: number): boolean {
    const count = this.#count(row);
    return count === this.#width || (count > this.#width && this.#restIsEmpty(row, this.#width));
  }

  #count(row: number): number {
    return this.#cells.rows[row + 1] - this.#cells.rows[row];
  }

  #texts(row: number): string[] {
    const { rows } = this.#cells;
    return Array.from({ length: this.#count(row) }, (_, i) => cellText(this.#cells, rows[row] + i));
  }

  #line(row: number): number {
    return lineAt(this.#cells.text, this.#cells.starts[this.#cells.rows[row]]);
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
