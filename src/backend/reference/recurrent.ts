/**
 * A pass over time, the reference: every sequence by itself, step by step, in double precision. See `../recurrent.ts` for
 * the equations and the letters.
 */

import type { View } from "../backend.ts";
import { type CpuStorage, numbersOf } from "../cpu-storage.ts";
import {
  GATES,
  type RecurrentBackward,
  type RecurrentForward,
  type RecurrentShape,
  type RecurrentSizes,
} from "../recurrent.ts";
import { CELLS, type Cell } from "./cells.ts";

export function recurrentSizes({ cell, batch, steps, hiddenSize, training }: RecurrentShape): RecurrentSizes {
  const passes = training ? steps * batch : 1;
  return { savedBytes: 8 * passes * CELLS[cell].savedPerUnit * hiddenSize, workspaceBytes: 0 };
}

/** What a pass needs in either direction, as plain arrays. */
class Pass {
  readonly cell: Cell;
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
  readonly P: number;
  readonly GH: number;
  readonly W: Matrix;
  readonly U: Matrix;
  readonly R: Matrix | null;
  readonly b: Matrix | null;
  readonly c: Matrix | null;
  readonly saved: Float64Array;
  readonly #call: RecurrentForward | RecurrentBackward;

  constructor(call: RecurrentForward | RecurrentBackward) {
    this.#call = call;
    this.cell = CELLS[call.cell];
    this.B = call.batch;
    this.T = call.steps;
    this.I = call.inputSize;
    this.H = call.hiddenSize;
    this.P = call.projSize || call.hiddenSize;
    this.GH = GATES[call.cell] * call.hiddenSize;
    const { weightIh, weightHh, biasIh, biasHh, weightHr } = call.weights;
    this.W = new Matrix(weightIh);
    this.U = new Matrix(weightHh);
    this.R = Matrix.of(weightHr);
    this.b = Matrix.of(biasIh);
    this.c = Matrix.of(biasHh);
    this.saved = (call.saved as CpuStorage).as("float64") as Float64Array;
  }

  length(b: number): number {
    return this.#call.lengths?.[b] ?? this.T;
  }

  /** Where in time the pass stands at its step s. */
  time(s: number, b: number): number {
    return this.#call.reverse ? this.length(b) - 1 - s : s;
  }

  /** The saved state of step s of sequence b. */
  stateAt(s: number, b: number): Float64Array {
    const size = this.cell.savedPerUnit * this.H;
    const at = this.#call.training ? (s * this.B + b) * size : 0;
    return this.saved.subarray(at, at + size);
  }
}

/** Rows of numbers in a view whose last axis is contiguous. */
class Matrix {
  readonly data: Exclude<ReturnType<typeof numbersOf>, never>;
  readonly #offset: number;
  readonly #strides: readonly number[];
  readonly #width: number;

  constructor(view: View) {
    this.data = numbersOf(view);
    this.#offset = view.offset;
    this.#strides = view.strides;
    this.#width = view.shape[view.shape.length - 1];
  }

  static of(view: View | null): Matrix | null {
    return view === null ? null : new Matrix(view);
  }

  /** Where the row begins: `at(b)` in [B, …], `at(t, b)` in [T, B, …]. */
  at(i: number, j = 0): number {
    return this.#offset + i * this.#strides[0] + (this.#strides.length > 2 ? j * this.#strides[1] : 0);
  }

