/**
 * What losses have in common: how the single losses become one number, and that shapes are never broadcast silently. Every
 * loss is a function; `lossModule` makes the module of it, whose options are given once, at construction.
 */

import { mean, sum } from "../../ops/reductions.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import { checkTensor, Tensor } from "../../tensor/tensor.ts";
import { Module } from "../module.ts";

/** `mean` averages over all elements, `sum` adds them up, `none` keeps them apart. */
export type ReductionName = "mean" | "sum" | "none";

export interface LossOptions {
  /** Default mean */
  readonly reduction?: ReductionName;
}

export interface ElementLossOptions extends LossOptions {
  /** Whether input and target may have different shapes that broadcast. Default false: usually that is a mistake. */
  readonly broadcast?: boolean;
}

const REDUCTIONS: readonly string[] = ["mean", "sum", "none"];

function checkReduction(place: string, reduction: string, allowed: readonly string[]): void {
  if (allowed.includes(reduction)) return;
  throw new ArgumentError(`${place}: reduction must be one of ${allowed.join(", ")}, got "${reduction}"`);
}

/** The losses of all elements as one number, or as they are. */
export function reduceLosses(place: string, losses: Tensor, { reduction = "mean" }: LossOptions): Tensor {
  checkReduction(place, reduction, REDUCTIONS);
  return reduction === "none" ? losses : reduction === "mean" ? mean(losses) : sum(losses);
}

/**
 * @throws {DTypeError} if the dtypes differ
 * @throws {ShapeError} if the shapes differ and `broadcast` was not asked for
 */
export function checkPair(place: string, input: Tensor, target: Tensor, options: ElementLossOptions): void {
  checkTensor(`${place} (input)`, input);
  checkTensor(`${place} (target)`, target);
  if (input.dtype !== target.dtype) {
    throw new DTypeError(
      `${place}: the input is ${input.dtype}, the target ${target.dtype}; cast one: target.to("${input.dtype}")`,
    );
  }
  if (options.broadcast || sameShape(input.shape, target.shape)) return;
  throw new ShapeError(
    `${place}: input ${formatShape(input.shape)} and target ${formatShape(target.shape)} must have one shape; ` +
      `${cureFor(input, target)}broadcasting them would compare every element with every other ({ broadcast: true } allows it)`,
  );
}

function cureFor(input: Tensor, target: Tensor): string {
  if (input.elementCount !== target.elementCount) return "";
  if (input.rank === target.rank + 1) return "did you mean input.squeeze(-1) or target.unsqueeze(-1)? ";
  if (target.rank === input.rank + 1) return "did you mean target.squeeze(-1)? ";
  return `did you mean target.reshape(${input.shape.join(", ")})? `;
}

// biome-ignore lint/suspicious/noExplicitAny: the inputs of any loss
type LossFunction = (...args: any[]) => Tensor;
type InputsOf<F> = F extends (...args: infer A) => Tensor
  ? Required<A> extends [...infer I, unknown]
    ? I
    : never
  : never;
type OptionsOf<F> = F extends (...args: infer A) => Tensor
  ? Required<A> extends [...unknown[], infer O]
    ? O
    : never
  : never;

/** A loss with its options. `F` is the function that it runs: `(...inputs, options) → Tensor`. */
export class Loss<F extends LossFunction = LossFunction> extends Module {
  readonly reduction: string;
  readonly #name: string;
  readonly #compute: LossFunction;
  readonly #options: Record<string, unknown>;
  readonly #buffers: readonly (readonly [string, string])[];

  constructor(
    name: string,
    compute: F,
    known: readonly string[],
    reductions: readonly string[],
    options: OptionsOf<F>,
  ) {
    super();
    this.#name = name;
    this.#compute = compute;
    this.#options = (options ?? {}) as Record<string, unknown>;
    checkOptions(name, this.#options, known);
    this.reduction = String(this.#options.reduction ?? "mean");
    checkReduction(name, this.reduction, reductions);
    // Weights follow `to()` and are saved, under PyTorch's spelling.
    this.#buffers = known
      .filter((option) => this.#options[option] instanceof Tensor)
      .map((option) => [option, option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]);
    for (const [option, key] of this.#buffers) this.registerBuffer(key, this.#options[option] as Tensor);
  }

  override forward(...inputs: InputsOf<F>): Tensor {
    if (this.#buffers.length === 0) return this.#compute(...inputs, this.#options);
    const own = this as unknown as Record<string, Tensor>;
    const weights = Object.fromEntries(this.#buffers.map(([option, key]) => [option, own[key]]));
    return this.#compute(...inputs, { ...this.#options, ...weights });
  }

  override get moduleName(): string {
    return this.#name;
  }
}

/**
 * The module class of a loss.
 * @param known      the names of its options
 * @param reductions the reductions that it knows
 * @example export class HuberLoss extends lossModule("HuberLoss", huberLoss, ["reduction", "broadcast", "delta"]) {}
 */
export function lossModule<F extends LossFunction>(
  name: string,
  compute: F,
  known: readonly (string & keyof OptionsOf<F>)[],
  reductions: readonly string[] = REDUCTIONS,
): new (
  options?: OptionsOf<F>,
) => Loss<F> {
  return class extends Loss<F> {
    constructor(options: OptionsOf<F> = {} as OptionsOf<F>) {
      super(name, compute, known, reductions, options);
    }
  };
}
