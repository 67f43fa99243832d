import { describe, expect, test } from "vitest";
import { fisherTail, logGamma, studentTwoSided } from "../../src/forecast/distributions.ts";
import { dieboldMariano } from "../../src/forecast/significance.ts";
import { kpss, wanders } from "../../src/forecast/stationarity.ts";
import { noise } from "./data.ts";

describe("tail probabilities", () => {
  test("closed forms: one and two degrees of freedom, and F with two over two", () => {
    for (const t of [0.1, 1, 3, 20]) {
      expect(studentTwoSided(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12);
      expect(studentTwoSided(-t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
      expect(fisherTail(t, 2, 2)).toBeCloseTo(1 / (1 + t), 12);
      expect(fisherTail(t * t, 1, 7)).toBeCloseTo(studentTwoSided(t, 7), 12);
    }
  });
  test("tables: t of 2.228 at 10 is 5 %, F of 2.866 at 4 and 20 is 5 %", () => {
    expect(studentTwoSided(2.2281388519649385, 10)).toBeCloseTo(0.05, 10);
    expect(fisherTail(2.8660814020156584, 4, 20)).toBeCloseTo(0.05, 10);
  });
  test("Γ(n) = (n − 1)!, Γ(½) = √π", () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 11);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
  });
});

describe("dieboldMariano", () => {
  test("at horizon 1 it is Student's paired t test", () => {
    // d = 1, 2, 3, −1: mean 1.25, Σ(d − mean)² = 8.75; t = 1.25 / √(8.75 / 3 / 4).
    const result = dieboldMariano(Float64Array.of(2, 4, 6, 1), Float64Array.of(1, 2, 3, 2));
    expect(result.statistic).toBeCloseTo(1.25 / Math.sqrt(8.75 / 12), 12);
    expect(result.meanDifference).toBeCloseTo(1.25, 12);
    expect(result.pValue).toBeCloseTo(studentTwoSided(result.statistic, 3), 12);
  });
  test("horizon 2 counts the overlap, as worked out by hand", () => {
    const d = Float64Array.of(1, 2, 3, 2, 1, 0);
    const gamma0 = (0.25 + 0.25 + 2.25 + 0.25 + 0.25 + 2.25) / 6;
    const gamma1 = (-0.25 + 0.75 + 0.75 - 0.25 + 0.75) / 6;
    const expected = (Math.sqrt((6 + 1 - 4 + 2 / 6) / 6) * 1.5) / Math.sqrt((gamma0 + 2 * gamma1) / 6);
    expect(dieboldMariano(d, new Float64Array(6), 2).statistic).toBeCloseTo(expected, 12);
  });
  test("exchanging the two turns the sign; equal losses decide nothing; gaps are left out", () => {
    const { normals } = noise(5);
    const a = normals(40);
    const b = normals(40);
    expect(dieboldMariano(a, b, 3).statistic).toBeCloseTo(-dieboldMariano(b, a, 3).statistic, 12);
    expect(dieboldMariano(a, a)).toMatchObject({ statistic: 0, pValue: 1 });
    const gapped = Float64Array.from([...a, Number.NaN]);
    expect(dieboldMariano(gapped, Float64Array.from([...b, 9]))).toEqual(dieboldMariano(a, b));
  });
  test("two equal forecasters are told apart at 5 % in about 5 % of samples, one step or four", () => {
    for (const horizon of [1, 4]) {
      let rejected = 0;
      for (let seed = 0; seed < 1000; seed++) {
        const { normals } = noise(seed * 31 + horizon);
        const shocks = normals(63);
        const loss = Float64Array.from({ length: 60 }, (_, t) => {
          let sum = 0;
          for (let k = 0; k < horizon; k++) sum += shocks[t + k];
          return sum;
        });
        if (dieboldMariano(loss, new Float64Array(60), horizon).pValue < 0.05) rejected++;
      }
      expect(rejected / 1000).toBeGreaterThan(0.02);
      expect(rejected / 1000).toBeLessThan(0.1);
    }
  });
});

test("white noise stays, a random walk wanders, a constant does neither", () => {
  let noiseWanders = 0;
  let walkWanders = 0;
  for (let seed = 0; seed < 200; seed++) {
    const shocks = noise(seed).normals(150);
    if (wanders(shocks)) noiseWanders++;
    let level = 0;
    if (wanders(shocks.map((shock) => (level += shock)))) walkWanders++;
  }
  expect(noiseWanders / 200).toBeLessThan(0.12);
  expect(walkWanders / 200).toBeGreaterThan(0.8);
  expect(kpss(new Float64Array(20).fill(3))).toBe(0);
});
