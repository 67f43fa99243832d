/** The negative log-likelihood of counts: eˣ − y x for the logarithm x of a rate. */

import { add, mul, sub } from "../../ops/arithmetic.ts";
import { gt } from "../../ops/comparison.ts";
import { exp, log } from "../../ops/element-wise.ts";
import { where } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface PoissonNLLLossOptions extends ElementLossOptions {
  /** Whether the input is the logarithm of the rate; if not, the loss is x − y log(x + eps). Default true */
  readonly logInput?: boolean;
  /** Whether to add Stirling's approximation of log y!, for counts above 1. Default false */
  readonly full?: boolean;
  /** Keeps log 0 away when the input is the rate itself. Default 1e-8 */
  readonly eps?: number;
}

const OPTIONS = ["reduction", "broadcast", "logInput", "full", "eps"] as const;

/**
 * @param input  log-rates or rates, any shape
 * @param target counts, the same shape
 * @returns one number, or input's shape with reduction none
 */
export function poissonNllLoss(input: Tensor, target: Tensor, options: PoissonNLLLossOptions = {}): Tensor {
  checkOptions("poissonNllLoss", options, OPTIONS);
  const { logInput = true, full = false, eps = 1e-8 } = options;
  checkPair("poissonNllLoss", input, target, options);
  const losses = logInput ? sub(exp(input), mul(target, input)) : sub(input, mul(target, log(add(input, eps))));
  return reduceLosses("poissonNllLoss", full ? add(losses, stirling(target)) : losses, options);
}

/** y log y − y + log(2πy) / 2 where y > 1, else 0. */
function stirling(y: Tensor): Tensor {
  const large = gt(y, 1);
  const safe = where(large, y, 1);
  return where(large, add(sub(mul(safe, log(safe)), safe), mul(log(mul(safe, 2 * Math.PI)), 0.5)), 0);
}

/** The negative log-likelihood of counts for log-rates; any shape. @throws {ShapeError} if the shapes differ */
export class PoissonNLLLoss extends lossModule("PoissonNLLLoss", poissonNllLoss, OPTIONS) {}