  read(start: number, out: Float64Array): void {
    for (let j = 0; j < this.#width; j++) out[j] = this.data[start + j];
  }

  write(start: number, values: Float64Array): void {
    for (let j = 0; j < this.#width; j++) this.data[start + j] = values[j];
  }

  add(start: number, values: Float64Array): void {
    for (let j = 0; j < this.#width; j++) this.data[start + j] += values[j];
  }
}

/** `out [rows] = bias + M [rows, K] · x[at … at + K]` */
function multiply(
  out: Float64Array,
  M: Matrix,
  bias: Matrix | null,
  x: ArrayLike<number>,
  at: number,
  K: number,
): void {
  for (let row = 0; row < out.length; row++) {
    const m = M.at(row);
    let sum = bias === null ? 0 : bias.data[bias.at(0) + row];
    for (let k = 0; k < K; k++) sum += M.data[m + k] * x[at + k];
    out[row] = sum;
  }
}

/** `out [K] += Mᵀ · d [rows]` */
function multiplyTransposed(out: Float64Array, M: Matrix, d: Float64Array, rows: number, K: number): void {
  for (let row = 0; row < rows; row++) {
    const m = M.at(row);
    const scale = d[row];
    for (let k = 0; k < K; k++) out[k] += M.data[m + k] * scale;
  }
}

/** Sums of outer products, in double precision until they are written. */
class WeightGradient {
  readonly #sum: Float64Array;
  readonly #width: number;
  readonly #out: View;

  constructor(out: View) {
    this.#out = out;
    this.#width = out.shape.length === 1 ? 1 : out.shape[1];
    this.#sum = new Float64Array(out.shape[0] * this.#width);
  }

  static of(out: View | null): WeightGradient | null {
    return out === null ? null : new WeightGradient(out);
  }

  /** `sum += d ⊗ x[at … at + K]` */
  add(d: Float64Array, rows: number, x: ArrayLike<number>, at: number): void {
    const K = this.#width;
    for (let row = 0; row < rows; row++) {
      const scale = d[row];
      if (scale === 0) continue;
      for (let k = 0; k < K; k++) this.#sum[row * K + k] += scale * x[at + k];
    }
  }

  write(): void {
    const data = numbersOf(this.#out);
    for (let i = 0; i < this.#sum.length; i++) data[this.#out.offset + i] = this.#sum[i];
  }
}

export function recurrentForward(call: RecurrentForward): void {
  const pass = new Pass(call);
  const { cell, B, T, I, H, P, GH } = pass;
  const x = new Matrix(call.x);
  const y = new Matrix(call.y);
  const h0 = Matrix.of(call.h0);
  const c0 = Matrix.of(call.c0);
  const hn = new Matrix(call.hn);
  const cn = Matrix.of(call.cn);
  const a = new Float64Array(GH);
  const u = new Float64Array(GH);
  const h = new Float64Array(P);
  const c = new Float64Array(H);
  const out = pass.R === null ? h : new Float64Array(H);
  const nothing = new Float64Array(P);

  for (let b = 0; b < B; b++) {
    h.fill(0);
    c.fill(0);
    h0?.read(h0.at(b), h);
    c0?.read(c0.at(b), c);
    const length = pass.length(b);
    for (let s = 0; s < length; s++) {
      const t = pass.time(s, b);
      const saved = pass.stateAt(s, b);
      multiply(a, pass.W, pass.b, x.data, x.at(t, b), I);
      multiply(u, pass.U, pass.c, h, 0, P);
      cell.forward(H, { a, u, saved, c, h }, out);
      if (call.cell === "lstm") c.set(saved.subarray(4 * H));
      if (pass.R !== null) multiply(h, pass.R, null, out, 0, H);
      y.write(y.at(t, b), h);
    }
    for (let t = length; t < T; t++) y.write(y.at(t, b), nothing);
    hn.write(hn.at(b), h);
    cn?.write(cn.at(b), c);
  }
}

export function recurrentBackward(call: RecurrentBackward): void {
  const pass = new Pass(call);
  const { cell, B, T, I, H, P, GH } = pass;
  const x = new Matrix(call.x);
  const y = new Matrix(call.y);
  const h0 = Matrix.of(call.h0);
  const c0 = Matrix.of(call.c0);
  const dy = Matrix.of(call.dy);
  const dhn = Matrix.of(call.dhn);
  const dcn = Matrix.of(call.dcn);
  const dx = Matrix.of(call.dx);
  const dh0 = Matrix.of(call.dh0);
  const dc0 = Matrix.of(call.dc0);
  const dW = WeightGradient.of(call.dWeights.weightIh);
  const dU = WeightGradient.of(call.dWeights.weightHh);
  const db = WeightGradient.of(call.dWeights.biasIh);
  const dbHh = WeightGradient.of(call.dWeights.biasHh);
  const dR = WeightGradient.of(call.dWeights.weightHr);

  const one = [1];
  const a = new Float64Array(GH); // W x + b is not needed again: its place holds the gradient
  const u = new Float64Array(GH);
  const h = new Float64Array(P); // the state before the step
  const c = new Float64Array(H);
  const dh = new Float64Array(P);
  const dc = new Float64Array(H);
  const out = new Float64Array(H);
  const dOut = pass.R === null ? dh : new Float64Array(H);
  const dxRow = new Float64Array(I);
  const incoming = new Float64Array(P);

  for (let b = 0; b < B; b++) {
    const length = pass.length(b);
    dh.fill(0);
    dc.fill(0);
    dhn?.read(dhn.at(b), dh);
    dcn?.read(dcn.at(b), dc);
    for (let s = length - 1; s >= 0; s--) {
      const t = pass.time(s, b);
      const saved = pass.stateAt(s, b);
      h.fill(0);
      c.fill(0);
      if (s > 0) {
        y.read(y.at(pass.time(s - 1, b), b), h);
        if (call.cell === "lstm") c.set(pass.stateAt(s - 1, b).subarray(4 * H));
      } else {
        h0?.read(h0.at(b), h);
        c0?.read(c0.at(b), c);
      }
      if (dy !== null) {
        dy.read(dy.at(t, b), incoming);
        for (let j = 0; j < P; j++) dh[j] += incoming[j];
      }
      if (pass.R !== null) {
        cell.output(H, saved, out);
        dR?.add(dh, P, out, 0);
        dOut.fill(0);
        multiplyTransposed(dOut, pass.R, dh, P, H);
        dh.fill(0);
      }
      cell.backward(H, { a, u, saved, c, h }, dOut, dc);
      multiplyTransposed(dh, pass.U, u, GH, P);
      dW?.add(a, GH, x.data, x.at(t, b));
      dU?.add(u, GH, h, 0);
      db?.add(a, GH, one, 0);
      dbHh?.add(u, GH, one, 0);
      if (dx !== null) {
        dxRow.fill(0);
        multiplyTransposed(dxRow, pass.W, a, GH, I);
        if (call.accumulateDx) dx.add(dx.at(t, b), dxRow);
        else dx.write(dx.at(t, b), dxRow);
      }
    }
    if (dx !== null && !call.accumulateDx) {
      dxRow.fill(0);
      for (let t = length; t < T; t++) dx.write(dx.at(t, b), dxRow);
    }
    dh0?.write(dh0.at(b), dh);
    dc0?.write(dc0.at(b), dc);
  }
  for (const gradient of [dW, dU, db, dbHh, dR]) gradient?.write();
}
