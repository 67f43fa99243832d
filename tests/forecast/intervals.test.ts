import { expect, test } from "vitest";
import { applyIntervals, fitIntervals } from "../../src/forecast/intervals.ts";
import { coverage } from "../../src/forecast/metrics.ts";
import { noise } from "./data.ts";

test("the half width is the ⌈(n + 1) · level⌉-th smallest residual", () => {
  const residuals = Float64Array.of(-1, 2, -3, 4, -5, 6, -7, 8, -9);
  expect(fitIntervals(residuals, 1, { level: 0.9 }).halfWidth[0]).toBe(9);
  expect(fitIntervals(residuals, 1, { level: 0.8 }).halfWidth[0]).toBe(8);
  expect(fitIntervals(residuals, 1, { level: 0.5 }).halfWidth[0]).toBe(5);
});

test("too few residuals for the level: the largest, and what it can promise", () => {
  const { halfWidth, attained } = fitIntervals(Float64Array.of(1, 3, 2), 1, { level: 0.9 });
  expect([halfWidth[0], attained[0]]).toEqual([3, 0.75]);
});

test("each step has its own residuals, gaps are left out, and widths do not shrink", () => {
  const gap = Number.NaN;
  const { halfWidth } = fitIntervals(Float64Array.of(1, 5, 2, 1, gap, -6, 3, 2, 1), 3, { level: 0.5 });
  // Sizes 1, 1, 3 and 2, 5 and 1, 2, 6: the second smallest of each, the last step held up by the one before.
  expect([...halfWidth]).toEqual([1, 5, 5]);
  const { lower, upper } = applyIntervals(Float64Array.of(10, 20), {
    level: 0.5,
    halfWidth: Float64Array.of(1, 4),
    attained: halfWidth,
  });
  expect([...lower, ...upper]).toEqual([9, 16, 11, 24]);
});

test("intervals at level L hold at least about L of fresh truths, averaged over many small samples", () => {
  for (const level of [0.5, 0.8, 0.9]) {
    let inside = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { normals } = noise(seed + 1000 * level);
      const { lower, upper } = applyIntervals(new Float64Array(50), fitIntervals(normals(29), 1, { level }));
      inside += coverage(normals(50), lower, upper) / 400;
    }
    expect(Math.abs(inside - level)).toBeLessThan(0.03);
  }
});

test("a level outside 0 … 1, or a step without residuals, is told", () => {
  expect(() => fitIntervals(Float64Array.of(1), 1, { level: 90 })).toThrow("did you mean 0.9?");
  expect(() => fitIntervals(Float64Array.of(1, Number.NaN), 2)).toThrow("no residual for step 2");
});
