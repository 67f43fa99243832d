/** Rows of cells as lines of text whose columns line up: a name, numbers aligned on the right, and a remark. */

/** @param width of the terminal: where lines would be longer, the remarks stand below the table instead. Default: no limit */
export function textTable(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string {
  const table = aligned(rows);
  if (Math.max(...table.map((line) => line.length)) <= width) return table.join("\n");
  const remarks = rows.filter((row) => row[0] !== "" && row.at(-1) !== "").map((row) => `  ${row[0]}: ${row.at(-1)}`);
  return [...aligned(rows.map((row) => [...row.slice(0, -1), ""])), "", ...remarks].join("\n");
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isText = (column: number) => column === 0 || column === widths.length - 1;
  return rows.map((row) =>
    row
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}
