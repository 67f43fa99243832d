/**
 * The tensor: a shape and strides laid over a storage, and its place in the graph of gradients.
 *
 * This class holds data and no arithmetic. What one does with tensors are ops (`src/ops/`); importing `refrain` installs
 * them here as methods (`src/methods.ts`), so that `x.add(y)` and `add(x, y)` are the same.
 */

import { type DType, isFloating } from "./dtype.ts";
import { AutogradError, DTypeError } from "./errors.ts";
import { elementCount, isContiguous, type Shape } from "./shape.ts";
import type { Storage } from "./storage.ts";

/** What the graph of gradients knows of a tensor; `src/autograd/` gives it meaning. */
export interface GradientSource {
  readonly name: string;
}

/** @throws {DTypeError} unless `x` is a tensor */
export function checkTensor(place: string, x: unknown): void {
  if (x instanceof Tensor) return;
  const got = Array.isArray(x) ? "an array" : x === null ? "null" : typeof x;
  throw new DTypeError(`${place}: expects a tensor, got ${got}; make one with tensor(…)`);
}

/** Numbers of one dtype, laid out along axes; made by `tensor`, `zeros`, `randn` …. As `torch.Tensor`. */
export class Tensor {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Distance between neighbours along each axis, in elements. */
  readonly strides: readonly number[];
  /** Where the first element lies in the storage, in elements. */
  readonly offset: number;

  /** The node that made this tensor, or null for a leaf. For `src/autograd/`. */
  source: GradientSource | null = null;
  /** Which of the node's outputs this is. */
  sourceIndex = 0;
  /** For a leaf: the node that adds to its `grad`. */
  accumulator: GradientSource | null = null;

  #requiresGrad = false;
  #grad: Tensor | null = null;
  /** Whether somebody may have kept the gradient. */
  #gradIsOut = false;

  constructor(storage: Storage, dtype: DType, shape: Shape, strides: readonly number[], offset = 0) {
    this.storage = storage;
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements, PyTorch's `numel()`. */
  get elementCount(): number {
    return elementCount(this.shape);
  }

  get device(): string {
    return this.storage.device;
  }

  /** Whether the elements lie row-major without holes. */
  get isContiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  /** Whether this tensor was not made by a recorded op: inputs and parameters are leaves. */
  get isLeaf(): boolean {
    return this.source === null;
  }

  /** The gradient that `backward` has summed here so far; null before. Has this tensor's shape and dtype. */
  get grad(): Tensor | null {
    this.#gradIsOut = true;
    return this.#grad;
  }

  set grad(gradient: Tensor | null) {
    this.#grad = gradient;
    this.#gradIsOut = true;
  }

  /** `grad` for those who do not keep it: optimisers, and `backward` itself. */
  peekGrad(): Tensor | null {
    return this.#grad;
  }

  /** Takes a gradient that nobody else holds. */
  adoptGrad(gradient: Tensor): void {
    this.#grad = gradient;
    this.#gradIsOut = false;
  }

  /** Forgets the gradient. @returns it, if nobody else can have it: its storage is free then */
  dropGrad(): Tensor | null {
    const gradient = this.#gradIsOut ? null : this.#grad;
    this.#grad = null;
    return gradient;
  }

  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  /**
   * Asks for a gradient, or stops asking.
   * @throws {DTypeError} for a tensor of integers or booleans
   * @throws {AutogradError} when a tensor made by an op is told not to require one: `detach()` it instead
   */
  set requiresGrad(value: boolean) {
    if (value && !isFloating(this.dtype)) {
      throw new DTypeError(`only floating-point tensors have gradients, this one is ${this.dtype}`);
    }
    if (!value && this.source !== null) {
      throw new AutogradError("requiresGrad = false: this tensor was made by an op; take x.detach() instead");
    }
    this.#requiresGrad = value;
  }
}
