/**
 * Ridge regression with an intercept, several targets at once.
 *
 *   minimise  Σ‖y − b − W x‖² + λ n Σ (sd(x_j) w_j)²
 *
 * The inputs are centred and brought to unit variance first, so λ has no unit and the intercept is not shrunk.
 * λ is a number, or "gcv": the value that minimises generalised cross-validation,
 *   GCV(λ) = RSS(λ) / (n − 1 − Σ s²/(s² + λ n))²,
 * summed over the targets. Hoerl & Kennard 1970; Golub, Heath & Wahba 1979. All comes from one triangular factor, so rows are
 * streamed and the condition number is not squared. Own code rather than ml-matrix: 150 lines against 60 kB in a bundle.
 */
import { ArgumentError } from "../tensor/errors.ts";
import { singularValues } from "./singular-values.ts";
import { TriangularFactor } from "./triangular-factor.ts";

export interface RidgeOptions {
  /** λ ≥ 0, or "gcv" to choose it from the data. Default 1e-8: only what keeps dependent columns harmless. */
  ridge?: number | "gcv";
}

export interface LinearMap {
  readonly inputs: number;
  readonly outputs: number;
  /** `[outputs, inputs]`, row by row. */
  readonly weights: Float64Array;
  /** One a target. */
  readonly intercept: Float64Array;
  /** The λ that was used. */
  readonly ridge: number;
}

/** Streams rows in, and gives the map that fits them. */
export class RidgeRegression {
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #factor: TriangularFactor;
  readonly #row: Float64Array;

  constructor(inputs: number, outputs: number) {
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#factor = new TriangularFactor(1 + inputs + outputs);
    this.#row = new Float64Array(1 + inputs + outputs);
    this.#row[0] = 1;
  }

  /** One example: `inputs` numbers and the `outputs` numbers that belong to them. */
  add(x: ArrayLike<number>, y: ArrayLike<number>): void {
    this.#row.set(x, 1);
    this.#row.set(y, 1 + this.#inputs);
    this.#factor.add(this.#row);
  }

  /** @throws {ArgumentError} if no row was added, or the ridge is negative or NaN. */
  fit(options: RidgeOptions = {}): LinearMap {
    const ridge = options.ridge ?? 1e-8;
    if (ridge !== "gcv" && !(ridge >= 0)) {
      throw new ArgumentError(`RidgeRegression.fit: ridge must be a number ≥ 0 or "gcv", got ${ridge}`);
    }
    const n = this.#factor.rows;
    if (n === 0)
      throw new ArgumentError("RidgeRegression.fit: no rows were added; is the series shorter than a window?");
    const p = this.#inputs;
    const k = this.#outputs;
    const width = 1 + p + k;
    const r = this.#factor.triangle();

    // The factor of the centred inputs, each column divided by its deviation; a constant column becomes zero.
    const deviations = new Float64Array(p);
    const scaled = new Float64Array(p * p);
    for (let j = 0; j < p; j++) {
      let squares = 0;
      for (let i = 0; i <= j; i++) squares += r[(1 + i) * width + 1 + j] ** 2;
      const mean = r[1 + j] / Math.sqrt(n);
      const deviation = Math.sqrt(squares / n);
      if (deviation <= 1e-12 * Math.abs(mean)) continue;
      deviations[j] = deviation;
      for (let i = 0; i <= j; i++) scaled[i * p + j] = r[(1 + i) * width + 1 + j] / deviation;
    }
    const { u, s, v } = singularValues(scaled, p);

    // c = Uᵀ Qᵀ Y and what no weights can explain.
    const c = new Float64Array(p * k);
    let unexplained = 0;
    for (let o = 0; o < k; o++) {
      const column = 1 + p + o;
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let i = 0; i < p; i++) sum += u[i * p + j] * r[(1 + i) * width + column];
        c[j * k + o] = sum;
      }
      for (let i = 1 + p; i <= column; i++) unexplained += r[i * width + column] ** 2;
    }
    const lambda = ridge === "gcv" ? generalisedCrossValidation(s, c, k, n, unexplained) : ridge;

    const weights = new Float64Array(k * p);
    const intercept = new Float64Array(k);
    const largest = s.reduce((a, b) => Math.max(a, b), 0);
    for (let o = 0; o < k; o++) {
      for (let j = 0; j < p; j++) {
        if (s[j] <= 1e-13 * largest) continue;
        const shrunk = (s[j] / (s[j] * s[j] + lambda * n)) * c[j * k + o];
        for (let i = 0; i < p; i++)
          if (deviations[i] > 0) weights[o * p + i] += (v[i * p + j] * shrunk) / deviations[i];
      }
      let mean = r[1 + p + o];
      for (let i = 0; i < p; i++) mean -= weights[o * p + i] * r[1 + i];
      // R[0, 0] is ±√n: the sign of the reflection cancels in the quotient.
      intercept[o] = mean / r[0];
    }
    return { inputs: p, outputs: k, weights, intercept, ridge: lambda };
  }
}

/** `y = b + W x`. */
export function applyLinearMap(map: LinearMap, x: ArrayLike<number>): Float64Array {
  const y = Float64Array.from(map.intercept);
  for (let o = 0; o < map.outputs; o++) {
    for (let i = 0; i < map.inputs; i++) y[o] += map.weights[o * map.inputs + i] * x[i];
  }
  return y;
}

/** The best λ of a grid, four to the decade from 1e-8 to 100. */
function generalisedCrossValidation(
  s: Float64Array,
  c: Float64Array,
  k: number,
  n: number,
  unexplained: number,
): number {
  let best = 1e-8;
  let bestScore = Number.POSITIVE_INFINITY;
  for (let quarter = -32; quarter <= 8; quarter++) {
    const lambda = 10 ** (quarter / 4);
    let rss = unexplained;
    let freedom = n - 1;
    for (let j = 0; j < s.length; j++) {
      const kept = s[j] > 0 ? (s[j] * s[j]) / (s[j] * s[j] + lambda * n) : 0;
      freedom -= kept;
      for (let o = 0; o < k; o++) rss += ((1 - kept) * c[j * k + o]) ** 2;
    }
    if (freedom <= 0) continue;
    const score = rss / (freedom * freedom);
    if (score < bestScore) {
      best = lambda;
      bestScore = score;
    }
  }
  return best;
}
