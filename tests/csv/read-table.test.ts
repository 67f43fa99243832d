import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTable, type Table, writeCsv } from "../../src/data/csv/index.ts";
import { ArgumentError, FormatError, ShapeError } from "../../src/tensor/errors.ts";
import { encode, utf8 } from "./csv-bytes.ts";

const content = (table: Table) => ({
  names: table.columnNames,
  labels: table.index.labels,
  next: table.index.nextLabels(3),
  columns: table.numericColumns().map((name) => table.column(name)),
});

describe("the same table, however it is written", () => {
  const lines = [
    ["日付", "始値", "終値", "備考"],
    ...Array.from({ length: 40 }, (_, i) => [
      `2010-01-${String(i + 1)}`,
      String(i * 1.5),
      i % 9 === 4 ? "" : String(i * i),
      "東京",
    ]),
  ];
  for (const line of lines.slice(1))
    line[0] = new Date(Date.UTC(2010, 0, Number(line[0].slice(8)))).toISOString().slice(0, 10);
  const plain = content(readTable(utf8(lines.map((line) => line.join(",")).join("\n"))));

  test("any encoding, line end, delimiter, quoting, title and ending", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("utf-8", "utf-8 BOM", "utf-16le", "utf-16be", "shift_jis", "euc-jp"),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.constantFrom(",", ";", "\t", "|"),
        fc.constantFrom("bare", "quoted", "blanks"),
        fc.constantFrom([], ["日経225 東証（指数）"], ["東京の株価", ""]),
        fc.nat({ max: 3 }),
        fc.boolean(),
        (encoding, newline, delimiter, quoting, titles, blankLines, newestFirst) => {
          const cell = (text: string) =>
            quoting === "quoted" ? `"${text}"` : quoting === "blanks" ? ` ${text} ` : text;
          const rows = newestFirst ? [lines[0], ...lines.slice(1).toReversed()] : lines;
          const text = [...titles, ...rows.map((row) => row.map(cell).join(delimiter))].join(newline);
          const table = readTable(encode(text + newline.repeat(blankLines), encoding as Parameters<typeof encode>[1]));
          expect(content(table)).toEqual(plain);
        },
      ),
    );
  });

  test("a decimal comma with semicolons", () => {
    const text = lines.map((line) => line.map((cell) => cell.replace(/^(\d+)\.(\d)$/, "$1,$2")).join(";")).join("\n");
    expect(content(readTable(utf8(text)))).toEqual(plain);
  });

  test("Latin letters beyond ASCII are not taken for Japanese", () => {
    const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
    expect(readTable(latin("Datum;Größe\n2010-01-04;1,5\n2010-01-05;2,5\n")).columnNames).toEqual(["Datum", "Größe"]);
    expect(readTable(latin("année,température\n2010,1.5\n2011,2.5\n")).columnNames).toEqual(["année", "température"]);
  });

  test("an encoding that is given is used", () => {
    const bytes = encode("値\n1\n2\n", "euc-jp");
    expect(readTable(bytes, { encoding: "EUC-JP" }).columnNames).toEqual(["値"]);
    expect(() => readTable(bytes, { encoding: "utf-8" })).toThrow("The file is not valid utf-8");
    expect(readTable(encode("値\n1\n2\n", "shift_jis"), { encoding: "cp932" }).columnNames).toEqual(["値"]);
  });
});

describe("what is written reads back", () => {
  const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN));
  const name = fc.string({ unit: "binary", minLength: 1 }).map((text) => `n${text.replace(/[\s\p{C}]/gu, "")}`);

  // the last row is full: empty rows at the end of a file are junk of spreadsheets, and dropped
  test("numbers and gaps exactly, names with any characters", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
        fc.array(fc.array(number, { minLength: 5, maxLength: 5 }), { minLength: 2 }),
        (names, rows) => {
          const columns = names.map((name, c) => ({
            name,
            values: Float64Array.from([1, ...rows.map((row) => row[c]), 2]),
          }));
          const table = readTable(utf8(writeCsv(columns)), { dateColumn: null, delimiter: ",", header: true });
          expect(table.columnNames).toEqual(names);
          for (const { name, values } of columns) expect(table.column(name).values).toEqual(values);
        },
      ),
    );
  });

  test("texts with delimiters, quotes and line ends", () => {
    const values = ['a "b", c', "two\nlines", "", "x;y"];
    const text = writeCsv([
      { name: "t", values },
      { name: "v", values: [1, 2, 3, 4] },
    ]);
    expect(text).toBe('t,v\n"a ""b"", c",1\n"two\nlines",2\n,3\n"x;y",4\n');
    expect(readTable(utf8(text)).texts("t")).toEqual(values);
  });

  test("columns of unequal length and infinities are refused", () => {
    expect(() =>
      writeCsv([
        { name: "a", values: [1] },
        { name: "b", values: [] },
      ]),
    ).toThrow(ShapeError);
    expect(() => writeCsv([{ name: "a", values: [Number.POSITIVE_INFINITY] }])).toThrow(ArgumentError);
  });
});

