/**
 * The WASM backend: the C++ kernels where a call is worth the copies in and out, the reference for all else.
 *
 * exp, log, tanh, σ and softmax always go to the kernels, however small: JavaScript engines differ in their last bits, and this way the
 * same program gives the same bits in every browser and in Node. Thresholds and figures: docs/decisions/wasm.md.
 */

import type { DType, TypedArray } from "../../tensor/dtype.ts";
import { elementCount } from "../../tensor/shape.ts";
import type { AdamStep, BinaryKernel, Operand, Reduction, SgdStep, UnaryKernel, View } from "../backend.ts";
import type { CpuStorage } from "../cpu-storage.ts";
import { BINARY_CODES, UNARY_CODES } from "../kernel-codes.ts";
import { isMatrix, isPlain } from "../plain-views.ts";
import type { RecurrentBackward, RecurrentForward, RecurrentShape, RecurrentSizes } from "../recurrent.ts";
import { ReferenceBackend } from "../reference/reference-backend.ts";
import { Arena, type Rows } from "./arena.ts";
import type { WasmKernels } from "./wasm-module.ts";
import { WasmRecurrence } from "./wasm-recurrence.ts";
import type { WasmThreads } from "./wasm-threads.ts";

export const WASM_INSTRUCTION_SETS = ["simd128", "relaxed"] as const;
export type WasmInstructionSet = (typeof WASM_INSTRUCTION_SETS)[number];

/** Elements from which a call pays for its copies; a function of more than one instruction always does. */
const UNARY_FROM = 32;
const BINARY_FROM = 32;
const SUM_FROM = 64;
const OPTIMISER_FROM = 64;
/** Elements of a parameter that are stepped at a time: so many that their copies stay in the second-level cache. */
const OPTIMISER_PART = 8192;
/** Multiplications from which a product does. */
const MATMUL_FROM = 512;

/** Elements that one call may bring into the memory. */
const LARGEST_CALL = 2 ** 27;

export class WasmBackend extends ReferenceBackend {
  override readonly name = "wasm";
  readonly instructionSet: WasmInstructionSet;
  readonly #loadThreads: () => WasmThreads | null;
  #kernels: WasmKernels;
  #arena: Arena;
  #recurrence: WasmRecurrence;
  #team: WasmThreads | null = null;
  #threads = 1;

  /** @param loadThreads the module with threads, for when more than one is wanted; null where there can be none */
  constructor(
    kernels: WasmKernels,
    instructionSet: WasmInstructionSet,
    loadThreads: () => WasmThreads | null = () => null,
  ) {
    super();
    this.instructionSet = instructionSet;
    this.#loadThreads = loadThreads;
    this.#kernels = kernels;
    this.#arena = new Arena(kernels);
    this.#recurrence = new WasmRecurrence(kernels, this.#arena);
  }

  override get threads(): number {
    return this.#threads;
  }

