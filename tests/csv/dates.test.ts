import { describe, expect, test } from "vitest";
import { readTable } from "../../src/data/csv/index.ts";
import { utf8 } from "./csv-bytes.ts";

const indexOf = (name: string, labels: readonly string[]) =>
  readTable(utf8([`${name},value`, ...labels.map((label, i) => `"${label}",${i % 3}`)].join("\n"))).index;

describe("the index goes on in the form in which it was written", () => {
  test.each([
    ["month", "monthly", ["1960-11", "1960-12"], ["1961-01", "1961-02"]],
    ["month", "monthly", ["1960/9", "1960/10"], ["1960/11", "1960/12"]],
    ["month", "monthly", ["1960/8", "1960/9"], ["1960/10", "1960/11"]],
    ["month", "monthly", ["11/1960", "12/1960"], ["01/1961", "02/1961"]],
    ["month", "monthly", ["1960M11", "1960M12"], ["1961M01", "1961M02"]],
    ["month", "monthly", ["1960年11月", "1960年12月", "1961年1月"], ["1961年2月", "1961年3月"]],
    ["month", "monthly", ["Nov 1960", "Dec 1960"], ["Jan 1961", "Feb 1961"]],
    ["month", "monthly", ["APRIL 1960", "MAY 1960"], ["JUNE 1960", "JULY 1960"]],
    ["month", "quarterly", ["1960-01", "1960-04", "1960-07"], ["1960-10", "1961-01"]],
    ["quarter", "quarterly", ["1960Q3", "1960Q4"], ["1961Q1", "1961Q2"]],
    ["quarter", "quarterly", ["1960-Q3", "1960-Q4"], ["1961-Q1", "1961-Q2"]],
    ["quarter", "quarterly", ["Q3 1960", "Q4 1960"], ["Q1 1961", "Q2 1961"]],
    ["quarter", "quarterly", ["2010年第3四半期", "2010年第4四半期"], ["2011年第1四半期", "2011年第2四半期"]],
    ["year", "yearly", ["1999", "2000"], ["2001", "2002"]],
    ["year", "yearly", ["1999年", "2000年"], ["2001年", "2002年"]],
    ["date", "daily", ["2010-02-27", "2010-02-28"], ["2010-03-01", "2010-03-02"]],
    ["date", "daily", ["2012-02-27", "2012-02-28"], ["2012-02-29", "2012-03-01"]],
    ["date", "daily", ["2017/1/8", "2017/1/9"], ["2017/1/10", "2017/1/11"]],
    ["date", "daily", ["2017/01/08", "2017/01/09"], ["2017/01/10", "2017/01/11"]],
    ["date", "daily", ["2010年1月30日", "2010年1月31日"], ["2010年2月1日", "2010年2月2日"]],
    ["date", "daily", ["30.12.2010", "31.12.2010"], ["01.01.2011", "02.01.2011"]],
    ["date", "daily", ["12/30/2010", "12/31/2010"], ["01/01/2011", "01/02/2011"]],
    ["date", "daily", ["4-Jan-2010", "5-Jan-2010"], ["6-Jan-2010", "7-Jan-2010"]],
    ["date", "daily", ["20101230", "20101231"], ["20110101", "20110102"]],
    ["date", "weekly", ["2010-12-17", "2010-12-24"], ["2010-12-31", "2011-01-07"]],
    ["date", "monthly", ["2010-12-31", "2011-01-31"], ["2011-02-28", "2011-03-31"]],
    ["date", "monthly", ["2010-11-15", "2010-12-15"], ["2011-01-15", "2011-02-15"]],
    ["date", "quarterly", ["2010-06-30", "2010-09-30"], ["2010-12-31", "2011-03-31"]],
    ["date", "yearly", ["2010-03-31", "2011-03-31", "2012-03-31"], ["2013-03-31", "2014-03-31"]],
    ["datetime", "hourly", ["2010-12-31 22:00", "2010-12-31 23:00"], ["2011-01-01 00:00", "2011-01-01 01:00"]],
    ["datetime", "hourly", ["2010/1/1 8:00", "2010/1/1 9:00"], ["2010/1/1 10:00", "2010/1/1 11:00"]],
    [
      "datetime",
      "hourly",
      ["2010-01-01T22:00:00Z", "2010-01-01T23:00:00Z"],
      ["2010-01-02T00:00:00Z", "2010-01-02T01:00:00Z"],
    ],
    [
      "datetime",
      "hourly",
      ["2010-01-01T07:00:00+09:00", "2010-01-01T08:00:00+09:00"],
      ["2010-01-01T09:00:00+09:00", "2010-01-01T10:00:00+09:00"],
    ],
    [
      "datetime",
      "regular",
      ["2010-01-01 00:00:00.5", "2010-01-01 00:00:01.0"],
      ["2010-01-01 00:00:01.5", "2010-01-01 00:00:02.0"],
    ],
    [
      "datetime",
      "hourly",
      ["1/31/2010 9:00 PM", "1/31/2010 10:00 PM", "1/31/2010 11:00 PM"],
      ["2/1/2010 12:00 AM", "2/1/2010 1:00 AM"],
    ],
    ["index", "regular", ["0", "1", "2"], ["3", "4"]],
    ["index", "regular", ["0.0", "0.5", "1.0"], ["1.5", "2.0"]],
  ])("%s, %s: %j goes on as %j", (kind, frequency, labels, next) => {
    const index = indexOf("date", labels);
    expect([index.kind, index.frequency]).toEqual([kind, frequency]);
    expect(index.labels).toEqual(labels);
    expect(index.nextLabels(2)).toEqual(next);
  });

  test("the labels after n rows are the labels that the longer file has", () => {
    for (const [start, stepDays] of [
      [Date.UTC(1999, 11, 20), 1],
      [Date.UTC(2000, 1, 25), 7],
    ]) {
      const labels = Array.from({ length: 90 }, (_, i) =>
        new Date(start + i * stepDays * 86_400_000).toISOString().slice(0, 10),
      );
      expect(indexOf("date", labels.slice(0, 40)).nextLabels(50)).toEqual(labels.slice(40));
    }
  });

  test("business days skip weekends only if the file has none", () => {
    const days = Array.from({ length: 28 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)));
    const weekdays = days.filter((day) => day.getUTCDay() % 6 !== 0).map((day) => day.toISOString().slice(0, 10));
    expect(indexOf("date", weekdays).frequency).toBe("business daily");
    expect(indexOf("date", weekdays).nextLabels(6)).toEqual([
      "2024-01-29",
      "2024-01-30",
      "2024-01-31",
      "2024-02-01",
      "2024-02-02",
      "2024-02-05",
    ]);
    expect(
      indexOf(
        "date",
        days.map((day) => day.toISOString().slice(0, 10)),
      ).frequency,
    ).toBe("daily");
  });
});