describe("headers", () => {
  const names = (text: string, options = {}) => readTable(utf8(text), options).columnNames;

  test("no header: the columns are numbered", () => {
    expect(names("1949-01,112\n1949-02,118\n")).toEqual(["column1", "column2"]);
    expect(names("2010-01,\n2010-02,1\n2010-03,2\n")).toEqual(["column1", "column2"]);
    expect(names("5\n7\n")).toEqual(["column1"]);
    expect(names("x,1\ny,2\n")).toEqual(["column1", "column2"]);
  });

  test("the option decides", () => {
    expect(names("1,2\n3,4\n5,6\n", { header: true })).toEqual(["1", "2"]);
    expect(names("a,b\n3,4\n5,6\n", { header: false })).toEqual(["column1", "column2"]);
  });

  test("empty and repeated names are made unique", () => {
    expect(names("a,a,,a,a_2\n1,2,3,4,5\n3,4,5,7,5\n")).toEqual(["a", "a_3", "column3", "a_4", "a_2"]);
  });

  test("titles of any form are skipped, and told", () => {
    expect(names("A title\n\ndate,v\n2010-01,1\n2010-02,2\n2010-03,3\n")).toEqual(["date", "v"]);
    expect(names("Prices, weights, and all\ndate,v\n2010-01,1\n2010-02,2\n2010-03,3\n")).toEqual(["date", "v"]);
    expect(names("Title,,\nsource: none,,\ndate,v,w\n2010-01,1,1\n2010-02,2,2\n")).toEqual(["date", "v", "w"]);
    const table = readTable(utf8("A title\nMore\ndate,v\n2010-01,1\n2010-02,2\n2010-03,3\n"));
    expect(table.notes[0]).toBe('Skipped 2 title rows before the header: "A title".');
  });

  test("delimiters at the end of rows, rows of delimiters and empty lines make no columns and no rows", () => {
    expect(names("a,b\n1,2,\n3,4,\n")).toEqual(["a", "b"]);
    expect(readTable(utf8("a,b\n1,2\n\n3,4\n,\n\n,\n")).rowCount).toBe(2);
  });

  test("a row of delimiters among the others is a step of gaps if rows are numbered, and none if they have dates", () => {
    const numbered = readTable(utf8("a,b\n1,2\n,\n3,4\n,\n"));
    expect(Array.from(numbered.column("b").missing)).toEqual([0, 1, 0]);
    expect(numbered.notes.slice(0, 2)).toEqual(["Dropped 1 empty row at the end.", "Kept 1 empty row as gaps."]);
    const dated = readTable(utf8("date,b\n2010-01,2\n,\n2010-02,4\n"));
    expect(Array.from(dated.column("b").values)).toEqual([2, 4]);
    expect(dated.notes).toContain("Dropped 1 empty row.");
    expect(names("A title,,\n,,\ndate,v,w\n2010-01,1,1\n2010-02,2,2\n")).toEqual(["date", "v", "w"]);
  });

  test("in a file of one column a blank line is a gap, so that steps stay in place", () => {
    expect(Array.from(readTable(utf8("v\n1\n\n3\n\n")).column("v").missing)).toEqual([0, 1, 0]);
  });
});

