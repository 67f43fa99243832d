/**
 * The kernels: all the arithmetic there is, behind one interface with several implementations.
 *
 * `reference/` is the definition: plain TypeScript, every dtype, exact in float64. `native/` (C++, a Node addon) and `wasm/`
 * (the same C++ in a browser) take over what they do faster and leave the rest to it; `tests/conformance/` holds all of
 * them to the same results.
 *
 * The contract
 * - Inputs are views of any strides (0 along a broadcast axis); outputs are allocated by the caller, never by a kernel.
 * - An input and an output may be the same view; otherwise they do not overlap.
 * - Shapes and dtypes were checked at the public door. A kernel trusts them.
 * - Nothing is kept between calls, and no pointer outlives one.
 */

import type { DType, TypedArray } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Storage } from "../tensor/storage.ts";
import type { RecurrentBackward, RecurrentForward, RecurrentShape, RecurrentSizes } from "./recurrent.ts";

/** A shape and strides laid over a storage. Every Tensor is one. */
export interface View {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

export type Scalar = number | bigint | boolean;
export type Operand = View | number | bigint;

/** `out = f(x)`, float in and out, but for the first line, which keeps the dtype. */
export type UnaryKernel =
  | "neg"
  | "abs"
  | "sign"
  | "square"
  | "relu"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "logicalNot"
  | "bitwiseNot"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "log2"
  | "log10"
  | "sqrt"
  | "rsqrt"
  | "reciprocal"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "erf"
  | "isNaN"
  | "isFinite";

/** `out = f(x, y)`, elements of x and y already of `out`'s dtype, except for comparisons, whose `out` is bool. */
export type BinaryKernel =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "maximum"
  | "minimum"
  | "remainder"
  | "floorDivide"
  | "atan2"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "logicalAnd"
  | "logicalOr"
  | "logicalXor"
  | "sigmoidGradient"
  | "tanhGradient"
  | "reluGradient";

export type Reduction = "sum" | "prod" | "max" | "min" | "any" | "all";

export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** AdamW: the decay acts on the weight itself, not through the gradient. */
  readonly decoupled: boolean;
  readonly maximize: boolean;
  /** The number of this step, from 1; it sets the bias correction. */
  readonly step: number;
}

export interface SgdStep {
  readonly learningRate: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
  /** Whether `velocities` still have to be started from the gradients. */
  readonly first: boolean;
}

export interface Backend {
  readonly name: "reference" | "native" | "wasm";
  /** The device whose storages these kernels open. */
  readonly device: string;
  /** One line for `refrain doctor`: instruction set, threads. */
  describe(): string;
  /** Threads that a kernel may use; results do not depend on it. */
  readonly threads: number;
  /** @param count 0 for the default */
  setThreads(count: number): void;

  // ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────────
  /** A new storage of zeros. It belongs to the garbage collector. */
  allocate(byteLength: number): Storage;
  /** A new storage whose contents are undefined, for outputs. It belongs to the garbage collector. */
  allocateUnfilled(byteLength: number): Storage;
  /** A storage from the pool, its contents undefined; give it back with `release`, unless a user may have it. */
  borrow(byteLength: number): Storage;
  /** Takes a storage that nobody holds any more. */
  release(storage: Storage): void;
  /** Wraps a buffer without copying. */
  adopt(buffer: ArrayBuffer): Storage;
  /** All of a storage as elements of a dtype, for reading and filling from JavaScript. The CPU's are the storage itself. */
  elements(storage: Storage, dtype: DType): TypedArray;

  // ── movement ────────────────────────────────────────────────────────────────────────────────────────────────────
  fill(out: View, value: Scalar): void;
  /** `out = x`, cast to out's dtype; x broadcasts. */
  copy(x: View, out: View): void;

  // ── element-wise ────────────────────────────────────────────────────────────────────────────────────────────────
  unary(kernel: UnaryKernel, x: View, out: View): void;
  binary(kernel: BinaryKernel, x: Operand, y: Operand, out: View): void;
  /** `out = condition ? x : y`. */
  where(condition: View, x: Operand, y: Operand, out: View): void;
  /** `out += scale · x`, same dtype and shape. */
  accumulate(x: View, out: View, scale: number): void;

  // ── along axes ──────────────────────────────────────────────────────────────────────────────────────────────────
  /** `out` has x's rank and size 1 along every reduced axis. NaN wins in max and min. */
  reduce(kernel: Reduction, x: View, out: View): void;
  /** `out` int64, size 1 along `axis`: the first index of the largest or smallest element. */
  argReduce(kernel: "max" | "min", x: View, axis: number, out: View): void;
  cumulativeSum(x: View, axis: number, out: View): void;
  softmax(x: View, axis: number, out: View): void;
  logSoftmax(x: View, axis: number, out: View): void;
  /** Ascending and stable, NaN last; `indices` int64. */
  sort(x: View, axis: number, descending: boolean, values: View, indices: View): void;

  // ── by index ────────────────────────────────────────────────────────────────────────────────────────────────────
  /** `out[…, i, …] = x[…, index[…, i, …], …]` along `axis`; index int64, with out's shape. */
  gather(x: View, axis: number, index: View, out: View): void;
  /** `out[…, index[…, i, …], …] += x[…, i, …]` along `axis`, in order. */
  scatterAdd(x: View, axis: number, index: View, out: View): void;

  // ── products ────────────────────────────────────────────────────────────────────────────────────────────────────
  /** `out [M, N] = a [M, K] · b [K, N] (+ bias [N])`, or `out += …` when accumulating. Strides carry transposition. */
  matmul(a: View, b: View, out: View, bias: View | null, accumulate: boolean): void;

  // ── recurrence ──────────────────────────────────────────────────────────────────────────────────────────────────
  /** How large the saved state and the workspace of a pass of this shape are. */
  recurrentSizes(shape: RecurrentShape): RecurrentSizes;
  recurrentForward(call: RecurrentForward): void;
  recurrentBackward(call: RecurrentBackward): void;

  // ── losses and optimisers ───────────────────────────────────────────────────────────────────────────────────────
  /** `out [] = scale · Σ (x − y)²`, same shapes. */
  squaredErrorSum(x: View, y: View, scale: number, out: View): void;
  /** `out = scale · dy · (x − y)`, with dy []. */
  squaredErrorGradient(dy: View, x: View, y: View, scale: number, out: View): void;
  /** `Σ x²` over all views, for the norm of a gradient. */
  squaredNorm(views: readonly View[]): number;
  /** One step of SGD for all parameters; `velocities` is empty without momentum. */
  sgdStep(parameters: readonly View[], gradients: readonly View[], velocities: readonly View[], step: SgdStep): void;
  /** One step of Adam or AdamW for all parameters. */
  adamStep(
    parameters: readonly View[],
    gradients: readonly View[],
    means: readonly View[],
    squares: readonly View[],
    step: AdamStep,
  ): void;
}
