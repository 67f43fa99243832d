/**
 * Cross-entropy between scores and the true classes: −w[y] log softmax(x)[y], or −Σ w p log softmax(x) for probabilities p.
 * Label smoothing ε replaces the target by (1 − ε) of it and ε/C for every class. Szegedy et al. 2016.
 */

import { add, mul } from "../../ops/arithmetic.ts";
import { cast } from "../../ops/cast.ts";
import { neg } from "../../ops/element-wise.ts";
import { sum } from "../../ops/reductions.ts";
import { logSoftmax } from "../../ops/softmax.ts";
import { reshape } from "../../ops/views.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import { checkTensor, type Tensor } from "../../tensor/tensor.ts";
import { checkProbability } from "../check-size.ts";
import { lossModule, reduceLosses } from "./loss.ts";
import { type ClassLossOptions, checkClasses, classAxis, ofClasses, reduceByWeight, weightsOf } from "./nll-loss.ts";

export interface CrossEntropyLossOptions extends ClassLossOptions {
  /** The share of every target that is spread evenly over all classes, 0 … 1. Default 0 */
  readonly labelSmoothing?: number;
}

const OPTIONS = ["reduction", "weight", "ignoreIndex", "labelSmoothing"] as const;

/**
 * @param input  scores before softmax, [C], [N, C] or [N, C, …]
 * @param target class indices, int64 [], [N] or [N, …]; or probabilities of input's shape and dtype
 * @returns one number, or the target's shape (without the class axis) with reduction none
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyLossOptions = {}): Tensor {
  checkOptions("crossEntropy", options, OPTIONS);
  const weight = options.weight ?? null;
  const smoothing = checkProbability("crossEntropy", "labelSmoothing", options.labelSmoothing ?? 0);
  const axis = classAxis("crossEntropy", input, weight);
  checkTensor("crossEntropy (target)", target);
  const logs = logSoftmax(input, axis);
  if (isFloating(target.dtype)) return ofProbabilities(logs, target, axis, weight, smoothing, options);

  const classes = checkClasses("crossEntropy", logs, target, axis, options.ignoreIndex ?? -100);
  const weights = weightsOf(classes, weight, logs);
  const hard = reduceByWeight("crossEntropy", ofClasses(logs, classes, weights, axis), weights, classes, options);
  if (smoothing === 0) return hard;
  const everyClass = neg(sum(weighted(logs, weight, axis), axis));
  const spread = reduceByWeight("crossEntropy", everyClass, weights, classes, options);
  return add(mul(hard, 1 - smoothing), mul(spread, smoothing / logs.shape[axis]));
}

function ofProbabilities(
  logs: Tensor,
  target: Tensor,
  axis: number,
  weight: Tensor | null,
  smoothing: number,
  options: CrossEntropyLossOptions,
): Tensor {
  if (!sameShape(target.shape, logs.shape)) {
    throw new ShapeError(
      `crossEntropy: probabilities must have the shape of the scores ${formatShape(logs.shape)}, got ${formatShape(target.shape)}; ` +
        'class indices must be int64: target.to("int64")',
    );
  }
  const wanted = smoothing === 0 ? target : add(mul(target, 1 - smoothing), smoothing / logs.shape[axis]);
  return reduceLosses("crossEntropy", neg(sum(mul(weighted(logs, weight, axis), wanted), axis)), options);
}

/** Scores times the weight of their class. */
function weighted(logs: Tensor, weight: Tensor | null, axis: number): Tensor {
  if (weight === null) return logs;
  const alongClasses = logs.shape.map((size, i) => (i === axis ? size : 1));
  return mul(logs, reshape(cast(weight, logs.dtype), alongClasses));
}

/**
 * Cross-entropy of scores [N, C, …] with class indices [N, …] or probabilities [N, C, …].
 * @throws {ShapeError} for a class out of range or a target of another shape
 */
export class CrossEntropyLoss extends lossModule("CrossEntropyLoss", crossEntropy, OPTIONS) {}
