/** The lesson's prices: from the file as the Japanese site hands it out, or from that site's pages. */

import { fillCausally, type Table } from "refrain/data";
import type { PriceSeries } from "../price-windows.ts";
import type { TutorialContext } from "../tutorial.ts";
import { pricesFromPages } from "./price-pages.ts";
import { PageError } from "./price-table.ts";

export const OWN_FILE = "nikkei_1001_2010-2017.csv";
export const OWN_DAYS = 1962;
const STAND_IN = "dax_in_nikkei_format.csv";
/** Below that, a test part says nothing. */
const FEWEST_DAYS = 30;

export interface Prices extends PriceSeries {
  /** The file, or the address. */
  readonly source: string;
  readonly title: string;
  readonly dates: readonly string[];
  /** Whether it is the file that the mark holds for. */
  readonly owns: boolean;
  /** What was read from pages; null for a file. */
  readonly csv: string | null;
}

/** Closes, other prices and volumes by day. Pages give no volumes. */
export async function readPrices({
  data,
  options,
  print,
}: Pick<TutorialContext, "data" | "options" | "print">): Promise<Prices> {
  if (options.from !== undefined) {
    const source = String(options.from);
    const { table, csv } = await pricesFromPages(source, { print });
    if (table.rowCount < FEWEST_DAYS) {
      throw new PageError(`${source} has prices of ${table.rowCount} days; the lesson needs ${FEWEST_DAYS} at least`);
    }
    return { ...columnsOf(table), source, title: new URL(source).host, owns: false, csv };
  }
  const { name, table } = await data.table(OWN_FILE, STAND_IN);
  const prices = columnsOf(table);
  return {
    ...prices,
    volume: table.column("出来高").values,
    source: name,
    title: name === OWN_FILE ? "日経225" : "ＤＡＸ指数",
    owns: name === OWN_FILE && prices.close.length === OWN_DAYS,
    csv: null,
  };
}

function columnsOf(table: Table) {
  const close = table.column("終値").values;
  // An open, high or low that is missing is taken to be as the day before, and on the first day as the close.
  const filled = (column: string) =>
    fillCausally(table.column(column).values).values.map((price, day) => (Number.isNaN(price) ? close[day] : price));
  return { dates: table.index.labels, close, prices: ["始値", "高値", "安値"].map(filled) };
}
