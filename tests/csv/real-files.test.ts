import { describe, expect, test } from "vitest";
import { readTable } from "../../src/data/csv/index.ts";
import { beside, bundled } from "./csv-bytes.ts";

describe("files as they lie", () => {
  test("AirPassengers: months go on into 1961", () => {
    const table = readTable(bundled("AirPassengers.csv"));
    expect(table.rowCount).toBe(144);
    expect(table.columnNames).toEqual(["date", "value"]);
    expect(table.lastNumericColumn()).toBe("value");
    const { values, gapCount } = table.column("value");
    expect([values[0], values[1], values[143], gapCount]).toEqual([112, 118, 432, 0]);
    expect(values.reduce((sum, value) => sum + value)).toBe(40363);
    expect([table.index.kind, table.index.frequency, table.index.name]).toEqual(["month", "monthly", "date"]);
    expect(table.index.labels.slice(0, 2)).toEqual(["1949-01", "1949-02"]);
    expect(table.index.nextLabels(13).filter((_, i) => i % 12 === 0)).toEqual(["1961-01", "1962-01"]);
    expect(table.notes).toEqual(['Column "date" tells the time (month, monthly).']);
  });

  test("sunspots: years are an index, not numbers to forecast", () => {
    const table = readTable(bundled("sunspots_yearly.csv"));
    expect(table.numericColumns()).toEqual(["value"]);
    expect([table.index.kind, table.index.frequency]).toEqual(["year", "yearly"]);
    expect(table.index.nextLabels(2)).toEqual(["2009", "2010"]);
    expect([table.rowCount, table.column("value").values[308]]).toEqual([309, 2.9]);
  });

  test("the DAX in the Nikkei's form: Shift-JIS, a title row, a Japanese header, quoted numbers", () => {
    const table = readTable(bundled("dax_in_nikkei_format.csv"));
    expect(table.columnNames).toEqual(["日付", "始値", "高値", "安値", "終値", "出来高", "終値調整値"]);
    expect([table.rowCount, table.column("終値").values[0], table.column("終値").values[1859]]).toEqual([
      1860, 1628.75, 5473.72,
    ]);
    expect([table.index.kind, table.index.frequency]).toEqual(["date", "business daily"]);
    // 1998-08-14 was a Friday
    expect(table.index.nextLabels(2)).toEqual(["1998-08-17", "1998-08-18"]);
    expect(table.notes).toContain("The encoding was taken to be shift_jis.");
    expect(table.notes).toContain(
      'Skipped 1 title row before the header: "9901 ＤＡＸ指数 （EuStockMarketsより作成）".',
    );
  });

  const nikkei = beside("nikkei_1001_2010-2017.csv");
  test.skipIf(nikkei === null)(
    "the Nikkei 225 (skipped where the file, which may not be shipped, is not beside the project)",
    () => {
      const table = readTable(nikkei!);
      expect([table.rowCount, table.column("終値").values[0], table.column("終値").values[1961]]).toEqual([
        1962, 10654.79, 22764.94,
      ]);
      expect(table.index.nextLabels(1)).toEqual(["2018-01-01"]);
    },
  );

  const stock = beside("stock_daily.csv");
  test.skipIf(stock === null)(
    "a stock without dates (skipped where the file, which may not be shipped, is not beside the project)",
    () => {
      const table = readTable(stock!);
      expect(table.numericColumns()).toEqual(["open", "high", "low", "volume", "close"]);
      expect([table.rowCount, table.lastNumericColumn(), table.index.kind]).toEqual([732, "close", "none"]);
      expect(table.index.nextLabels(2)).toEqual(["733", "734"]);
    },
  );
});
