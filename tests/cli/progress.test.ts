/** The line of progress fits the terminal: what matters most stays, and the bar takes what is left. */
import { describe, expect, it } from "vitest";
import { barLine, erase } from "../../apps/cli/src/progress.ts";

const parts = ["network, seasonal of logs, seed 0  7/200", "validation RMSE 18.262", "loss 0.312"];

describe("the line of progress", () => {
  it("never exceeds the terminal", () => {
    for (let columns = 1; columns <= 200; columns++) {
      for (const done of [0, 0.035, 0.5, 1]) expect(barLine(done, parts, columns).length).toBeLessThanOrEqual(columns);
    }
  });

  it("shows everything where there is room", () => {
    expect(barLine(0.5, parts, 120)).toBe(`${"█".repeat(12)}${"░".repeat(12)} ${parts.join("  ")}`);
  });

  it("gives up the loss first, then the score, then the bar", () => {
    expect(barLine(0.5, parts, 79)).toBe(`${"█".repeat(7)}${"░".repeat(7)} ${parts[0]}  ${parts[1]}`);
    expect(barLine(1, parts, 60)).toBe(`${"█".repeat(19)} ${parts[0]}`);
    expect(barLine(1, parts, 39)).toBe(parts[0].slice(0, 39));
  });

  it("is taken away from all rows over which a narrowed terminal has broken it", () => {
    expect(erase("", 80)).toBe("\r\u001b[J");
    expect(erase("x".repeat(79), 80)).toBe("\r\u001b[J");
    expect(erase("x".repeat(79), 40)).toBe("\u001b[1A\r\u001b[J");
    expect(erase("x".repeat(119), 40)).toBe("\u001b[2A\r\u001b[J");
  });
});
