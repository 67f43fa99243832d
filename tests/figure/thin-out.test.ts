import fc from "fast-check";
import { MAX_POINTS, thinOut } from "refrain/figure";
import { describe, expect, it } from "vitest";

const series = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 3000 });
const limits = fc.integer({ min: 4, max: 500 });

describe("thinning", () => {
  it("keeps the first, the last, the highest and the lowest value, in order and within the limit", () => {
    fc.assert(
      fc.property(series, limits, (y, limit) => {
        const kept = thinOut(y, limit);
        const values = kept.map((i) => y[i]);
        expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 4));
        expect(kept[0]).toBe(0);
        expect(kept[kept.length - 1]).toBe(y.length - 1);
        expect(Math.max(...values)).toBe(Math.max(...y));
        expect(Math.min(...values)).toBe(Math.min(...y));
        for (let i = 1; i < kept.length; i++) expect(kept[i]).toBeGreaterThan(kept[i - 1]);
      }),
    );
  });

  it("leaves short series as they are", () => {
    expect(thinOut([3, 1, 2])).toEqual([0, 1, 2]);
    expect(thinOut(new Float32Array(MAX_POINTS)).length).toBe(MAX_POINTS);
    expect(thinOut(new Float32Array(MAX_POINTS + 1)).length).toBeLessThanOrEqual(MAX_POINTS);
  });

  it("does not close a long gap", () => {
    const y = Array.from({ length: 10_000 }, (_, i) => (i > 4000 && i < 6000 ? Number.NaN : i));
    expect(thinOut(y, 100).filter((i) => Number.isNaN(y[i])).length).toBeGreaterThan(5);
  });
});