describe("bad input ends in one sentence with place and cure", () => {
  test.each<[what: string, text: string, message: RegExp]>([
    ["an empty file", "", /^The file is empty; /],
    ["blanks", " \n\n", /^The file holds only blanks; /],
    ["delimiters only", ",,\n,,\n", /^Every row of the file is empty; /],
    ["a header only", "a,b\n", /^The file holds a header only; a series needs at least two rows/],
    ["one row", "a,b\n1,2\n", /^The file holds only one row of data; /],
    ["one row without header", "1,2\n", /^The file holds only one row of data; /],
    ["NUL bytes", "a,b\n1,\0\n", /^The file does not look like text: it holds NUL bytes/],
    ["a workbook", "PK\x03\x04", /an Excel workbook; save the sheet as CSV/],
    ["control characters", "\x01\x02\x03abc\x04", /full of control characters/],
    ["a quote never closed", 'a,b\n1,2\n3,"4\n5,6\n', /^Line 3: a quoted field opens here and is never closed/],
    ["text after a quote", 'a,b\n1,"2"x\n3,4\n', /^Line 2: text follows the closing quote/],
    ["a short row", "a,b\n1,2\n3\n5,6\n", /line 3 has 1 field where the header has 2/],
    ["a long row", "a,b\n1,2\n3,4,5\n5,6\n", /line 3 has 3 fields where the header has 2/],
    ["a long header", "a,b,c\n1,2\n3,4\n", /line 1 has 3 fields where most rows have 2/],
  ])("%s", (_, text, message) => {
    expect(() => readTable(utf8(text))).toThrow(FormatError);
    expect(() => readTable(utf8(text))).toThrow(message);
  });

  test("lines are counted with titles, blank lines and line ends inside quotes", () => {
    expect(() => readTable(utf8('Title\r\n\r\na,b\r\n1,"x\r\ny"\r\n3\r\n5,6\r\n7,8\r\n'))).toThrow(
      "line 6 has 1 field",
    );
  });

  test("an unknown encoding or delimiter", () => {
    expect(() => readTable(utf8("a\n1\n2\n"), { encoding: "klingon" })).toThrow('Unknown encoding "klingon"');
    expect(() => readTable(utf8("a\n1\n2\n"), { delimiter: "" })).toThrow(ArgumentError);
  });

  test("an unknown column: names that are near are suggested", () => {
    const table = readTable(utf8("date,Close,終値,open price\n2010-01,1,2,3\n2010-02,1,2,3\n"));
    expect(() => table.column("clsoe")).toThrow('There is no column "clsoe"; did you mean "Close"?');
    expect(() => table.column("close")).toThrow('did you mean "Close"?');
    expect(() => table.column("終 値")).toThrow('did you mean "終値"?');
    expect(() => table.column("Ｏpen_Price")).toThrow('did you mean "open price"?');
    expect(() => table.column("weight")).toThrow('the columns are "date", "Close", "終値", "open price".');
  });

  test("names that differ only in how characters are composed are the same", () => {
    expect(readTable(utf8("é\n1\n2\n")).column("e\u0301").name).toBe("é");
  });

  test("a word among numbers is an error only when the column is used", () => {
    const table = readTable(utf8("a,b,c\n1,2,x\nabc,3,y\n3,4,z\n"));
    expect(table.numericColumns()).toEqual(["b"]);
    expect(table.lastNumericColumn()).toBe("b");
    expect(() => table.column("a")).toThrow(
      'Column "a", row 2 (line 3): "abc" is not a number; correct it, or leave the cell empty',
    );
    expect(() => table.column("c")).toThrow(
      '"x" is not a number; the column is not numeric, columns of numbers are "b".',
    );
  });

  test("the guessed target is not quietly another one because a cell is bad", () => {
    expect(() => readTable(utf8("a,b\n1,2\n2,nan\n3,4\n")).lastNumericColumn()).toThrow(
      'Column "b", row 2 (line 3): "nan"',
    );
  });

  test("no numbers at all, and a column of gaps", () => {
    expect(() => readTable(utf8("a,b\nx,y\nz,w\n")).lastNumericColumn()).toThrow(
      'No column holds numbers (the columns are "a", "b")',
    );
    expect(() => readTable(utf8("a,b\n1,\n2,\n")).column("b")).toThrow('Column "b" is empty');
  });
});

test("10,000 columns are read", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
  const rows = [1, 2, 3].map((row) => names.map((_, i) => row * i).join(","));
  const table = readTable(utf8([names.join(","), ...rows].join("\n")));
  expect(table.numericColumns().length).toBe(10_000);
  expect(Array.from(table.column("c9999").values)).toEqual([9999, 19998, 29997]);
});

test("a first row that is shorter than the others is a row of another length", () => {
  for (const text of ["-,2010-01\n,,2010-01", "1,2\n3,4,2010-01\n5,6,2010-02\n"]) {
    expect(() => readTable(utf8(text)), text).toThrow(FormatError);
    expect(() => readTable(utf8(text)), text).toThrow(
      "Rows differ in length: line 1 has 2 fields where most rows have 3",
    );
  }
});

test("no bytes make it fail with anything but a FormatError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.stringMatching(/^([0-9a-z.,;"\n\t|-]|2010-01)*$/).map(utf8)), (bytes) => {
      try {
        const table = readTable(bytes);
        table.column(table.lastNumericColumn());
        table.index.nextLabels(2);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 2000 },
  );
});
