/** Columns → CSV text (RFC 4180 with LF line ends), such that `readTable` reads the same numbers back. */
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";

export interface WrittenColumn {
  name: string;
  /** Numbers are written in the shortest form that reads back exactly; NaN is a gap and becomes an empty cell. */
  values: ArrayLike<number | string>;
}

/**
 * @throws {ShapeError} if the columns differ in length
 * @throws {ArgumentError} if a value is infinite
 * @example writeCsv([{ name: "date", values: ["1961-01"] }, { name: "forecast", values: [447.2] }]);
 */
export function writeCsv(columns: readonly WrittenColumn[]): string {
  const rowCount = columns[0]?.values.length ?? 0;
  const uneven = columns.find((column) => column.values.length !== rowCount);
  if (uneven) {
    throw new ShapeError(
      `writeCsv: all columns must have ${rowCount} values as "${columns[0].name}" has, got ${uneven.values.length} in "${uneven.name}".`,
    );
  }
  const lines = [line(columns.map((column) => column.name))];
  for (let row = 0; row < rowCount; row++) lines.push(line(columns.map((column) => written(column, row))));
  return `${lines.join("\n")}\n`;
}

function written({ name, values }: WrittenColumn, row: number): string {
  const value = values[row];
  if (typeof value === "string") return value;
  if (Number.isNaN(value)) return "";
  if (!Number.isFinite(value))
    throw new ArgumentError(
      `writeCsv: "${name}" is ${value} at row ${row + 1}; only finite numbers and gaps (NaN) can be written.`,
    );
  return Object.is(value, -0) ? "-0" : String(value);
}

function line(cells: readonly string[]): string {
  // a line of one empty cell would be a blank line, which readers skip
  if (cells.length === 1 && cells[0] === "") return '""';
  return cells.map((cell) => (/[",;\t|\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}
