/**
 * A pass over time, the reference: every sequence by itself, step by step, in double precision. See `../recurrent.ts` for
 * the equations and the letters.
 */

import { elementCount } from "../../tensor/shape.ts";
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
  return { savedBytes: 8 * passes * CELLS[cell].savedPerUnit * hiddenSize, workspaceBytes: 0, panelBytes: 0 };
}

/** What a pass needs in either direction, as plain arrays in double precision. */
class Pass {
  readonly cell: Cell;
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
  readonly P: number;
  /** W [G·H, I], U [G·H, P], R [P, H], row-major. */
  readonly W: Float64Array;
  readonly U: Float64Array;
  readonly R: Float64Array | null;
  /** The biases, zeros where there are none. */
  readonly b: Float64Array;
  readonly c: Float64Array;
  readonly #saved: Float64Array;
  readonly #call: RecurrentForward | RecurrentBackward;

  constructor(call: RecurrentForward | RecurrentBackward) {
    this.#call = call;
    this.cell = CELLS[call.cell];
    this.B = call.batch;
    this.T = call.steps;
    this.I = call.inputSize;
    this.H = call.hiddenSize;
    this.P = call.projSize || call.hiddenSize;
    const { weightIh, weightHh, biasIh, biasHh, weightHr } = call.weights;
    const rows = GATES[call.cell] * this.H;
    this.W = toDouble(weightIh);
    this.U = toDouble(weightHh);
    this.R = weightHr === null ? null : toDouble(weightHr);
    this.b = biasIh === null ? new Float64Array(rows) : toDouble(biasIh);
    this.c = biasHh === null ? new Float64Array(rows) : toDouble(biasHh);
    this.#saved = (call.saved as CpuStorage).as("float64") as Float64Array;
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
    return this.#saved.subarray(at, at + size);
  }
}

/** A copy of a contiguous view. */
function toDouble(view: View): Float64Array {
  const count = elementCount(view.shape);
  return Float64Array.from(numbersOf(view).subarray(view.offset, view.offset + count));
}

/** Rows of numbers in a view whose last axis is contiguous. */
class Rows {
  readonly #data: ReturnType<typeof numbersOf>;
  readonly #offset: number;
  readonly #strides: readonly number[];
  readonly #width: number;

  constructor(view: View) {
    this.#data = numbersOf(view);
    this.#offset = view.offset;
    this.#strides = view.strides;
    this.#width = view.shape[view.shape.length - 1];
  }

  static of(view: View | null): Rows | null {
    return view === null ? null : new Rows(view);
  }

  /** Where the row begins: `at(b)` in [B, …], `at(t, b)` in [T, B, …]. */
  at(i: number, j = 0): number {
    return this.#offset + i * this.#strides[0] + (this.#strides.length > 2 ? j * this.#strides[1] : 0);
  }

  read(start: number, out: Float64Array): void {
    for (let j = 0; j < this.#width; j++) out[j] = this.#data[start + j];
  }

  write(start: number, values: Float64Array): void {
    for (let j = 0; j < this.#width; j++) this.#data[start + j] = values[j];
  }

  add(start: number, values: Float64Array): void {
    for (let j = 0; j < this.#width; j++) this.#data[start + j] += values[j];
  }
}

/** `out [rows] = M [rows, K] · x [K] (+ bias)`; four rows at a time, so that their sums do not wait for one another. */
function multiply(out: Float64Array, M: Float64Array, x: Float64Array, K: number, bias: Float64Array | null): void {
  const rows = out.length;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const m0 = row * K;
    const m1 = m0 + K;
    const m2 = m1 + K;
    const m3 = m2 + K;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < K; k++) {
      const value = x[k];
      s0 += M[m0 + k] * value;
      s1 += M[m1 + k] * value;
      s2 += M[m2 + k] * value;
      s3 += M[m3 + k] * value;
    }
    out[row] = s0;
    out[row + 1] = s1;
    out[row + 2] = s2;
    out[row + 3] = s3;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += M[row * K + k] * x[k];
    out[row] = sum;
  }
  if (bias !== null) for (let i = 0; i < rows; i++) out[i] += bias[i];
}

/** `out [K] += Mᵀ · d [rows]`; four rows at a time, so that `out` is passed over less often. */
function addTransposed(out: Float64Array, M: Float64Array, d: Float64Array, K: number): void {
  const rows = d.length;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const m0 = row * K;
    const m1 = m0 + K;
    const m2 = m1 + K;
    const m3 = m2 + K;
    const d0 = d[row];
    const d1 = d[row + 1];
    const d2 = d[row + 2];
    const d3 = d[row + 3];
    for (let k = 0; k < K; k++) out[k] += M[m0 + k] * d0 + M[m1 + k] * d1 + M[m2 + k] * d2 + M[m3 + k] * d3;
  }
  for (; row < rows; row++) {
    for (let k = 0; k < K; k++) out[k] += M[row * K + k] * d[row];
  }
}

