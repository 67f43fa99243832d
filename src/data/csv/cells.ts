/**
 * Delimited text → where its cells lie (RFC 4180, with any of the three line ends and any one-character delimiter).
 *
 * Only offsets are kept, so that a million rows cost no million strings: numbers are read straight from the text, and a
 * cell becomes a string when somebody asks for it. No npm parser stands here because the fast ones do not notice rows of
 * uneven length (they run into the next line), and none of them gives line numbers without making every cell a string.
 */
import { FormatError } from "../../tensor/errors.ts";

const QUOTE = 34;
const SPACE = 32;
const LF = 10;
const CR = 13;

/** The cells of a text, row by row. Rows may differ in length; a blank line is a row of one empty cell. */
export interface Cells {
  text: string;
  /** Offset of each cell's first character, its quote included. */
  starts: Uint32Array;
  /** Offset after each cell's last character, its quote included. */
  ends: Uint32Array;
  /** Number of each row's first cell; one entry more than there are rows. */
  rows: Uint32Array;
}

/**
 * @param delimiter one character
 * @param strict    false: stop quietly at a broken quote, for looking at the beginning of a text
 * @throws {FormatError} if a quoted field is never closed or goes on after its closing quote
 */
export function scanCells(text: string, delimiter: string, strict = true): Cells {
  const separator = delimiter.charCodeAt(0);
  const starts = new GrowingOffsets();
  const ends = new GrowingOffsets();
  const rows = new GrowingOffsets();
  const length = text.length;
  let at = 0;
  scan: while (at < length) {
    rows.push(starts.length);
    for (;;) {
      let first = at;
      while (text.charCodeAt(first) === SPACE) first++;
      if (text.charCodeAt(first) === QUOTE) {
        const close = closingQuote(text, first);
        at = close + 1;
        while (text.charCodeAt(at) === SPACE) at++;
        const next = text.charCodeAt(at);
        if (close < 0 || (at < length && next !== separator && next !== LF && next !== CR)) {
          if (!strict) {
            starts.length = rows.pop();
            ends.length = starts.length;
            break scan;
          }
          throw brokenQuote(text, first, close, at);
        }
        starts.push(first);
        ends.push(close + 1);
      } else {
        starts.push(at);
        let code = text.charCodeAt(at);
        while (at < length && code !== separator && code !== LF && code !== CR) code = text.charCodeAt(++at);
        ends.push(at);
      }
      if (at < length && text.charCodeAt(at) === separator) at++;
      else break;
    }
    if (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF) at++;
    at++;
  }
  rows.push(starts.length);
  return { text, starts: starts.trimmed(), ends: ends.trimmed(), rows: rows.trimmed() };
}

/** The cell's text without its quotes and the blanks around it. */
export function cellText({ text, starts, ends }: Cells, cell: number): string {
  const start = starts[cell];
  const end = ends[cell];
  if (text.charCodeAt(start) !== QUOTE) return text.slice(start, end).trim();
  const inside = text.slice(start + 1, end - 1);
  return (inside.includes('"') ? inside.replaceAll('""', '"') : inside).trim();
}

/** The number of the line, from 1, on which an offset lies. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = 0; at < offset; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) line++;
  }
  return line;
}

/** Where the quote that closes the one at `open` stands, or −1. */
function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close >= 0 && text.charCodeAt(close + 1) === QUOTE) close = text.indexOf('"', close + 2);
  return close;
}

function brokenQuote(text: string, open: number, close: number, at: number): FormatError {
  const line = lineAt(text, open);
  if (close < 0) return new FormatError(`Line ${line}: a quoted field opens here and is never closed; add its quote.`);
  return new FormatError(
    `Line ${lineAt(text, at)}: text follows the closing quote of a field that opens on line ${line}; a quote inside a quoted field is written twice ("").`,
  );
}

/** Offsets, appended one by one to an array that doubles when full. */
class GrowingOffsets {
  length = 0;
  #items = new Uint32Array(1024);

  push(item: number): void {
    if (this.length === this.#items.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.length++] = item;
  }

  pop(): number {
    return this.#items[--this.length];
  }

  trimmed(): Uint32Array {
    return this.#items.slice(0, this.length);
  }
}