describe("which column tells the time", () => {
  test("day and month are told apart by the whole column", () => {
    expect(indexOf("d", ["1/4/2010", "1/13/2010"]).times[1]).toBe(Date.UTC(2010, 0, 13));
    expect(indexOf("d", ["1/4/2010", "13/4/2010"]).times[1]).toBe(Date.UTC(2010, 3, 13));
    const months = Array.from({ length: 24 }, (_, i) => `${(i % 12) + 1}/1/${2010 + Math.floor(i / 12)}`);
    expect(indexOf("d", months).frequency).toBe("monthly");
    expect(indexOf("d", months).nextLabels(1)).toEqual(["1/1/2012"]);
  });

  test("where they cannot be, the rows are numbered and a note says so", () => {
    const table = readTable(utf8("date,v\n1/4/2010,1\n2/4/2010,2\n3/4/2010,3\n"));
    expect(table.index.kind).toBe("none");
    expect(table.notes.join()).toMatch(/month\/day or day\/month/);
  });

  test("a count in the first column is an index, measured numbers are not", () => {
    expect(readTable(utf8(",v\n0,5\n1,6\n2,7\n")).index).toMatchObject({ kind: "index", name: "column1" });
    expect(readTable(utf8("x,v\n0.5,5\n1.25,6\n2,7\n")).index.kind).toBe("none");
    expect(readTable(utf8("time,v\n3,5\n1,6\n2,7\n")).index.kind).toBe("none");
    expect(readTable(utf8("price index,v\n1,5\n2.5,6\n2,7\n")).index.kind).toBe("none");
    expect(readTable(utf8("a\n1\n2\n3\n")).numericColumns()).toEqual(["a"]);
  });

  test("dateColumn decides: another column, or none", () => {
    const bytes = utf8("made,seen,v\n2010-01-01,2011-01-01,1\n2010-01-02,2011-01-02,2\n");
    expect(readTable(bytes).index.name).toBe("made");
    expect(readTable(bytes, { dateColumn: "seen" }).index.nextLabels(1)).toEqual(["2011-01-03"]);
    expect(readTable(bytes, { dateColumn: null }).index.kind).toBe("none");
    expect(() => readTable(bytes, { dateColumn: "mode" })).toThrow('There is no column "mode"; did you mean "made"?');
    expect(() => readTable(utf8("a,v\n2010-01-01,1\nsoon,2\n"), { dateColumn: "a" })).toThrow(
      /row 2 \(line 3\) holds "soon"/,
    );
  });
});

