import { describe, expect, test } from "vitest";
import { originsOf, parseSplit, splitRows } from "../../src/forecast/split.ts";

describe("splitRows", () => {
  test("fractions are cut down to whole rows at the borders, and the test part takes the rest", () => {
    const split = splitRows(732);
    expect([split.train.end, split.validation.end, split.test.end]).toEqual([439, 585, 732]);
    expect(splitRows(10, [0.7, 0.2, 0.1]).train.end).toBe(7);
  });
  test("counts are counts", () => {
    const split = splitRows(144, parseSplit("96,24,24"), { horizon: 12 });
    expect([split.train.end, split.validation.end, split.test.end]).toEqual([96, 120, 144]);
  });
  test("the parts touch, do not overlap, and cover every row", () => {
    for (let rows = 20; rows < 300; rows += 7) {
      const { train, validation, test: last } = splitRows(rows, [0.5, 0.3, 0.2]);
      expect([train.start, validation.start, last.start, last.end]).toEqual([0, train.end, validation.end, rows]);
    }
  });
  test("what does not add up is told with its cure", () => {
    expect(() => splitRows(140, [96, 24, 24])).toThrow("did you mean 96,24,20?");
    expect(() => splitRows(140, [0.6, 0.2, 0.1])).toThrow("add up to 0.9, not 1");
    expect(() => splitRows(30, [0.6, 0.2, 0.2], { window: 12, horizon: 8 })).toThrow(
      "training part has 18 of 30 rows, but needs at least 20",
    );
    expect(() => splitRows(30, [0.8, 0.1, 0.1], { horizon: 4 })).toThrow(
      "validation part has 3 of 30 rows, but needs at least 4",
    );
    expect(() => parseSplit("0.6,0.4")).toThrow('got "0.6,0.4"');
    expect(() => parseSplit("0.6,,0.4")).toThrow("three numbers");
  });
});

describe("originsOf", () => {
  test("all targets of an origin lie in its part", () => {
    const part = { start: 120, end: 144 };
    expect([...originsOf(part, 12)]).toEqual(Array.from({ length: 13 }, (_, i) => 119 + i));
    expect(originsOf(part, 1)).toHaveLength(24);
    for (const origin of originsOf(part, 5)) {
      expect(origin + 1).toBeGreaterThanOrEqual(part.start);
      expect(origin + 5).toBeLessThan(part.end);
    }
  });
  test("origins without a full window behind them are left out", () => {
    expect(originsOf({ start: 0, end: 10 }, 2, 4)[0]).toBe(4);
    expect(originsOf({ start: 0, end: 10 }, 11)).toHaveLength(0);
  });
});
