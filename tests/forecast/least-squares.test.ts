import { describe, expect, test } from "vitest";
import { applyLinearMap, RidgeRegression } from "../../src/forecast/ridge-regression.ts";
import { singularValues } from "../../src/forecast/singular-values.ts";
import { residualSumOfSquares, solveTriangle, TriangularFactor } from "../../src/forecast/triangular-factor.ts";
import { noise } from "./data.ts";

describe("TriangularFactor", () => {
  test("RᵀR = AᵀA, however many rows", () => {
    for (const rows of [3, 5, 40, 500]) {
      const a = Array.from({ length: rows }, (_, i) => noise(rows * 1000 + i).normals(5));
      const factor = new TriangularFactor(5);
      for (const row of a) factor.add(row);
      const r = factor.triangle();
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < 5; j++) {
          const expected = a.reduce((sum, row) => sum + row[i] * row[j], 0);
          let got = 0;
          for (let k = 0; k < 5; k++) got += r[k * 5 + i] * r[k * 5 + j];
          expect(got).toBeCloseTo(expected, 9);
          if (i > j) expect(r[i * 5 + j]).toBe(0);
        }
      }
    }
  });
  test("a polynomial on raw powers 1, t … t⁹ comes back, where the normal equations (condition 1e24) would fail", () => {
    const degree = 9;
    const factor = new TriangularFactor(degree + 2);
    for (let t = 0; t < 60; t++) {
      const x = 0.5 + t / 60;
      const powers = Array.from({ length: degree + 1 }, (_, k) => x ** k);
      factor.add([...powers, powers.reduce((a, b) => a + b, 0)]);
    }
    const solution = solveTriangle(factor.triangle(), degree + 2, degree + 1);
    for (const coefficient of solution) expect(Math.abs(coefficient - 1)).toBeLessThan(1e-4);
  });
  test("one factor holds the residual sum of squares of every order", () => {
    const factor = new TriangularFactor(3);
    for (const [x, y] of [
      [0, 1],
      [1, 3],
      [2, 2],
    ])
      factor.add([1, x, y]);
    const r = factor.triangle();
    expect(residualSumOfSquares(r, 3, 0)).toBeCloseTo(14, 12);
    expect(residualSumOfSquares(r, 3, 1)).toBeCloseTo(2, 12);
    expect(residualSumOfSquares(r, 3, 2)).toBeCloseTo(1.5, 12);
  });
});

test("singular values of a Hilbert matrix multiply back, and their extremes are known", () => {
  const n = 6;
  const hilbert = Float64Array.from({ length: n * n }, (_, i) => 1 / (Math.floor(i / n) + (i % n) + 1));
  const { u, s, v } = singularValues(hilbert, n);
  expect(Math.max(...s)).toBeCloseTo(1.618899858924339, 12);
  // Six digits below the precision of the largest: Jacobi keeps them.
  expect(Math.min(...s) / 1.08279948456555e-7).toBeCloseTo(1, 6);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += u[i * n + k] * s[k] * v[j * n + k];
      expect(sum).toBeCloseTo(hilbert[i * n + j], 13);
    }
  }
});

describe("RidgeRegression", () => {
  test("a plane comes back exactly, with its intercept, for two targets", () => {
    const { normals } = noise(1);
    const regression = new RidgeRegression(3, 2);
    for (let i = 0; i < 50; i++) {
      const x = normals(3).map((value) => 1000 + value);
      regression.add(x, [5 + x[0] - 2 * x[1] + 3 * x[2], -x[2]]);
    }
    const map = regression.fit({ ridge: 0 });
    [1, -2, 3, 0, 0, -1].forEach((weight, i) => {
      expect(map.weights[i]).toBeCloseTo(weight, 8);
    });
    expect(map.intercept[0]).toBeCloseTo(5, 6);
    expect(applyLinearMap(map, [1, 1, 1])[0]).toBeCloseTo(7, 6);
  });
  test("the ridge is that of its formula: one input of unit variance is shrunk by 1 / (1 + λ)", () => {
    const regression = new RidgeRegression(1, 1);
    for (const x of [-1, 1, -1, 1]) regression.add([x + 3], [2 * x + 10]);
    const map = regression.fit({ ridge: 0.25 });
    expect(map.weights[0]).toBeCloseTo(1.6, 12);
    expect(applyLinearMap(map, [3])[0]).toBeCloseTo(10, 12);
  });
  test("constant and repeated columns do no harm", () => {
    const { normal } = noise(2);
    const regression = new RidgeRegression(3, 1);
    for (let i = 0; i < 30; i++) {
      const x = normal();
      regression.add([x, 7, x], [4 * x + 1]);
    }
    for (const ridge of [0, 1e-8]) {
      const map = regression.fit({ ridge });
      expect(applyLinearMap(map, [0.5, 7, 0.5])[0]).toBeCloseTo(3, 6);
      expect(map.weights[1]).toBe(0);
    }
  });
  test("more inputs than rows still gives a finite map that fits", () => {
    const { normals } = noise(3);
    const regression = new RidgeRegression(10, 1);
    const rows = Array.from({ length: 5 }, () => normals(11));
    for (const row of rows) regression.add(row.subarray(0, 10), row.subarray(10));
    const map = regression.fit({ ridge: 0 });
    for (const row of rows) expect(applyLinearMap(map, row)[0]).toBeCloseTo(row[10], 9);
  });
  test("cross-validation shrinks noise to almost nothing, and leaves a signal alone", () => {
    const { normals } = noise(4);
    const blind = new RidgeRegression(8, 1);
    const seeing = new RidgeRegression(8, 1);
    for (let i = 0; i < 200; i++) {
      const x = normals(9);
      blind.add(x, [x[8]]);
      seeing.add(x, [x[0] + 0.01 * x[8]]);
    }
    const size = (weights: Float64Array) => Math.sqrt(weights.reduce((a, w) => a + w * w, 0));
    expect(size(blind.fit({ ridge: "gcv" }).weights)).toBeLessThan(0.1);
    expect(seeing.fit({ ridge: "gcv" }).weights[0]).toBeCloseTo(1, 2);
  });
});
