/** Tables for people: columns line up, and no line is longer than the terminal is wide where that can be helped. */

import { expect, test } from "vitest";
import { textTable } from "../../apps/cli/src/text-table.ts";

const ROWS = [
  ["", "RMSE", ""],
  ["network", "9.5", ""],
  ["naive", "10.25", "the last value"],
];

test("names and remarks stand on the left, numbers on the right", () => {
  expect(textTable(ROWS)).toBe("          RMSE\nnetwork    9.5\nnaive    10.25  the last value");
});

test("remarks for which a line has no room stand below, each with its name", () => {
  expect(textTable(ROWS, 30)).toBe(textTable(ROWS));
  expect(textTable(ROWS, 29)).toBe("          RMSE\nnetwork    9.5\nnaive    10.25\n\n  naive: the last value");
});
