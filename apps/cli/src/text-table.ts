/** Rows of cells as lines of text whose columns line up. */

/** @param left columns that are aligned on the left; the others are numbers, aligned on the right */
export function textTable(rows: readonly (readonly string[])[], left: readonly number[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (left.includes(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
