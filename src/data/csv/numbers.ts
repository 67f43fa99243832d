/**
 * Cells → numbers, as people write them: `10,609.34`, `+1`, `−3`, `1.234,5`, `(12)`, `▲12`, `¥500`, `5%`, `１２３`.
 *
 * A cell is a number, a gap (empty, `NA`, `-` …), not finite (`nan`, `inf`: an error wherever it is used), or text.
 */
import { type Cells, cellText } from "./cells.ts";

export type Decimal = "." | ",";

/** What a cell holds: a finite number, or which of the other things it is. */
export type CellValue = number | "gap" | "not finite" | "text";

const GAPS = new Set(
  [
    "",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "<na>",
    "null",
    "none",
    "nil",
    "missing",
    "-",
    "--",
    "---",
    ".",
    "..",
    "...",
    "?",
  ].concat(["欠測", "欠損", "なし"]),
);

const NOT_FINITE = /^[-+]?(?:nan|inf|infinity|∞|1\.#(?:inf|ind|qnan))$|^#(?:num|div\/0|value)!$/i;

/** Powers of ten that a double holds exactly: dividing by one rounds once, hence correctly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

const POINT = 46;
const COMMA = 44;

const PLAIN = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
/** Groups of three digits, or of two before the last three, as in India. */
const GROUPED: Record<Decimal, RegExp> = {
  ".": /^[-+]?\d{1,3}(?:,(?:\d{2},)*\d{3}|(?:[,'’ ]\d{3})+)(?:\.\d*)?$/,
  ",": /^[-+]?\d{1,3}(?:[.'’ ]\d{3})+(?:,\d*)?$/,
};

/** Reads one cell of a scanned text; the common forms without making a string. */
export function readCell(cells: Cells, cell: number, decimal: Decimal): CellValue {
  let start = cells.starts[cell];
  let end = cells.ends[cell];
  if (start === end) return "gap";
  if (cells.text.charCodeAt(start) === 34) {
    start++;
    end--;
  }
  const value = readPlain(cells.text, start, end, decimal === "." ? POINT : COMMA);
  return Number.isNaN(value) ? readNumber(cellText(cells, cell), decimal) : value;
}

/** Reads a number or gap in any of the written forms. */
export function readNumber(written: string, decimal: Decimal = "."): CellValue {
  const text = written
    .normalize("NFKC")
    .replace(/[\u2010-\u2015\u2212\u30fc]/g, "-")
    .trim();
  if (GAPS.has(text.toLowerCase())) return "gap";
  if (NOT_FINITE.test(text)) return "not finite";
  const bare = withoutSigns(text);
  if (bare === null) return "text";
  let digits = bare;
  if (GROUPED[decimal].test(bare)) digits = bare.replace(decimal === "." ? /[,'’ ]/g : /[.'’ ]/g, "");
  else if (decimal === "," && bare.includes(".")) return "text";
  if (decimal === ",") digits = digits.replace(",", ".");
  if (!PLAIN.test(digits)) return "text";
  const value = Number(digits);
  return Number.isFinite(value) ? value : "not finite";
}

/**
 * Which decimal mark the numbers use. Only cells with a comma speak; where `1,234` could be either, semicolons as
 * delimiter mean the comma, and `ambiguous` says that it was a guess.
 */
export function detectDecimal(cells: Cells, delimiter: string): { decimal: Decimal; ambiguous: boolean } {
  const { text, starts } = cells;
  if (!text.includes(",") || (delimiter === "," && !text.includes('"'))) return { decimal: ".", ambiguous: false };
  let comma = 0;
  let point = 0;
  let either = 0;
  for (let cell = 0; cell < starts.length && comma + point < 1000; cell++) {
    if (delimiter === "," && text.charCodeAt(starts[cell]) !== 34) continue;
    const bare = withoutSigns(cellText(cells, cell).normalize("NFKC")) ?? "";
    if (/^[-+]?\d+\.(?:\d{1,2}|\d{4,})$/.test(bare)) point++;
    if (!bare.includes(",")) continue;
    const asPoint = GROUPED["."].test(bare) && !/^[-+]?0/.test(bare);
    const asComma = /^[-+]?(?:\d+|\d{1,3}(?:[.'’ ]\d{3})+),\d+$/.test(bare);
    if (asPoint && asComma) either++;
    else if (asPoint) point++;
    else if (asComma) comma++;
  }
  if (comma !== point) return { decimal: comma > point ? "," : ".", ambiguous: false };
  return { decimal: either > 0 && delimiter === ";" ? "," : ".", ambiguous: either > 0 };
}

/** Strips currency, percent sign and accountants' minus; null if they stand where no number has them. */
function withoutSigns(text: string): string | null {
  let bare = text;
  let negative = false;
  if (/^\(.*\)$/.test(bare)) {
    negative = true;
    bare = bare.slice(1, -1);
  } else if (/^[▲△]/.test(bare)) {
    negative = true;
    bare = bare.slice(1);
  }
  bare = bare.replace(/^([-+]?)\s*(?:[$€£¥₩]|US\$|JPY|USD|EUR)\s*/, "$1").replace(/\s*(?:[%$€£¥₩円]|JPY|USD|EUR)$/, "");
  if (!negative) return bare;
  return /^[-+]/.test(bare) ? null : `-${bare}`;
}

/** Digits with at most a sign, groups of three and a decimal mark, few enough to be exact; NaN for all else. */
function readPlain(text: string, from: number, to: number, mark: number): number {
  const groupMark = mark === POINT ? COMMA : POINT;
  let at = from;
  let end = to;
  while (at < end && text.charCodeAt(at) === 32) at++;
  while (end > at && text.charCodeAt(end - 1) === 32) end--;
  const sign = text.charCodeAt(at);
  if (sign === 45 || sign === 43) at++;
  let mantissa = 0;
  let digits = 0;
  let places = -1;
  let groupEnd = -1; // the number of digits at which the open group is full
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      mantissa = 10 * mantissa + (code - 48);
      digits++;
      if (places >= 0) places++;
    } else if (places < 0 && (groupEnd < 0 || digits === groupEnd) && code === mark) {
      places = 0;
    } else if (places < 0 && code === groupMark && (groupEnd < 0 ? digits > 0 && digits < 4 : digits === groupEnd)) {
      groupEnd = digits + 3;
    } else return Number.NaN;
  }
  // 15 digits are below 2^53 whatever they are
  if (digits === 0 || digits > 15 || (groupEnd >= 0 && digits - Math.max(places, 0) !== groupEnd)) return Number.NaN;
  const value = places > 0 ? mantissa / POWERS_OF_TEN[places] : mantissa;
  return sign === 45 ? -value : value;
}
