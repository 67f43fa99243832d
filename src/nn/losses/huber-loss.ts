/**
 * Squared for small errors, absolute for large ones: d²/2 where d = |x − y| ≤ δ, else δ (d − δ/2). Huber 1964.
 * Written as c (d − c/2) with c = min(d, δ), which is both.
 */

import { mul, sub } from "../../ops/arithmetic.ts";
import { abs } from "../../ops/element-wise.ts";
import { clamp } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface HuberLossOptions extends ElementLossOptions {
  /** The error from which on it grows linearly, in units of the target. Default 1 */
  readonly delta?: number;
}

const OPTIONS = ["reduction", "broadcast", "delta"] as const;

/**
 * @param input  predictions, any shape
 * @param target truth, the same shape
 * @returns one number, or input's shape with reduction none
 */
export function huberLoss(input: Tensor, target: Tensor, options: HuberLossOptions = {}): Tensor {
  checkOptions("huberLoss", options, OPTIONS);
  const { delta = 1 } = options;
  if (!(delta > 0)) throw new ArgumentError(`huberLoss: delta must be positive, got ${delta}`);
  checkPair("huberLoss", input, target, options);
  return reduceLosses("huberLoss", huber(input, target, delta), options);
}

/** The loss of every element. */
export function huber(input: Tensor, target: Tensor, delta: number): Tensor {
  const distance = abs(sub(input, target));
  const small = clamp(distance, { max: delta });
  return mul(small, sub(distance, mul(small, 0.5)));
}

/** Squared up to δ, linear beyond; any shape. Huber 1964. @throws {ShapeError} if the shapes differ */
export class HuberLoss extends lossModule("HuberLoss", huberLoss, OPTIONS) {}
