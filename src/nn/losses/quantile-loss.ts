/**
 * The pinball loss, whose best prediction is a quantile: q d for an error d = y − x above 0, (q − 1) d below.
 * Koenker & Bassett 1978. PyTorch has none; its names are kept.
 */

import { add, mul, sub } from "../../ops/arithmetic.ts";
import { tensor } from "../../ops/create.ts";
import { neg, relu } from "../../ops/element-wise.ts";
import { expand, unsqueeze } from "../../ops/views.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { checkTensor, type Tensor } from "../../tensor/tensor.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface QuantileLossOptions extends ElementLossOptions {
  /** One quantile, or several that the last axis of the input holds, each 0 … 1. Default 0.5, the median */
  readonly quantiles?: number | readonly number[];
}

const OPTIONS = ["reduction", "broadcast", "quantiles"] as const;

/**
 * @param input  predictions: [...] for one quantile, [..., Q] for a list of Q
 * @param target truth, [...]
 * @returns one number, or input's shape with reduction none
 */
export function quantileLoss(input: Tensor, target: Tensor, options: QuantileLossOptions = {}): Tensor {
  checkOptions("quantileLoss", options, OPTIONS);
  const { quantiles = 0.5 } = options;
  const list = typeof quantiles === "number" ? [quantiles] : quantiles;
  if (list.length === 0 || !list.every((quantile) => quantile > 0 && quantile < 1)) {
    throw new ArgumentError(`quantileLoss: quantiles lie between 0 and 1, got ${list.join(", ") || "none"}`);
  }
  checkTensor("quantileLoss (input)", input);
  checkTensor("quantileLoss (target)", target);
  const truth = typeof quantiles === "number" ? target : spread(input, target, list.length);
  checkPair("quantileLoss", input, truth, options);
  const levels = typeof quantiles === "number" ? quantiles : tensor([...list], { dtype: input.dtype });
  const error = sub(truth, input);
  const losses = add(mul(relu(error), levels), mul(relu(neg(error)), sub1(levels)));
  return reduceLosses("quantileLoss", losses, options);
}

const sub1 = (levels: number | Tensor): number | Tensor => (typeof levels === "number" ? 1 - levels : sub(1, levels));

/** The target beside every quantile. */
function spread(input: Tensor, target: Tensor, quantiles: number): Tensor {
  if (input.rank === 0 || input.shape[input.rank - 1] !== quantiles || target.rank !== input.rank - 1) {
    throw new ShapeError(
      `quantileLoss: ${quantiles} quantiles compare an input [..., ${quantiles}] with a target [...], ` +
        `got ${formatShape(input.shape)} and ${formatShape(target.shape)}`,
    );
  }
  return expand(unsqueeze(target, -1), [...target.shape, quantiles]);
}

/**
 * The pinball loss of quantiles: [...] or, for several, [..., Q]. Koenker & Bassett 1978.
 * @throws {ArgumentError} for a quantile outside 0 … 1
 */
export class QuantileLoss extends lossModule("QuantileLoss", quantileLoss, OPTIONS) {}
