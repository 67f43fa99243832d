/**
 * The native backend: C++ for float32 in the layouts that training meets, the reference for all else.
 *
 * Each method writes its numbers into the bound array in the order in which the function of the same name in `kernels/node.cc` reads
 * them, and passes the buffers.
 */

import { elementCount } from "../../tensor/shape.ts";
import type { AdamStep, BinaryKernel, Operand, Reduction, SgdStep, UnaryKernel, View } from "../backend.ts";
import type { CpuStorage } from "../cpu-storage.ts";
import { joinAxes } from "../joined-axes.ts";
import { BINARY_CODES, UNARY_CODES } from "../kernel-codes.ts";
import { isMatrix, isPlain } from "../plain-views.ts";
import type { RecurrentBackward, RecurrentForward, RecurrentShape, RecurrentSizes } from "../recurrent.ts";
import { ReferenceBackend } from "../reference/reference-backend.ts";
import { type Addon, bufferOf, bufferOrNull, offsetOf } from "./addon.ts";
import { NativeRecurrence } from "./native-recurrence.ts";

/** Bytes from which on a storage holds several pages of 2 MB. */
const WORTH_LARGE_PAGES = 6 * 2 ** 20;

export class NativeBackend extends ReferenceBackend {
  override readonly name = "native";
  readonly #addon: Addon;
  readonly #numbers: Float64Array;
  readonly #recurrence: NativeRecurrence;
  #threads = 1;
  /** Of matmul, as large as any call has needed. No storage, as a small one shares its buffer with others. */
  #workspace = new ArrayBuffer(0);

  constructor(addon: Addon, numbers: Float64Array) {
    super();
    this.#addon = addon;
    this.#numbers = numbers;
    this.#recurrence = new NativeRecurrence(addon, numbers);
    this.setThreads(0);
  }

  override describe(): string {
    return `native (C++, ${this.instructionSet}, ${this.threads} thread${this.threads === 1 ? "" : "s"})`;
  }

  get instructionSet(): string {
    return this.#addon.setInstructionSet();
  }

  /** Computes with another of the instruction sets that this processor has. Results may differ in the last bits. */
  setInstructionSet(name: "avx512" | "avx2" | "baseline"): void {
    const now = this.#addon.setInstructionSet(name);
    this.#recurrence.forgetSizes();
    if (now !== name) throw new RangeError(`setInstructionSet: this processor has no ${name}; in use: ${now}`);
  }

  override get threads(): number {
    return this.#threads;
  }

  /**
   * How many threads a call may use; 0 for the default, REFRAIN_THREADS or as many as there are processors. The results do not depend on it.
   */
  override setThreads(count: number): void {
    this.#numbers[0] = count;
    this.#addon.setThreads();
    this.#threads = this.#numbers[0];
  }

  override allocate(byteLength: number): CpuStorage {
    return this.#inLargePages(super.allocate(byteLength));
  }

  override allocateUnfilled(byteLength: number): CpuStorage {
    return this.#inLargePages(super.allocateUnfilled(byteLength));
  }

