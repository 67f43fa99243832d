/** The negative log-likelihood of a normal distribution: (log v + (x − y)² / v) / 2 for mean x and variance v. Nix & Weigend 1994. */

import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { log, square } from "../../ops/element-wise.ts";
import { readNumbers } from "../../ops/read.ts";
import { detach, unsqueeze } from "../../ops/views.ts";
import { clamp } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import { checkTensor, type Tensor } from "../../tensor/tensor.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface GaussianNLLLossOptions extends ElementLossOptions {
  /** Whether to add the constant log(2π) / 2. Default false */
  readonly full?: boolean;
  /** The least variance, in the square of the target's unit; the gradient passes below it. Default 1e-6 */
  readonly eps?: number;
}

const OPTIONS = ["reduction", "broadcast", "full", "eps"] as const;

/**
 * @param input    means, any shape
 * @param target   truth, the same shape
 * @param variance variances: input's shape, or without its last axis, or with size 1 there
 * @returns one number, or input's shape with reduction none
 * @throws {ArgumentError} for a negative variance
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNLLLossOptions = {},
): Tensor {
  checkOptions("gaussianNllLoss", options, OPTIONS);
  const { full = false, eps = 1e-6 } = options;
  checkPair("gaussianNllLoss", input, target, options);
  if (!(eps >= 0)) throw new ArgumentError(`gaussianNllLoss: eps must be a number ≥ 0, got ${eps}`);
  checkTensor("gaussianNllLoss (variance)", variance);
  const given = fitVariance(input, variance);
  const negative = readNumbers(variance).find((v) => v < 0);
  if (negative !== undefined) {
    throw new ArgumentError(`gaussianNllLoss: a variance is not negative, got ${negative}; take softplus or exp of it`);
  }
  // The value is cut at eps, the gradient is not.
  const safe = add(sub(given, detach(given)), clamp(detach(given), { min: eps }));
  const losses = mul(add(log(safe), div(square(sub(input, target)), safe)), 0.5);
  return reduceLosses("gaussianNllLoss", full ? add(losses, 0.5 * Math.log(2 * Math.PI)) : losses, options);
}

function fitVariance(input: Tensor, variance: Tensor): Tensor {
  if (sameShape(variance.shape, input.shape) || variance.rank === 0) return variance;
  const lead = input.shape.slice(0, -1);
  if (sameShape(variance.shape, lead)) return unsqueeze(variance, -1);
  if (sameShape(variance.shape, [...lead, 1])) return variance;
  throw new ShapeError(
    `gaussianNllLoss: the variance must be ${formatShape(input.shape)}, ${formatShape(lead)} or ${formatShape([...lead, 1])}, ` +
      `got ${formatShape(variance.shape)}`,
  );
}

/**
 * The negative log-likelihood of a normal distribution with given variances. Nix & Weigend 1994.
 * @throws {ArgumentError} for a negative variance
 */
export class GaussianNLLLoss extends lossModule("GaussianNLLLoss", gaussianNllLoss, OPTIONS) {}
