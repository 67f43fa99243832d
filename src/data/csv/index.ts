/** CSV as people have it: bytes to a table of numbers over time, and columns back to text. */
export type { TimeKind } from "./dates.ts";
export { describeGaps, type Filled, fillCausally } from "./gaps.ts";
export type { Decimal } from "./numbers.ts";
export { type Column, type ReadTableOptions, readTable, type Table } from "./table.ts";
export type { Frequency, IndexKind, TimeIndex } from "./time-index.ts";
export { type WrittenColumn, writeCsv } from "./write-csv.ts";