  #inLargePages(storage: CpuStorage): CpuStorage {
    if (storage.byteLength >= WORTH_LARGE_PAGES) this.#addon.preferLargePages(storage.buffer);
    return storage;
  }

  override copy(x: View, out: View): void {
    if (x.dtype !== "float32" || out.dtype !== "float32" || elementCount(out.shape) === 0) {
      super.copy(x, out);
      return;
    }
    const { sizes, strides } = joinAxes(out.shape, [x, out]);
    const missing = 4 - sizes.length;
    if (missing < 0 || strides[0].some(isNegative) || strides[1].some(isNegative)) {
      super.copy(x, out);
      return;
    }
    const n = this.#numbers;
    let i = 0;
    for (let axis = 0; axis < 4; axis++) {
      const from = axis - missing;
      n[i++] = from < 0 ? 1 : sizes[from];
      n[i++] = from < 0 ? 0 : strides[0][from];
      n[i++] = from < 0 ? 0 : strides[1][from];
    }
    n[i++] = offsetOf(x);
    n[i++] = offsetOf(out);
    this.#addon.copy(bufferOf(x), bufferOf(out));
  }

  override unary(kernel: UnaryKernel, x: View, out: View): void {
    const code = UNARY_CODES[kernel];
    if (code === undefined || !isPlain(x) || !isPlain(out)) {
      super.unary(kernel, x, out);
      return;
    }
    const n = this.#numbers;
    n[0] = code;
    n[1] = elementCount(out.shape);
    n[2] = offsetOf(x);
    n[3] = offsetOf(out);
    this.#addon.unary(bufferOf(x), bufferOf(out));
  }

  override binary(kernel: BinaryKernel, x: Operand, y: Operand, out: View): void {
    const code = BINARY_CODES[kernel];
    if (code === undefined || !isPlain(out) || !isFloat32(x) || !isFloat32(y)) {
      super.binary(kernel, x, y, out);
      return;
    }
    const count = elementCount(out.shape);
    const plain = isNumberOrPlain(x, count) && isNumberOrPlain(y, count);
    const { sizes, strides } = plain ? PLAIN : joinAxes(out.shape, [out, x, y].filter(isView));
    if (sizes.length > 2) {
      super.binary(kernel, x, y, out);
      return;
    }
    const columns = plain ? count : (sizes[sizes.length - 1] ?? 1);
    const rows = sizes.length === 2 ? sizes[0] : 1;
    const n = this.#numbers;
    n[0] = code;
    n[1] = rows;
    n[2] = columns;
    let i = 3;
    let view = 1;
    for (const operand of [x, y]) {
      const isNumber = typeof operand !== "object";
      const along = isNumber || plain ? null : strides[view];
      const step = along === null ? 1 : (along[along.length - 1] ?? 1);
      const row = along !== null && along.length === 2 ? along[0] : 0;
      if (row < 0 || step < 0 || step > 1) {
        super.binary(kernel, x, y, out);
        return;
      }
      if (!isNumber) view++;
      n[i++] = isNumber ? 1 : 0;
      n[i++] = isNumber ? Number(operand) : 0;
      n[i++] = row;
      n[i++] = isNumber ? 0 : step;
      n[i++] = isNumber ? 0 : offsetOf(operand);
    }
    n[i++] = columns;
    n[i++] = offsetOf(out);
    this.#addon.binary(bufferOrNone(x), bufferOrNone(y), bufferOf(out));
  }

  override accumulate(x: View, out: View, scale: number): void {
    if (!isPlain(x) || !isPlain(out)) {
      super.accumulate(x, out, scale);
      return;
    }
    const n = this.#numbers;
    n[0] = elementCount(out.shape);
    n[1] = scale;
    n[2] = offsetOf(x);
    n[3] = offsetOf(out);
    this.#addon.accumulate(bufferOf(x), bufferOf(out));
  }

  override reduce(kernel: Reduction, x: View, out: View): void {
    if (kernel !== "sum" || !isPlain(x) || !isPlain(out)) {
      super.reduce(kernel, x, out);
      return;
    }
    // The reduced axes must be neighbours: outer · reduced · inner.
    const sizes = [1, 1, 1];
    let part = 0;
    for (let axis = 0; axis < x.shape.length; axis++) {
      if (x.shape[axis] === 1) continue;
      const reduced = out.shape[axis] === 1;
      if (reduced && part === 0) part = 1;
      else if (!reduced && part === 1) part = 2;
      else if (reduced && part === 2) {
        super.reduce(kernel, x, out);
        return;
      }
      sizes[part] *= x.shape[axis];
    }
    const n = this.#numbers;
    n[0] = sizes[0];
    n[1] = sizes[1];
    n[2] = sizes[2];
    n[3] = offsetOf(x);
    n[4] = offsetOf(out);
    this.#addon.sum(bufferOf(x), bufferOf(out));
  }

  override softmax(x: View, axis: number, out: View): void {
    if (!this.#softmax(x, axis, out, false)) super.softmax(x, axis, out);
  }

  override logSoftmax(x: View, axis: number, out: View): void {
    if (!this.#softmax(x, axis, out, true)) super.logSoftmax(x, axis, out);
  }

  #softmax(x: View, axis: number, out: View, logarithm: boolean): boolean {
    if (axis !== x.shape.length - 1 || !isPlain(x) || !isPlain(out)) return false;
    const n = this.#numbers;
    n[0] = elementCount(x.shape) / x.shape[axis];
    n[1] = x.shape[axis];
    n[2] = logarithm ? 1 : 0;
    n[3] = offsetOf(x);
    n[4] = offsetOf(out);
    this.#addon.softmax(bufferOf(x), bufferOf(out));
    return true;
  }

  override matmul(a: View, b: View, out: View, bias: View | null, accumulate: boolean): void {
    const [M, K] = a.shape;
    const N = b.shape[1];
    if (
      !isMatrix(a) ||
      !isMatrix(b) ||
      !isMatrix(out) ||
      (out.strides[1] !== 1 && N > 1) ||
      (bias !== null && !isPlain(bias))
    ) {
      super.matmul(a, b, out, bias, accumulate);
      return;
    }
    const n = this.#numbers;
    n[1] = N;
    n[2] = K;
    n[3] = a.strides[0];
    n[4] = a.strides[1];
    n[5] = b.strides[0];
    n[6] = b.strides[1];
    n[7] = out.strides[0];
    n[8] = accumulate ? 1 : 0;
    n[9] = offsetOf(a);
    n[10] = offsetOf(b);
    n[11] = bias === null ? 0 : offsetOf(bias);
    n[12] = offsetOf(out);
    n[13] = 0;
    for (;;) {
      n[0] = M;
      this.#addon.matmul(bufferOf(a), bufferOf(b), bias && bufferOf(bias), bufferOf(out), this.#workspace);
      if (n[0] === 0) return;
      this.#workspace = new ArrayBuffer(n[0]);
    }
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
    if (!isPlain(x) || !isPlain(y) || out.dtype !== "float32") {
      super.squaredErrorSum(x, y, scale, out);
      return;
    }
    const n = this.#numbers;
    n[0] = elementCount(x.shape);
    n[1] = scale;
    n[2] = offsetOf(x);
    n[3] = offsetOf(y);
    n[4] = offsetOf(out);
    this.#addon.squaredErrorSum(bufferOf(x), bufferOf(y), bufferOf(out));
  }

  override squaredNorm(views: readonly View[]): number {
    const n = this.#numbers;
    let sum = 0;
    for (const view of views) {
      if (!isPlain(view)) {
        sum += super.squaredNorm([view]);
        continue;
      }
      n[0] = elementCount(view.shape);
      n[1] = offsetOf(view);
      this.#addon.squaredNorm(bufferOf(view));
      sum += n[0];
    }
    return sum;
  }

  override sgdStep(
    parameters: readonly View[],
    gradients: readonly View[],
    velocities: readonly View[],
    step: SgdStep,
  ): void {
    const n = this.#numbers;
    n[0] = step.learningRate;
    n[1] = step.momentum;
    n[2] = step.dampening;
    n[3] = step.weightDecay;
    n[4] = step.nesterov ? 1 : 0;
    n[5] = step.maximize ? 1 : 0;
    n[6] = step.first ? 1 : 0;
    const lists = velocities.length > 0 ? [parameters, gradients, velocities] : [parameters, gradients];
    this.#stepInCalls(lists, 3, 7, this.#addon.sgd, (k) => {
      super.sgdStep([parameters[k]], [gradients[k]], velocities.slice(k, k + 1), step);
    });
  }

  override adamStep(
    parameters: readonly View[],
    gradients: readonly View[],
    means: readonly View[],
    squares: readonly View[],
    step: AdamStep,
  ): void {
    const n = this.#numbers;
    n[0] = step.learningRate;
    n[1] = step.beta1;
    n[2] = step.beta2;
    n[3] = step.epsilon;
    n[4] = step.weightDecay;
    n[5] = step.decoupled ? 1 : 0;
    n[6] = step.maximize ? 1 : 0;
    n[7] = step.step;
    this.#stepInCalls([parameters, gradients, means, squares], 4, 8, this.#addon.adam, (k) => {
      super.adamStep([parameters[k]], [gradients[k]], [means[k]], [squares[k]], step);
    });
  }

  /**
   * Steps all parameters, `PARAMETERS_PER_CALL` in a call.
   * @param lists   what belongs to each parameter: itself first
   * @param buffers how many buffers the addon takes for each; those beyond the lists are none
   * @param at      where in the bound array the number of parameters is written; the step's own numbers stand before it
   * @param stepOne steps a parameter that the addon does not take
   */
  #stepInCalls(
    lists: readonly (readonly View[])[],
    buffers: number,
    at: number,
    call: (...buffers: (ArrayBuffer | null)[]) => void,
    stepOne: (k: number) => void,
  ): void {
    const n = this.#numbers;
    const count = lists[0].length;
    for (let first = 0; first < count; first += PARAMETERS_PER_CALL) {
      const end = Math.min(first + PARAMETERS_PER_CALL, count);
      const args = new Array<ArrayBuffer | null>((end - first) * buffers);
      let given = 0;
      let i = at + 1;
      n[at] = 0;
      for (let k = first; k < end; k++) {
        if (!areAllPlain(lists, k)) {
          stepOne(k);
          continue;
        }
        n[at]++;
        n[i++] = elementCount(lists[0][k].shape);
        for (let each = 0; each < buffers; each++) {
          const view = each < lists.length ? lists[each][k] : null;
          n[i++] = view === null ? 0 : offsetOf(view);
          args[given++] = bufferOrNull(view);
        }
      }
      args.length = given;
      if (given > 0) call(...args);
    }
  }
}

function areAllPlain(lists: readonly (readonly View[])[], k: number): boolean {
  for (const list of lists) if (!isPlain(list[k])) return false;
  return true;
}

/** The addon takes up to 96 buffers and 128 numbers. */
const PARAMETERS_PER_CALL = 20;

/** Operands that need no joining have no axes to speak of. */
const PLAIN = { sizes: [] as number[], strides: [] as number[][] };

const isNegative = (stride: number): boolean => stride < 0;

const isView = (operand: Operand): operand is View => typeof operand === "object";

/** Whether an operand is a number, or as many elements as the result has, in the same order. */
const isNumberOrPlain = (operand: Operand, count: number): boolean =>
  typeof operand !== "object" || (isPlain(operand) && elementCount(operand.shape) === count);

const isFloat32 = (operand: Operand): boolean => typeof operand !== "object" || operand.dtype === "float32";

const bufferOrNone = (operand: Operand): ArrayBuffer | null => (typeof operand === "object" ? bufferOf(operand) : null);
