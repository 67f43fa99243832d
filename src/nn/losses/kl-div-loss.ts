/** The Kullback–Leibler divergence from a prediction to the truth: p (log p − x) for predicted log-probabilities x. */

import { div, mul, sub } from "../../ops/arithmetic.ts";
import { eq } from "../../ops/comparison.ts";
import { exp, log } from "../../ops/element-wise.ts";
import { sum } from "../../ops/reductions.ts";
import { where } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkPair, lossModule, type ReductionName, reduceLosses } from "./loss.ts";

export interface KLDivLossOptions {
  /**
   * `mean` averages over all elements; `batchmean` sums over all but the first axis and averages over that, which is the
   * divergence as it is defined. Default mean
   */
  readonly reduction?: ReductionName | "batchmean";
  readonly broadcast?: boolean;
  /** Whether the target too holds log-probabilities. Default false */
  readonly logTarget?: boolean;
}

const OPTIONS = ["reduction", "broadcast", "logTarget"] as const;

/**
 * @param input  log-probabilities, any shape
 * @param target probabilities, the same shape
 * @returns one number, or input's shape with reduction none
 */
export function klDiv(input: Tensor, target: Tensor, options: KLDivLossOptions = {}): Tensor {
  checkOptions("klDiv", options, OPTIONS);
  const { reduction = "mean", broadcast = false, logTarget = false } = options;
  checkPair("klDiv", input, target, { broadcast });
  const losses = logTarget ? mul(exp(target), sub(target, input)) : sub(timesLog(target), mul(target, input));
  if (reduction === "batchmean") return div(sum(losses), input.rank === 0 ? 1 : input.shape[0]);
  return reduceLosses("klDiv", losses, { reduction });
}

/** p log p, and 0 at 0. */
function timesLog(p: Tensor): Tensor {
  const none = eq(p, 0);
  return where(none, 0, mul(p, log(where(none, 1, p))));
}

const REDUCTIONS = ["mean", "sum", "none", "batchmean"];

/**
 * The Kullback–Leibler divergence of log-probabilities from probabilities; any shape.
 * @throws {ShapeError} if the shapes differ
 */
export class KLDivLoss extends lossModule("KLDivLoss", klDiv, OPTIONS, REDUCTIONS) {}
