/** The data rows of a file in table order: what columns and the index are read from. */
import { type Cells, cellText, lineAt } from "./cells.ts";
import type { Decimal } from "./numbers.ts";

export interface Grid {
  cells: Cells;
  names: readonly string[];
  /** For each row, the number of its first cell. */
  rows: Uint32Array;
  /** Whether the file has its newest row first, so that `rows` runs against it. */
  reversed: boolean;
  decimal: Decimal;
}

export function textAt(grid: Grid, row: number, column: number): string {
  return cellText(grid.cells, grid.rows[row] + column);
}

/** "row 15 (line 17)": data rows counted from 1 as they lie in the file. */
export function placeOf(grid: Grid, row: number): string {
  const line = lineAt(grid.cells.text, grid.cells.starts[grid.rows[row]]);
  return `row ${grid.reversed ? grid.rows.length - row : row + 1} (line ${line})`;
}
