/**
 * Which character parts the cells. Each candidate reads the beginning of the text; the best one gives most rows the same
 * number of cells, and cells that are numbers, dates, gaps or plain words rather than pieces with another delimiter inside.
 */
import { type Cells, cellText, scanCells } from "./cells.ts";
import { readTime, shapesOf } from "./dates.ts";
import { readNumber } from "./numbers.ts";

const CANDIDATES = [",", ";", "\t", "|"] as const;

const SAMPLE_LENGTH = 50_000;
const SAMPLE_ROWS = 200;

/** @param decimal with "," the comma is no candidate */
export function detectDelimiter(text: string, decimal?: string): string {
  const sample = beginning(text);
  let best = ",";
  let bestScore = 0;
  for (const candidate of CANDIDATES) {
    if (candidate === decimal || !sample.includes(candidate)) continue;
    const score = plausibility(scanCells(sample, candidate, false));
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  // a file of one column whose decimal comma was announced
  return best === decimal ? ";" : best;
}

/** Some whole lines from the start. */
function beginning(text: string): string {
  if (text.length <= SAMPLE_LENGTH) return text;
  const cut = Math.max(text.lastIndexOf("\n", SAMPLE_LENGTH), text.lastIndexOf("\r", SAMPLE_LENGTH));
  if (cut > 0) return text.slice(0, cut);
  const firstEnd = text.search(/[\r\n]/);
  return firstEnd < 0 ? text : text.slice(0, firstEnd);
}

/** 0 … 1: the share of rows with the commonest number of cells, times how sensible these cells are. */
function plausibility(cells: Cells): number {
  const { rows, starts, ends } = cells;
  const rowCount = Math.min(rows.length - 1, SAMPLE_ROWS);
  const rowsOfWidth = new Map<number, number>();
  let filled = 0;
  for (let row = 0; row < rowCount; row++) {
    const width = rows[row + 1] - rows[row];
    if (width === 1 && starts[rows[row]] === ends[rows[row]]) continue;
    filled++;
    rowsOfWidth.set(width, (rowsOfWidth.get(width) ?? 0) + 1);
  }
  const [width, count] = [...rowsOfWidth].reduce((a, b) => (b[1] > a[1] ? b : a), [1, 0]);
  if (width < 2) return 0;
  let sensible = 0;
  let seen = 0;
  for (let row = 0; row < rowCount; row++) {
    if (rows[row + 1] - rows[row] !== width) continue;
    // a very wide row is judged by its beginning
    for (let cell = rows[row]; cell < Math.min(rows[row + 1], rows[row] + 50); cell++) {
      seen++;
      sensible += sensibility(cellText(cells, cell));
    }
  }
  return (count / filled) * (sensible / seen);
}

function sensibility(text: string): number {
  if (readNumber(text) !== "text" || readNumber(text, ",") !== "text" || shapesOf(text).some((s) => isTime(s, text)))
    return 1;
  return /[,;\t|]/.test(text) ? 0.1 : 0.8;
}

const isTime = (shape: Parameters<typeof readTime>[0], text: string) => !Number.isNaN(readTime(shape, text));