/** A sum of outer products, in double precision until it is written. */
class WeightGradient {
  readonly #sum: Float64Array;
  readonly #out: View;

  constructor(out: View) {
    this.#out = out;
    this.#sum = new Float64Array(elementCount(out.shape));
  }

  static of(out: View | null): WeightGradient | null {
    return out === null ? null : new WeightGradient(out);
  }

  /** `sum += d ⊗ x [K]` */
  add(d: Float64Array, x: Float64Array, K: number): void {
    const sum = this.#sum;
    for (let row = 0; row < d.length; row++) {
      const scale = d[row];
      const at = row * K;
      for (let k = 0; k < K; k++) sum[at + k] += scale * x[k];
    }
  }

  write(): void {
    numbersOf(this.#out).set(this.#sum, this.#out.offset);
  }
}

export function recurrentForward(call: RecurrentForward): void {
  const pass = new Pass(call);
  const { cell, B, T, I, H, P, W, U, R } = pass;
  const x = new Rows(call.x);
  const y = new Rows(call.y);
  const h0 = Rows.of(call.h0);
  const c0 = Rows.of(call.c0);
  const hn = new Rows(call.hn);
  const cn = Rows.of(call.cn);
  const xRow = new Float64Array(I);
  const a = new Float64Array(pass.b.length);
  const u = new Float64Array(pass.b.length);
  const h = new Float64Array(P);
  const c = new Float64Array(H);
  const out = R === null ? h : new Float64Array(H);
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
      x.read(x.at(t, b), xRow);
      multiply(a, W, xRow, I, pass.b);
      multiply(u, U, h, P, pass.c);
      cell.forward(H, { a, u, saved, c, h }, out);
      if (call.cell === "lstm") c.set(saved.subarray(4 * H));
      if (R !== null) multiply(h, R, out, H, null);
      y.write(y.at(t, b), h);
    }
    for (let t = length; t < T; t++) y.write(y.at(t, b), nothing);
    hn.write(hn.at(b), h);
    cn?.write(cn.at(b), c);
  }
}

export function recurrentBackward(call: RecurrentBackward): void {
  const pass = new Pass(call);
  const { cell, B, T, I, H, P, W, U, R } = pass;
  const x = new Rows(call.x);
  const y = new Rows(call.y);
  const h0 = Rows.of(call.h0);
  const c0 = Rows.of(call.c0);
  const dy = Rows.of(call.dy);
  const dhn = Rows.of(call.dhn);
  const dcn = Rows.of(call.dcn);
  const dx = Rows.of(call.dx);
  const dh0 = Rows.of(call.dh0);
  const dc0 = Rows.of(call.dc0);
  const dW = WeightGradient.of(call.dWeights.weightIh);
  const dU = WeightGradient.of(call.dWeights.weightHh);
  const db = WeightGradient.of(call.dWeights.biasIh);
  const dbHh = WeightGradient.of(call.dWeights.biasHh);
  const dR = WeightGradient.of(call.dWeights.weightHr);

  const one = Float64Array.of(1);
  const da = new Float64Array(pass.b.length);
  const du = new Float64Array(pass.b.length);
  const xRow = new Float64Array(I);
  const h = new Float64Array(P); // the state before the step
  const c = new Float64Array(H);
  const dh = new Float64Array(P);
  const dc = new Float64Array(H);
  const out = new Float64Array(H);
  const dOut = R === null ? dh : new Float64Array(H);
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
      if (R !== null) {
        cell.output(H, saved, out);
        dR?.add(dh, out, H);
        dOut.fill(0);
        addTransposed(dOut, R, dh, H);
        dh.fill(0);
      }
      cell.backward(H, { a: da, u: du, saved, c, h }, dOut, dc);
      addTransposed(dh, U, du, P);
      x.read(x.at(t, b), xRow);
      dW?.add(da, xRow, I);
      dU?.add(du, h, P);
      db?.add(da, one, 1);
      dbHh?.add(du, one, 1);
      if (dx !== null) {
        dxRow.fill(0);
        addTransposed(dxRow, W, da, I);
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