  /** 0 for the default: REFRAIN_THREADS or one. It stays one where there can be no more. */
  override setThreads(threads: number): void {
    const count = threads || Number(globalThis.process?.env?.REFRAIN_THREADS) || 1;
    if (count > 1 && this.#team === null) {
      this.#team = this.#loadThreads();
      if (this.#team !== null) this.#moveTo(this.#team.kernels);
    }
    if (this.#team !== null) this.#threads = this.#team.set(count);
  }

  /** Of the threads asked for, those that have arrived. */
  get threadsPresent(): number {
    return this.#team === null ? 1 : Math.min(this.#threads, this.#team.present);
  }

  #moveTo(kernels: WasmKernels): void {
    this.#recurrence.settleAll();
    this.#kernels = kernels;
    this.#arena = new Arena(kernels);
    this.#recurrence = new WasmRecurrence(kernels, this.#arena);
  }

  override describe(): string {
    return `wasm (C++, ${this.instructionSet}, ${this.#threads} thread${this.#threads === 1 ? "" : "s"})`;
  }

  override elements(storage: CpuStorage, dtype: DType): TypedArray {
    this.#recurrence.settle(storage);
    return super.elements(storage, dtype);
  }

  override copy(x: View, out: View): void {
    this.#recurrence.settle(x.storage);
    super.copy(x, out);
  }

  override unary(kernel: UnaryKernel, x: View, out: View): void {
    const code = UNARY_CODES[kernel];
    const n = elementCount(out.shape);
    if (
      code === undefined ||
      (n < UNARY_FROM && code < UNARY_CODES.exp!) ||
      n > LARGEST_CALL ||
      elementCount(x.shape) !== n ||
      !isPlain(x) ||
      !isPlain(out)
    ) {
      super.unary(kernel, x, out);
      return;
    }
    const arena = this.#arena;
    arena.begin();
    const at = arena.plainIn(x, n);
    this.#kernels.unary(code, at, at, n);
    arena.plainOut(at, out, n);
  }

  override binary(kernel: BinaryKernel, x: Operand, y: Operand, out: View): void {
    const code = BINARY_CODES[kernel];
    const n = elementCount(out.shape);
    const xCount = code === undefined || n < BINARY_FROM || n > LARGEST_CALL || !isPlain(out) ? 0 : rowOf(x, out, n);
    const yCount = xCount === 0 ? 0 : rowOf(y, out, n);
    if (code === undefined || yCount === 0 || (xCount > 1 && yCount > 1 && xCount !== n && yCount !== n)) {
      super.binary(kernel, x, y, out);
      return;
    }
    // A row is repeated: where one operand has fewer elements, `out` is as many rows of that many.
    const columns = Math.min(xCount > 1 ? xCount : n, yCount > 1 ? yCount : n);
    const arena = this.#arena;
    arena.begin();
    const left = this.#operand(x, xCount);
    const right = this.#operand(y, yCount);
    const to = arena.room(n);
    const xRow = xCount === n ? columns : 0;
    const yRow = yCount === n ? columns : 0;
    this.#kernels.binary(
      ...([code, left, xRow, xCount > 1 ? 1 : 0, right, yRow, yCount > 1 ? 1 : 0] as const),
      ...([to, n / columns, columns] as const),
    );
    arena.plainOut(to, out, n);
  }

