import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeGaps, fillCausally, readTable } from "../../src/data/csv/index.ts";
import { utf8 } from "./csv-bytes.ts";

const NaN_ = Number.NaN;
const read = (cells: readonly string[], options = {}) =>
  Array.from(
    readTable(utf8(`v\n1\n${cells.map((cell) => `"${cell}"`).join("\n")}\n`), options).column("v").values,
  ).slice(1);

describe("numbers as people write them", () => {
  test.each([
    ["10,609.34", 10609.34],
    ["1,234,567", 1234567],
    ["1,00,000.5", 100000.5],
    ["1 234", 1234],
    ["1'234.5", 1234.5],
    ["+3", 3],
    ["−4.5", -4.5],
    ["－4", -4],
    ["(1,234.5)", -1234.5],
    ["▲12", -12],
    ["$1,234.50", 1234.5],
    ["-€5", -5],
    ["¥１，２３４", 1234],
    ["500円", 500],
    [" 7 ", 7],
    [".5", 0.5],
    ["5.", 5],
    ["1e-3", 0.001],
    ["-0", -0],
    ["0.1234567890123456789", Number("0.1234567890123456789")],
    ["123456789012345678", Number("123456789012345678")],
  ])("%s is %d", (written, value) => expect(read([written])).toEqual([value]));

  test("percentages keep their number, and do not mix with plain numbers", () => {
    expect(Array.from(readTable(utf8("v\n5%\n-6.5 ％\n")).column("v").values)).toEqual([5, -6.5]);
    expect(() => readTable(utf8("v\n5%\n0.06\n")).column("v")).toThrow("a percentage among plain numbers");
  });

  test("what is no number is not taken for one", () => {
    for (const word of [
      "1,23",
      "12,34.5",
      "1,2345",
      "1.2.3",
      "0x10",
      "1-2",
      "--3",
      "1e",
      "4K",
      "(-3)",
      "12:30",
      ",5",
    ]) {
      expect(() => read(["2", "3", "4,000.5", word]), word).toThrow(`row 5 (line 6): "${word}" is not a number`);
    }
  });

  test.each(["nan", "NaN", "inf", "-inf", "Infinity", "+∞", "1e999", "#DIV/0!"])(
    "%s is an error with row and column",
    (word) => {
      expect(() => read(["2", "", word, "4"])).toThrow(`Column "v", row 4 (line 5): "${word}" is not a finite number`);
    },
  );

  test("a decimal comma is found, and thousands with it", () => {
    const table = readTable(utf8("a;b\n1.234,5;1\n0,25;2,125\n7;3\n"));
    expect(Array.from(table.column("a").values)).toEqual([1234.5, 0.25, 7]);
    expect(table.column("b").values[1]).toBe(2.125);
  });

  test("where 1,234 could be either, the note says what was taken and the option decides", () => {
    const bytes = utf8("a;b\n1,234;5\n2,345;6\n");
    expect(readTable(bytes).column("a").values[0]).toBe(1.234);
    expect(readTable(bytes).notes.join()).toMatch(/comma was taken to mark decimals/);
    expect(readTable(bytes, { decimal: "." }).column("a").values[0]).toBe(1234);
    expect(Array.from(readTable(utf8("a\n1,5\n2,5\n"), { decimal: "," }).column("a").values)).toEqual([1.5, 2.5]);
  });

  test("every double reads back as itself", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        expect(read(values.map((value) => (Object.is(value, -0) ? "-0" : String(value))))).toEqual(values);
      }),
    );
  });

  test("every grouping of thousands is read as its number", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 99 }), (whole, cents) => {
        const part = String(cents).padStart(2, "0");
        const value = Number(`${whole}.${part}`);
        expect(read([`${whole.toLocaleString("en-US")}.${part}`])).toEqual([value]);
        expect(read([`${whole.toLocaleString("de-DE")},${part}`], { decimal: "," })).toEqual([value]);
      }),
    );
  });
});

describe("gaps", () => {
  test.each(["", "NA", "N/A", "n.a.", "#N/A", "null", "None", "-", "－", "—", ".", "…", "?", "欠測"])(
    '"%s" is a gap',
    (written) => {
      const table = readTable(utf8(`d,v\n2010-01,1\n2010-02,${written}\n2010-03,3\n`));
      const { values, missing, gapCount } = table.column("v");
      expect(Array.from(values)).toEqual([1, NaN_, 3]);
      expect(Array.from(missing)).toEqual([0, 1, 0]);
      expect(gapCount).toBe(1);
      expect(table.notes).toContain('Column "v" has 1 gap (2010-02).');
    },
  );

  test("only columns in use tell their gaps", () => {
    const table = readTable(utf8("a,b\n1,\n2,2\n"));
    table.column("a");
    expect(table.notes).toEqual([]);
  });

  test("runs of gaps are told as runs, long lists cut short", () => {
    const missing = Uint8Array.from("01100101010101", Number);
    const labels = Array.from(missing, (_, i) => `t${i}`);
    expect(describeGaps(missing, labels)).toBe("7 gaps (t1 to t2, t5, t7, t9, t11, …)");
  });

  test("a gap takes the last value before it; leading gaps stay", () => {
    const { values, leadingGaps, filled } = fillCausally([NaN_, NaN_, 1, NaN_, NaN_, 2]);
    expect(Array.from(values)).toEqual([NaN_, NaN_, 1, 1, 1, 2]);
    expect([leadingGaps, filled]).toEqual([2, 2]);
  });

  test("the filled past does not change when the future does", () => {
    const series = fc.array(fc.option(fc.double({ noNaN: true }), { nil: NaN_ }), { minLength: 1 });
    fc.assert(
      fc.property(series, series, (past, future) => {
        const whole = fillCausally([...past, ...future]).values.slice(0, past.length);
        expect(whole).toEqual(fillCausally(past).values);
      }),
    );
  });
});
