/**
 * The cells: one step of one sequence, forward and backward. The definition that every faster kernel is tested against.
 *
 * With a = W x + b and u = U h + c, both [G·H] in PyTorch's gate order, a cell makes the new state from the old one and
 * leaves in `saved` what its backward needs.
 */

import type { CellKind } from "../recurrent.ts";

export interface CellStep {
  /** W x + b, [G·H]; in backward: the gradient with respect to it, to be written. */
  readonly a: Float64Array;
  /** U h + c, [G·H]; in backward likewise. */
  readonly u: Float64Array;
  /** The saved state of this step, [`savedPerUnit`·H]. */
  readonly saved: Float64Array;
  /** The long memory before this step, [H]; LSTM only. */
  readonly c: Float64Array;
  /** The hidden state before this step, [H]; the GRU mixes with it. */
  readonly h: Float64Array;
}

export interface Cell {
  /** Numbers saved per hidden unit and step. */
  readonly savedPerUnit: number;
  /** Writes the output into `out` [H], before any projection. */
  forward(H: number, step: CellStep, out: Float64Array): void;
  /**
   * From `dh` [H], the gradient of the output, and `dc` [H], that of the long memory after this step: writes da and du into
   * `step`, leaves in `dc` the gradient of the memory before, and in `dh` what reaches the old h past U.
   */
  backward(H: number, step: CellStep, dh: Float64Array, dc: Float64Array): void;
  /** The output again, from what was saved: the input of the projection. */
  output(H: number, saved: Float64Array, out: Float64Array): void;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** h′ = f(a + u). Saved: h′. */
function rnn(f: (x: number) => number, slope: (y: number) => number): Cell {
  return {
    savedPerUnit: 1,
    forward(H, { a, u, saved }, out) {
      for (let j = 0; j < H; j++) out[j] = saved[j] = f(a[j] + u[j]);
    },
    backward(H, { a, u, saved }, dh) {
      for (let j = 0; j < H; j++) {
        a[j] = u[j] = dh[j] * slope(saved[j]);
        dh[j] = 0;
      }
    },
    output(H, saved, out) {
      for (let j = 0; j < H; j++) out[j] = saved[j];
    },
  };
}

/** i, f, o = σ(a + u), g = tanh(a + u), c′ = f ⊙ c + i ⊙ g, h′ = o ⊙ tanh(c′). Saved: i, f, g, o, c′. */
const lstm: Cell = {
  savedPerUnit: 5,
  forward(H, { a, u, saved, c }, out) {
    for (let j = 0; j < H; j++) {
      const i = sigmoid(a[j] + u[j]);
      const f = sigmoid(a[H + j] + u[H + j]);
      const g = Math.tanh(a[2 * H + j] + u[2 * H + j]);
      const o = sigmoid(a[3 * H + j] + u[3 * H + j]);
      const cNew = f * c[j] + i * g;
      saved[j] = i;
      saved[H + j] = f;
      saved[2 * H + j] = g;
      saved[3 * H + j] = o;
      saved[4 * H + j] = cNew;
      out[j] = o * Math.tanh(cNew);
    }
  },
  backward(H, { a, u, saved, c }, dh, dc) {
    for (let j = 0; j < H; j++) {
      const i = saved[j];
      const f = saved[H + j];
      const g = saved[2 * H + j];
      const o = saved[3 * H + j];
      const tanhC = Math.tanh(saved[4 * H + j]);
      const dcNew = dc[j] + dh[j] * o * (1 - tanhC * tanhC);
      a[j] = u[j] = dcNew * g * i * (1 - i);
      a[H + j] = u[H + j] = dcNew * c[j] * f * (1 - f);
      a[2 * H + j] = u[2 * H + j] = dcNew * i * (1 - g * g);
      a[3 * H + j] = u[3 * H + j] = dh[j] * tanhC * o * (1 - o);
      dc[j] = dcNew * f;
      dh[j] = 0;
    }
  },
  output(H, saved, out) {
    for (let j = 0; j < H; j++) out[j] = saved[3 * H + j] * Math.tanh(saved[4 * H + j]);
  },
};

/** r, z = σ(a + u), n = tanh(a + r ⊙ u), h′ = (1 − z) ⊙ n + z ⊙ h. Saved: r, z, n, and u of n. */
const gru: Cell = {
  savedPerUnit: 4,
  forward(H, { a, u, saved, h }, out) {
    for (let j = 0; j < H; j++) {
      const r = sigmoid(a[j] + u[j]);
      const z = sigmoid(a[H + j] + u[H + j]);
      const un = u[2 * H + j];
      const n = Math.tanh(a[2 * H + j] + r * un);
      saved[j] = r;
      saved[H + j] = z;
      saved[2 * H + j] = n;
      saved[3 * H + j] = un;
      out[j] = (1 - z) * n + z * h[j];
    }
  },
  backward(H, { a, u, saved, h }, dh) {
    for (let j = 0; j < H; j++) {
      const r = saved[j];
      const z = saved[H + j];
      const n = saved[2 * H + j];
      const un = saved[3 * H + j];
      const dn = dh[j] * (1 - z) * (1 - n * n);
      a[j] = u[j] = dn * un * r * (1 - r);
      a[H + j] = u[H + j] = dh[j] * (h[j] - n) * z * (1 - z);
      a[2 * H + j] = dn;
      u[2 * H + j] = dn * r;
      dh[j] *= z;
    }
  },
  output() {
    throw new Error("a GRU has no projection");
  },
};

export const CELLS: Record<CellKind, Cell> = {
  rnnTanh: rnn(Math.tanh, (y) => 1 - y * y),
  rnnRelu: rnn(
    (x) => (x < 0 ? 0 : x),
    (y) => (y <= 0 ? 0 : 1), // NaN lets it pass, as in PyTorch
  ),
  lstm,
  gru,
};
