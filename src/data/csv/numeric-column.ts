/** One column of a grid as numbers: values, gaps, and the first cell that is neither. */
import { type Grid, textAt } from "./grid.ts";
import { readCell } from "./numbers.ts";

export interface ColumnReading {
  /** NaN where there is no number. */
  values: Float64Array;
  /** 1 where the cell is a gap. */
  missing: Uint8Array;
  gapCount: number;
  /** The first row whose cell is neither number nor gap, or −1. */
  firstBadRow: number;
  firstBadReason: "" | "not a number" | "not a finite number" | "a percentage among plain numbers";
  /** Whether more cells are numbers (finite or not) than words, so that a word among them is likely a mistake. */
  mostlyNumeric: boolean;
}

/** So many words before the first number, and the column is one of words. */
const WORDS_TO_GIVE_UP = 1000;

export function readColumn(grid: Grid, column: number): ColumnReading {
  const rowCount = grid.rows.length;
  const values = new Float64Array(rowCount).fill(Number.NaN);
  const missing = new Uint8Array(rowCount);
  let gapCount = 0;
  let numbers = 0;
  let words = 0;
  let percentages = 0;
  let firstPercentage = -1;
  let firstBadRow = -1;
  let firstBadReason: ColumnReading["firstBadReason"] = "";
  const bad = (row: number, reason: ColumnReading["firstBadReason"]) => {
    if (firstBadRow >= 0) return;
    firstBadRow = row;
    firstBadReason = reason;
  };
  for (let row = 0; row < rowCount; row++) {
    const value = readCell(grid.cells, grid.rows[row] + column, grid.decimal);
    if (typeof value === "number") {
      values[row] = value;
      numbers++;
      if (endsInPercent(grid, row, column)) {
        if (firstPercentage < 0) firstPercentage = row;
        percentages++;
      }
    } else if (value === "gap") {
      missing[row] = 1;
      gapCount++;
    } else if (value === "not finite") {
      numbers++;
      bad(row, "not a finite number");
    } else {
      words++;
      bad(row, "not a number");
      if (numbers === 0 && words > WORDS_TO_GIVE_UP) break;
    }
  }
  // 5% and 0.05 in one column: whichever is meant, one of them would be read a hundredfold wrong
  if (percentages > 0 && percentages < numbers) bad(firstPercentage, "a percentage among plain numbers");
  return { values, missing, gapCount, firstBadRow, firstBadReason, mostlyNumeric: numbers > words };
}

function endsInPercent(grid: Grid, row: number, column: number): boolean {
  const cell = grid.rows[row] + column;
  const last = grid.cells.text.charCodeAt(grid.cells.ends[cell] - 1);
  // digits end most cells; only others are worth a string
  return !(last >= 48 && last <= 57) && /[%％]$/.test(textAt(grid, row, column));
}
