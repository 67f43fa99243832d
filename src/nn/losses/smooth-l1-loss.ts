/** The absolute error, rounded off near 0: d²/(2β) where d = |x − y| < β, else d − β/2. Girshick 2015; it is Huber's over β. */

import { div } from "../../ops/arithmetic.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { huber } from "./huber-loss.ts";
import { l1Loss } from "./l1-loss.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface SmoothL1LossOptions extends ElementLossOptions {
  /** The error below which it is squared, in units of the target; 0 is the plain absolute error. Default 1 */
  readonly beta?: number;
}

const OPTIONS = ["reduction", "broadcast", "beta"] as const;

/**
 * @param input  predictions, any shape
 * @param target truth, the same shape
 * @returns one number, or input's shape with reduction none
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: SmoothL1LossOptions = {}): Tensor {
  checkOptions("smoothL1Loss", options, OPTIONS);
  const { beta = 1, ...rest } = options;
  if (!(beta >= 0)) throw new ArgumentError(`smoothL1Loss: beta must not be negative, got ${beta}`);
  checkPair("smoothL1Loss", input, target, options);
  if (beta === 0) return l1Loss(input, target, rest);
  return reduceLosses("smoothL1Loss", div(huber(input, target, beta), beta), options);
}

/** Squared up to β, then |x − y| − β/2; any shape. Girshick 2015. @throws {ShapeError} if the shapes differ */
export class SmoothL1Loss extends lossModule("SmoothL1Loss", smoothL1Loss, OPTIONS) {}
