/** The negative log-likelihood of the true classes: −w[y] x[y] for log-probabilities x. */

import { div, mul } from "../../ops/arithmetic.ts";
import { cast } from "../../ops/cast.ts";
import { ne } from "../../ops/comparison.ts";
import { neg } from "../../ops/element-wise.ts";
import { checkRange, gatherAlong, indexSelect } from "../../ops/gather.ts";
import { sum } from "../../ops/reductions.ts";
import { reshape, squeeze, unsqueeze } from "../../ops/views.ts";
import { where } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import { checkTensor, type Tensor } from "../../tensor/tensor.ts";
import { type LossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface ClassLossOptions extends LossOptions {
  /** A weight for each class, [C]. Default: all 1. With reduction mean the average is weighted by it. */
  readonly weight?: Tensor | null;
  /** Targets of this value do not count. Default −100 */
  readonly ignoreIndex?: number;
}

const OPTIONS = ["reduction", "weight", "ignoreIndex"] as const;

/**
 * @param input  log-probabilities, [C], [N, C] or [N, C, …]
 * @param target class indices, int64 [], [N] or [N, …]
 * @returns one number, or the target's shape with reduction none
 */
export function nllLoss(input: Tensor, target: Tensor, options: ClassLossOptions = {}): Tensor {
  checkOptions("nllLoss", options, OPTIONS);
  const axis = classAxis("nllLoss", input, options.weight ?? null);
  const classes = checkClasses("nllLoss", input, target, axis, options.ignoreIndex ?? -100);
  const weights = weightsOf(classes, options.weight ?? null, input);
  return reduceByWeight("nllLoss", ofClasses(input, classes, weights, axis), weights, classes, options);
}

/** −w[y] x[y] of every target. */
export function ofClasses(input: Tensor, { chosen }: Classes, weights: Tensor | null, axis: number): Tensor {
  const losses = neg(squeeze(gatherAlong(input, axis, unsqueeze(chosen, axis)), axis));
  return weights === null ? losses : mul(losses, weights);
}

/** Where the classes stand, once the shapes of scores and weight are known to fit. */
export function classAxis(place: string, input: Tensor, weight: Tensor | null): number {
  checkTensor(`${place} (input)`, input);
  if (input.rank === 0) throw new ShapeError(`${place}: scores must be [C], [N, C] or [N, C, …], got []`);
  if (!isFloating(input.dtype)) {
    throw new DTypeError(`${place}: scores are floating-point, got ${input.dtype}; cast them: input.to("float32")`);
  }
  const axis = input.rank === 1 ? 0 : 1;
  if (weight !== null && (weight.rank !== 1 || weight.shape[0] !== input.shape[axis])) {
    throw new ShapeError(
      `${place}: weight must be [${input.shape[axis]}], one for each class, got ${formatShape(weight.shape)}`,
    );
  }
  return axis;
}

/** Classes within range, and which of them count: those that do not are class 0. */
export interface Classes {
  readonly chosen: Tensor;
  /** bool */
  readonly counted: Tensor;
}

export function checkClasses(place: string, input: Tensor, target: Tensor, axis: number, ignoreIndex: number): Classes {
  checkTensor(`${place} (target)`, target);
  const expected = input.shape.filter((_, i) => i !== axis);
  if (!sameShape(target.shape, expected)) {
    throw new ShapeError(
      `${place}: the target of scores ${formatShape(input.shape)} must be ${formatShape(expected)}, got ${formatShape(target.shape)}`,
    );
  }
  if (target.dtype !== "int64" && target.dtype !== "int32" && target.dtype !== "uint8") {
    throw new DTypeError(`${place}: class indices must be int64, got ${target.dtype}; cast them: target.to("int64")`);
  }
  const classes = cast(target, "int64");
  const counted = ne(classes, ignoreIndex);
  const chosen = where(counted, classes, 0);
  checkRange(`${place} (target)`, chosen, input.shape[axis]);
  return { chosen, counted };
}

/** The weight of every target's class, shaped as the target; null where all are 1. */
export function weightsOf({ chosen }: Classes, weight: Tensor | null, input: Tensor): Tensor | null {
  if (weight === null) return null;
  return reshape(indexSelect(cast(weight, input.dtype), 0, reshape(chosen, [-1])), chosen.shape);
}

/** Weighted losses as one number: those that do not count are 0, and the mean is over the weights of those that do. */
export function reduceByWeight(
  place: string,
  losses: Tensor,
  weights: Tensor | null,
  { counted }: Classes,
  options: LossOptions,
): Tensor {
  const kept = where(counted, losses, 0);
  if ((options.reduction ?? "mean") !== "mean") return reduceLosses(place, kept, options);
  const total = weights === null ? cast(sum(counted), losses.dtype) : sum(where(counted, weights, 0));
  return div(sum(kept), total);
}

/**
 * −x[y] of log-probabilities [N, C, …] and class indices [N, …].
 * @throws {ShapeError} for a class out of range or a target of another shape
 */
export class NLLLoss extends lossModule("NLLLoss", nllLoss, OPTIONS) {}
