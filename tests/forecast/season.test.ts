import { describe, expect, test } from "vitest";
import { detectSeason } from "../../src/forecast/season.ts";
import { airPassengers, nikkeiClose, noise, stockClose, sunspots } from "./data.ts";

describe("on real series", () => {
  test("AirPassengers has a season of 12, from any training part of five years or more", () => {
    for (let rows = 60; rows <= 144; rows += 12) expect(detectSeason(airPassengers.subarray(0, rows)).period).toBe(12);
  });
  test("sunspots have a cycle of about 11 years, not a season", () => {
    const { period, cycle, reason } = detectSeason(sunspots.subarray(0, 201));
    expect([period, cycle]).toEqual([null, 11]);
    expect(reason).toContain("drifts out of step");
  });
  test.skipIf(!stockClose)(
    "stock prices have none (skipped where stock_daily.csv, which may not be shipped, is absent)",
    () => {
      expect(detectSeason(stockClose!.subarray(0, 439))).toMatchObject({ period: null, cycle: null });
    },
  );
  test.skipIf(!nikkeiClose)("nor has the Nikkei (skipped where its file, which may not be shipped, is absent)", () => {
    expect(detectSeason(nikkeiClose!.subarray(0, 1177))).toMatchObject({ period: null, cycle: null });
  });
});

describe("on made series", () => {
  const periods = [2, 4, 7, 12, 24, 52];
  test("a pattern that repeats exactly is found, with or without a trend", () => {
    for (const period of periods) {
      const { normals } = noise(period);
      const pattern = normals(period);
      for (const slope of [0, 0.5]) {
        const values = Float64Array.from({ length: 5 * period + 10 }, (_, t) => pattern[t % period] + slope * t);
        expect(detectSeason(values)).toMatchObject({ period, strength: 1 });
      }
      if (period > 2) {
        expect(
          detectSeason(Float64Array.from({ length: 120 + 4 * period }, (_, t) => Math.sin((2 * Math.PI * t) / period)))
            .period,
        ).toBe(period);
      }
    }
  });
  test("a pattern under noise of a third of its size is found in nine samples of ten, on a trend and on a random walk", () => {
    let found = 0;
    let asked = 0;
    for (const period of periods) {
      for (let seed = 0; seed < 20; seed++) {
        const { normal, normals } = noise(seed * 100 + period);
        const pattern = normals(period);
        let walk = 0;
        const values = Float64Array.from({ length: Math.max(10 * period, 100) }, (_, t) => {
          walk += 0.1 * normal();
          return pattern[t % period] + 0.05 * t + (seed % 2 ? walk : 0) + 0.3 * normal();
        });
        asked++;
        if (detectSeason(values).period === period) found++;
      }
    }
    expect(found / asked).toBeGreaterThan(0.9);
  });
  test("white noise, random walks and drifting cycles have no season, but for one sample in a hundred", () => {
    const samples = 300;
    const wrong = { white: 0, walk: 0, cycle: 0 };
    for (let seed = 0; seed < samples; seed++) {
      const { uniform, normals } = noise(seed * 7919 + 1);
      const white = normals(60 + Math.floor(300 * uniform()));
      let level = 0;
      const walk = white.map((shock) => (level += shock));
      const cycle = white.slice();
      for (let t = 2; t < cycle.length; t++) cycle[t] += 1.5 * cycle[t - 1] - 0.9 * cycle[t - 2];
      if (detectSeason(white).period) wrong.white++;
      if (detectSeason(walk).period) wrong.walk++;
      if (detectSeason(cycle).period) wrong.cycle++;
    }
    for (const count of Object.values(wrong)) expect(count / samples).toBeLessThanOrEqual(0.01);
  });
  test("a hint from the dates is heard where the evidence bears it out, and not elsewhere", () => {
    expect(detectSeason(airPassengers, { frequencyHint: 12 }).period).toBe(12);
    expect(detectSeason(noise(8).normals(120), { frequencyHint: 12 }).period).toBeNull();
  });
  test("short and constant series have none, and say why", () => {
    expect(detectSeason(Float64Array.of(1, 2, 3)).reason).toContain("too few");
    expect(detectSeason(new Float64Array(50).fill(2)).reason).toContain("constant");
    expect(detectSeason(Float64Array.from({ length: 50 }, (_, t) => 3 * t)).period).toBeNull();
  });
});
