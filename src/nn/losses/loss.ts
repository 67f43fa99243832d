/** What losses have in common: how the single losses become one number, and that shapes are never broadcast silently. */

import { type Along, mean, sum } from "../../ops/reductions.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
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

const REDUCTIONS: readonly ReductionName[] = ["mean", "sum", "none"];

export abstract class Loss extends Module {
  readonly reduction: ReductionName;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = options.reduction ?? "mean";
    if (!REDUCTIONS.includes(this.reduction)) {
      throw new ArgumentError(`${this.moduleName}: reduction must be mean, sum or none, got "${this.reduction}"`);
    }
  }

  /** @param losses the loss of every element */
  protected reduce(losses: Tensor, over: Along = {}): Tensor {
    if (this.reduction === "none") return losses;
    return this.reduction === "mean" ? mean(losses, over) : sum(losses, over);
  }
}

/** A loss that compares input and target element by element. */
export abstract class ElementLoss extends Loss {
  readonly broadcast: boolean;

  constructor(options: ElementLossOptions = {}) {
    super(options);
    this.broadcast = options.broadcast ?? false;
  }

  /** @throws {ShapeError} if the shapes differ and `broadcast` was not asked for */
  protected check(input: Tensor, target: Tensor): void {
    if (input.dtype !== target.dtype) {
      throw new DTypeError(
        `${this.moduleName}: the input is ${input.dtype}, the target ${target.dtype}; cast one: target.to("${input.dtype}")`,
      );
    }
    if (this.broadcast || sameShape(input.shape, target.shape)) return;
    throw new ShapeError(
      `${this.moduleName}: input ${formatShape(input.shape)} and target ${formatShape(target.shape)} must have one shape; ` +
        `${cureFor(input, target)}broadcasting them would compare every element with every other ({ broadcast: true } allows it)`,
    );
  }
}

function cureFor(input: Tensor, target: Tensor): string {
  if (input.elementCount !== target.elementCount) return "";
  if (input.rank === target.rank + 1) return "did you mean input.squeeze(-1) or target.unsqueeze(-1)? ";
  if (target.rank === input.rank + 1) return "did you mean target.squeeze(-1)? ";
  return `did you mean target.reshape(${input.shape.join(", ")})? `;
}
