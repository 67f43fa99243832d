/**
 * Daily prices out of the HTML of a page: the table with the columns date, open, high, low and close, in Japanese or English, or
 * five columns in that order without names. Numbers have thousands separators; `-` and the like are gaps.
 */

import { Parser } from "htmlparser2";
import { RefrainError } from "refrain";

/** A page that is not what was expected of it. */
export class PageError extends RefrainError {
  override name = "PageError";
}

export interface PriceRow {
  /** As the page writes it. */
  readonly date: string;
  /** Open, high, low, close; NaN is a gap. */
  readonly prices: readonly number[];
}

const NAMES = [
  ["日付", "date"],
  ["始値", "open"],
  ["高値", "high"],
  ["安値", "low"],
  ["終値", "close"],
];
const DATE =
  /^(\d{4}\D{1,3}\d{1,2}\D{1,3}\d{1,2}\D?|\d{1,2}\D{1,2}\d{1,2}\D{1,2}\d{4}|[a-z]{3,9}\.? \d{1,2},? \d{4})$/i;
const NUMBER = /^[-+]?\d[\d,]*(\.\d+)?$/;
const GAP = /^([-.*]*|n\/?a|休場)$/i;

/**
 * @param place for errors: which page it is
 * @returns the rows in the page's order; none if no table holds anything like prices
 * @throws {PageError} if there is something like prices in a form that is not understood
 */
export function priceRows(html: string, place: string): PriceRow[] {
  const tables = tablesOf(html);
  for (const table of tables) {
    const columns = columnsOf(table);
    if (columns !== null) return table.filter((row) => isData(row, columns)).map((row) => read(row, columns, place));
  }
  const foreign = tables.find((table) => table.some(looksLikePrices));
  if (foreign === undefined) return [];
  throw new PageError(
    `${place}: the form of its table is not understood: expected the columns ${NAMES.map((names) => names.join(" or ")).join(", ")}, ` +
      `got a table that begins with ${foreign[0].map((cell) => JSON.stringify(cell)).join(", ")}`,
  );
}

/** All tables as rows of the text of their cells, outer tables before those in their cells. */
function tablesOf(html: string): string[][][] {
  const tables: string[][][] = [];
  const open: { table: string[][]; inCell: boolean }[] = [];
  let skipped = 0;
  const parser = new Parser({
    onopentag(name) {
      const inner = open.at(-1);
      if (name === "table") {
        const table: string[][] = [];
        tables.push(table);
        open.push({ table, inCell: false });
      } else if (name === "script" || name === "style") skipped++;
      else if (inner === undefined) return;
      else if (name === "tr") inner.table.push([]);
      else if (name === "td" || name === "th") {
        if (inner.table.length === 0) inner.table.push([]);
        inner.table.at(-1)!.push("");
        inner.inCell = true;
      } else if (inner.inCell && name === "br") addText(inner.table, " ");
    },
    ontext(text) {
      const inner = open.at(-1);
      if (inner?.inCell && skipped === 0) addText(inner.table, text);
    },
    onclosetag(name) {
      if (name === "table") open.pop();
      else if (name === "script" || name === "style") skipped--;
      else if (name === "td" || name === "th") {
        const inner = open.at(-1);
        if (inner !== undefined) inner.inCell = false;
      }
    },
  });
  parser.end(html);
  return tables
    .map((table) => table.map((row) => row.map(tidied)).filter((row) => row.length > 0))
    .filter((table) => table.length > 0);
}

function addText(table: string[][], text: string): void {
  const row = table.at(-1)!;
  row[row.length - 1] += text;
}

/** Full-width digits and signs as plain ones, every kind of minus as one, no space around. */
const tidied = (cell: string): string =>
  cell
    .normalize("NFKC")
    .replace(/[\u2010-\u2015\u2212\u30fc]/g, "-")
    .replace(/\s+/g, " ")
    .trim();

/** Where date, open, high, low and close stand, or null. */
function columnsOf(table: readonly (readonly string[])[]): readonly number[] | null {
  for (const row of table) {
    const found = NAMES.map((names) => row.findIndex((cell) => names.includes(cell.toLowerCase())));
    if (found.every((column) => column >= 0)) return found;
  }
  const inOrder = [0, 1, 2, 3, 4];
  const unnamed = table.every((row) => row.length === 5) && isData(table[0], inOrder);
  return unnamed && table[0].slice(1).every((cell) => NUMBER.test(cell) || GAP.test(cell)) ? inOrder : null;
}

/** A row of two cells is a date and a remark, such as a split of shares. */
const isData = (row: readonly string[], [date]: readonly number[]): boolean =>
  row.length > 2 && DATE.test(row[date] ?? "");

const looksLikePrices = (row: readonly string[]): boolean =>
  row.some((cell) => DATE.test(cell)) && row.some((cell) => NUMBER.test(cell));

function read(row: readonly string[], [date, ...columns]: readonly number[], place: string): PriceRow {
  const prices = columns.map((column) => {
    const cell = row[column] ?? "";
    if (GAP.test(cell)) return Number.NaN;
    if (NUMBER.test(cell)) return Number(cell.replaceAll(",", ""));
    throw new PageError(`${place}, ${row[date]}: "${cell}" is no price; a price is written as 22,764.94`);
  });
  return { date: row[date], prices };
}
