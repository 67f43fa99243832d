/** The reference backend: the definition of every kernel, in plain TypeScript, for every dtype. */

import type { DType, TypedArray } from "../../tensor/dtype.ts";
import type {
  AdamStep,
  Backend,
  BinaryKernel,
  Operand,
  Reduction,
  Scalar,
  SgdStep,
  UnaryKernel,
  View,
} from "../backend.ts";
import { CpuStorage, numbersOf } from "../cpu-storage.ts";
import { Pool } from "../pool.ts";
import type { RecurrentBackward, RecurrentForward, RecurrentShape, RecurrentSizes } from "../recurrent.ts";
import { SMALL_BYTES, SmallStorages } from "../small-storages.ts";
import { unfilledBuffer } from "../unfilled-buffer.ts";
import * as alongAxes from "./along-axes.ts";
import * as byIndex from "./by-index.ts";
import * as elementWise from "./element-wise.ts";
import { matmul } from "./matmul.ts";
import { adamStep, sgdStep } from "./optimisers.ts";
import { recurrentBackward, recurrentForward, recurrentSizes } from "./recurrent.ts";
import { forEachRow } from "./strided-loop.ts";

export class ReferenceBackend implements Backend {
  readonly name: Backend["name"] = "reference";
  readonly device = "cpu";
  readonly #small = new SmallStorages();
  readonly #pool = new Pool((byteLength) => this.allocate(byteLength));

  describe(): string {
    return "reference (TypeScript, one thread)";
  }

  get threads(): number {
    return 1;
  }

  /** Does nothing: the reference runs on one thread. */
  setThreads(_count: number): void {}

  allocate(byteLength: number): CpuStorage {
    return byteLength <= SMALL_BYTES ? this.#small.take(byteLength) : new CpuStorage(new ArrayBuffer(byteLength));
  }

  allocateUnfilled(byteLength: number): CpuStorage {
    return byteLength <= SMALL_BYTES ? this.allocate(byteLength) : new CpuStorage(unfilledBuffer(byteLength));
  }

  borrow(byteLength: number): CpuStorage {
    return this.#pool.borrow(byteLength);
  }

  release(storage: CpuStorage): void {
    this.#pool.release(storage);
  }

  adopt(buffer: ArrayBuffer): CpuStorage {
    return new CpuStorage(buffer);
  }

  elements(storage: CpuStorage, dtype: DType): TypedArray {
    return storage.as(dtype);
  }

  fill(out: View, value: Scalar): void {
    elementWise.fill(out, value);
  }

  copy(x: View, out: View): void {
    elementWise.copy(x, out);
  }

  unary(kernel: UnaryKernel, x: View, out: View): void {
    elementWise.unary(kernel, x, out);
  }

  binary(kernel: BinaryKernel, x: Operand, y: Operand, out: View): void {
    elementWise.binary(kernel, x, y, out);
  }

  where(condition: View, x: Operand, y: Operand, out: View): void {
    elementWise.where(condition, x, y, out);
  }

  accumulate(x: View, out: View, scale: number): void {
    elementWise.accumulate(x, out, scale);
  }

  reduce(kernel: Reduction, x: View, out: View): void {
    alongAxes.reduce(kernel, x, out);
  }

  argReduce(kernel: "max" | "min", x: View, axis: number, out: View): void {
    alongAxes.argReduce(kernel, x, axis, out);
  }

  cumulativeSum(x: View, axis: number, out: View): void {
    alongAxes.cumulativeSum(x, axis, out);
  }

  softmax(x: View, axis: number, out: View): void {
    alongAxes.softmax(x, axis, out);
  }

  logSoftmax(x: View, axis: number, out: View): void {
    alongAxes.logSoftmax(x, axis, out);
  }

  sort(x: View, axis: number, descending: boolean, values: View, indices: View): void {
    alongAxes.sort(x, axis, descending, values, indices);
  }

  gather(x: View, axis: number, index: View, out: View): void {
    byIndex.gather(x, axis, index, out);
  }

  scatterAdd(x: View, axis: number, index: View, out: View): void {
    byIndex.scatterAdd(x, axis, index, out);
  }

  matmul(a: View, b: View, out: View, bias: View | null, accumulate: boolean): void {
    matmul(a, b, out, bias, accumulate);
  }

  recurrentSizes(shape: RecurrentShape): RecurrentSizes {
    return recurrentSizes(shape);
  }

  recurrentForward(call: RecurrentForward): void {
    recurrentForward(call);
  }

  recurrentBackward(call: RecurrentBackward): void {
    recurrentBackward(call);
  }

  squaredErrorSum(x: View, y: View, scale: number, out: View): void {
    const p = numbersOf(x);
    const q = numbersOf(y);
    let sum = 0;
    forEachRow(x.shape, [x, y], (count, [i0, j0], [di, dj]) => {
      for (let n = 0; n < count; n++) sum += (p[i0 + n * di] - q[j0 + n * dj]) ** 2;
    });
    numbersOf(out)[out.offset] = sum * scale;
  }

  squaredErrorGradient(dy: View, x: View, y: View, scale: number, out: View): void {
    this.binary("sub", x, y, out);
    this.binary("mul", out, numbersOf(dy)[dy.offset] * scale, out);
  }

  squaredNorm(views: readonly View[]): number {
    let sum = 0;
    for (const view of views) {
      const data = numbersOf(view);
      forEachRow(view.shape, [view], (count, [start], [step]) => {
        for (let n = 0; n < count; n++) sum += data[start + n * step] ** 2;
      });
    }
    return sum;
  }

  sgdStep(parameters: readonly View[], gradients: readonly View[], velocities: readonly View[], step: SgdStep): void {
    sgdStep(parameters, gradients, velocities, step);
  }

  adamStep(
    parameters: readonly View[],
    gradients: readonly View[],
    means: readonly View[],
    squares: readonly View[],
    step: AdamStep,
  ): void {
    adamStep(parameters, gradients, means, squares, step);
  }
}