  #operand(operand: Operand, count: number): number {
    return typeof operand === "object" ? this.#arena.plainIn(operand, count) : this.#arena.number(Number(operand));
  }

  override accumulate(x: View, out: View, scale: number): void {
    const n = elementCount(out.shape);
    if (n < BINARY_FROM || n > LARGEST_CALL || !isPlain(x) || !isPlain(out)) {
      super.accumulate(x, out, scale);
      return;
    }
    const arena = this.#arena;
    arena.begin();
    const from = arena.plainIn(x, n);
    const to = arena.plainIn(out, n);
    this.#kernels.accumulate(from, scale, to, n);
    arena.plainOut(to, out, n);
  }

  override reduce(kernel: Reduction, x: View, out: View): void {
    const n = elementCount(x.shape);
    const sizes =
      kernel === "sum" && n >= SUM_FROM && n <= LARGEST_CALL && isPlain(x) && isPlain(out)
        ? aroundReduced(x, out)
        : null;
    if (sizes === null) {
      super.reduce(kernel, x, out);
      return;
    }
    const [outer, reduced, inner] = sizes;
    const arena = this.#arena;
    arena.begin();
    const from = arena.plainIn(x, n);
    const to = arena.room(outer * inner);
    this.#kernels.sum(from, to, outer, reduced, inner);
    arena.plainOut(to, out, outer * inner);
  }

  override softmax(x: View, axis: number, out: View): void {
    if (!this.#softmax(x, axis, out, 0)) super.softmax(x, axis, out);
  }

  override logSoftmax(x: View, axis: number, out: View): void {
    if (!this.#softmax(x, axis, out, 1)) super.logSoftmax(x, axis, out);
  }

  #softmax(x: View, axis: number, out: View, logarithm: number): boolean {
    const n = elementCount(x.shape);
    if (axis !== x.shape.length - 1 || n > LARGEST_CALL || !isPlain(x) || !isPlain(out)) return false;
    const arena = this.#arena;
    arena.begin();
    const from = arena.plainIn(x, n);
    const to = arena.room(n);
    this.#kernels.softmax(from, to, n / x.shape[axis], x.shape[axis], logarithm);
    arena.plainOut(to, out, n);
    return true;
  }

  override matmul(a: View, b: View, out: View, bias: View | null, accumulate: boolean): void {
    const [M, K] = a.shape;
    const N = b.shape[1];
    if (
      M * N * K < MATMUL_FROM ||
      M * K + K * N + M * N > LARGEST_CALL ||
      !isMatrix(a) ||
      !isMatrix(b) ||
      !isMatrix(out) ||
      (out.strides[1] !== 1 && N > 1) ||
      (bias !== null && !isPlain(bias))
    ) {
      super.matmul(a, b, out, bias, accumulate);
      return;
    }
    const arena = this.#arena;
    arena.begin();
    const left = arena.rowsIn(elementsOf(a));
    const right = arena.rowsIn(elementsOf(b));
    const rows: Rows = {
      ...{ storage: out.storage, offset: out.offset, outer: 1, inner: M, length: N },
      ...{ outerStride: 0, innerStride: M > 1 ? out.strides[0] : N },
    };
    const to = arena.rowsOut(rows, accumulate);
    arena.write(M);
    arena.write(N);
    arena.write(K);
    arena.write(left.address);
    arena.write(right.address);
    arena.write(bias === null ? 0 : arena.plainIn(bias, N));
    arena.write(left.outerStride);
    arena.write(left.innerStride);
    arena.write(right.outerStride);
    arena.write(right.innerStride);
    arena.write(to.address);
    arena.write(to.innerStride);
    arena.write(accumulate ? 1 : 0);
    arena.write(arena.room(this.#kernels.matmulWorkspace(arena.call) / 4));
    this.#kernels.matmul(arena.call);
    arena.finish(rows, to);
  }

  override recurrentSizes(shape: RecurrentShape): RecurrentSizes {
    return this.#recurrence.takes(shape) ? this.#recurrence.sizes(shape) : super.recurrentSizes(shape);
  }

  override recurrentForward(call: RecurrentForward): void {
    if (this.#recurrence.takes(call)) this.#recurrence.forward(call);
    else super.recurrentForward(call);
  }

  override recurrentBackward(call: RecurrentBackward): void {
    if (this.#recurrence.takes(call)) this.#recurrence.backward(call);
    else super.recurrentBackward(call);
  }

  override squaredErrorSum(x: View, y: View, scale: number, out: View): void {
    const n = elementCount(x.shape);
    if (n < SUM_FROM || n > LARGEST_CALL || !isPlain(x) || !isPlain(y) || !isPlain(out)) {
      super.squaredErrorSum(x, y, scale, out);
      return;
    }
    const arena = this.#arena;
    arena.begin();
    const left = arena.plainIn(x, n);
    const right = arena.plainIn(y, n);
    const sum = this.#kernels.squaredErrorSum(left, right, n);
    arena.copyOut(arena.number(sum * scale), out.storage, out.offset, 1);
  }

  override squaredNorm(views: readonly View[]): number {
    const arena = this.#arena;
    let sum = 0;
    for (const view of views) {
      const n = elementCount(view.shape);
      if (n < SUM_FROM || n > LARGEST_CALL || !isPlain(view)) {
        sum += super.squaredNorm([view]);
        continue;
      }
      arena.begin();
      sum += this.#kernels.squaredNorm(arena.plainIn(view, n), n);
    }
    return sum;
  }

  override sgdStep(
    parameters: readonly View[],
    gradients: readonly View[],
    velocities: readonly View[],
    step: SgdStep,
  ): void {
    const arena = this.#arena;
    for (let k = 0; k < parameters.length; k++) {
      const parameter = parameters[k];
      const gradient = gradients[k];
      const velocity = velocities.length > 0 ? velocities[k] : null;
      const n = elementCount(parameter.shape);
      if (
        n < OPTIMISER_FROM ||
        n > LARGEST_CALL ||
        !isPlain(parameter) ||
        !isPlain(gradient) ||
        (velocity !== null && !isPlain(velocity))
      ) {
        super.sgdStep([parameter], [gradient], velocity === null ? [] : [velocity], step);
        continue;
      }
      arena.begin();
      const p = arena.plainIn(parameter, n);
      const g = arena.plainIn(gradient, n);
      const v = velocity === null ? 0 : arena.plainIn(velocity, n);
      const { learningRate, momentum, dampening, weightDecay } = step;
      const [nesterov, maximize, first] = [step.nesterov ? 1 : 0, step.maximize ? 1 : 0, step.first ? 1 : 0];
      this.#kernels.sgd(learningRate, momentum, dampening, weightDecay, nesterov, maximize, first, p, g, v, n);
      arena.plainOut(p, parameter, n);
      if (velocity !== null) arena.plainOut(v, velocity, n);
    }
  }

  override adamStep(
    parameters: readonly View[],
    gradients: readonly View[],
    means: readonly View[],
    squares: readonly View[],
    step: AdamStep,
  ): void {
    const arena = this.#arena;
    const { learningRate, beta1, beta2, epsilon, weightDecay } = step;
    const decoupled = step.decoupled ? 1 : 0;
    const maximize = step.maximize ? 1 : 0;
    for (let k = 0; k < parameters.length; k++) {
      const parameter = parameters[k];
      const gradient = gradients[k];
      const mean = means[k];
      const square = squares[k];
      const n = elementCount(parameter.shape);
      if (n < OPTIMISER_FROM || !isPlain(parameter) || !isPlain(gradient) || !isPlain(mean) || !isPlain(square)) {
        super.adamStep([parameter], [gradient], [mean], [square], step);
        continue;
      }
      for (let start = 0; start < n; start += OPTIMISER_PART) {
        const count = Math.min(OPTIMISER_PART, n - start);
        arena.begin();
        const p = arena.copyIn(parameter.storage, parameter.offset + start, count);
        const g = arena.copyIn(gradient.storage, gradient.offset + start, count);
        const m = arena.copyIn(mean.storage, mean.offset + start, count);
        const v = arena.copyIn(square.storage, square.offset + start, count);
        this.#kernels.adam(
          ...([learningRate, beta1, beta2, epsilon, weightDecay, decoupled, maximize, step.step] as const),
          ...([p, g, m, v, count] as const),
        );
        arena.copyOut(p, parameter.storage, parameter.offset + start, count);
        arena.copyOut(m, mean.storage, mean.offset + start, count);
        arena.copyOut(v, square.storage, square.offset + start, count);
      }
    }
  }
}

/** Elements of an operand that is repeated row by row to fill `out`, 1 for a number, n for all of it; 0 where it is none of these. */
function rowOf(operand: Operand, out: View, n: number): number {
  if (typeof operand !== "object") return 1;
  if (!isPlain(operand)) return 0;
  const count = elementCount(operand.shape);
  if (count === 1 || count === n) return count;
  let rest = count;
  for (let back = 1; rest > 1; back++) {
    const size = operand.shape[operand.shape.length - back];
    if (size !== out.shape[out.shape.length - back]) return 0;
    rest /= size;
  }
  return count;
}

/** A matrix as rows of one element each: any two strides. */
const elementsOf = ({ storage, offset, shape, strides }: View): Rows => ({
  storage,
  offset,
  outer: shape[0],
  inner: shape[1],
  length: 1,
  outerStride: strides[0],
  innerStride: strides[1],
});

/** Elements before, along and behind the reduced axes of x, or null if those are not neighbours. */
function aroundReduced(x: View, out: View): [number, number, number] | null {
  const sizes: [number, number, number] = [1, 1, 1];
  let part = 0;
  for (let axis = 0; axis < x.shape.length; axis++) {
    if (x.shape[axis] === 1) continue;
    const reduced = out.shape[axis] === 1;
    if (reduced && part === 0) part = 1;
    else if (!reduced && part === 1) part = 2;
    else if (reduced && part === 2) return null;
    sizes[part] *= x.shape[axis];
  }
  return sizes;
}