describe("order of time", () => {
  test("a file with its newest row first reads as the same file the other way round", () => {
    const lines = Array.from(
      { length: 30 },
      (_, i) => `2010-01-${String(i + 1).padStart(2, "0")},${i % 7 === 3 ? "" : i}`,
    );
    const forward = readTable(utf8(["date,v", ...lines].join("\n")));
    const backward = readTable(utf8(["date,v", ...lines.toReversed()].join("\n")));
    expect(backward.column("v")).toEqual(forward.column("v"));
    expect(backward.index.labels).toEqual(forward.index.labels);
    expect(backward.index.nextLabels(3)).toEqual(forward.index.nextLabels(3));
    expect(backward.notes).toContain("The file has its newest row first; the rows were put in order.");
  });

  test("places in a newest-first file are places in the file", () => {
    const table = readTable(utf8("date,v\n2010-01-03,3\n2010-01-02,nan\n2010-01-01,1\n2009-12-31,0\n"));
    expect(() => table.column("v")).toThrow('Column "v", row 2 (line 3): "nan" is not a finite number');
  });

  test("dates out of order are refused with the place", () => {
    expect(() => readTable(utf8("date,v\n2010-01-01,1\n2010-01-03,2\n2010-01-02,3\n"))).toThrow(
      'Column "date", row 3 (line 4): "2010-01-02" goes against the order',
    );
    expect(() => readTable(utf8("date,v\n2010-01,1\n2010-01,2\n"))).toThrow(/every row has the same date/);
  });

  test("an impossible date is refused with the place", () => {
    expect(() => readTable(utf8("date,v\n2010-02-27,1\n2010-02-30,2\n"))).toThrow(
      'row 2 (line 3): "2010-02-30" is not a date',
    );
  });

  test("repeated and absent steps are told", () => {
    expect(readTable(utf8("date,v\n2010-01,1\n2010-01,2\n2010-02,2\n2010-03,2\n2010-04,2\n")).notes.join()).toMatch(
      /1 row repeats .* row 2 \(line 3\)/,
    );
    expect(readTable(utf8("date,v\n2010-01,1\n2010-02,2\n2010-05,2\n2010-06,2\n")).notes.join()).toMatch(
      /2 steps have no row, first after 2010-02/,
    );
  });
});
