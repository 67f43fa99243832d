/** Binary cross-entropy of scores before the sigmoid: −(p y log σ(x) + (1 − y) log(1 − σ(x))), p the weight of the positives. */

import { add, mul, sub } from "../../ops/arithmetic.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { logsigmoid } from "../activations/bounded.ts";
import type { BCELossOptions } from "./bce-loss.ts";
import { checkPair, lossModule, reduceLosses } from "./loss.ts";

export interface BCEWithLogitsLossOptions extends BCELossOptions {
  /** What the positive targets weigh, one for each class; broadcasts. Default: all 1 */
  readonly posWeight?: Tensor | null;
}

const OPTIONS = ["reduction", "broadcast", "weight", "posWeight"] as const;

/**
 * @param input  scores, any shape
 * @param target 0 … 1, the same shape
 * @returns one number, or input's shape with reduction none
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BCEWithLogitsLossOptions = {},
): Tensor {
  checkOptions("binaryCrossEntropyWithLogits", options, OPTIONS);
  const place = "binaryCrossEntropyWithLogits";
  checkPair(place, input, target, options);
  const { posWeight, weight } = options;
  // log(1 − σ(x)) = log σ(x) − x
  const scale = posWeight ? add(mul(sub(posWeight, 1), target), 1) : 1;
  const losses = sub(mul(sub(1, target), input), mul(logsigmoid(input), scale));
  return reduceLosses(place, weight ? mul(losses, weight) : losses, options);
}

/** Binary cross-entropy of scores before the sigmoid, any shape. @throws {ShapeError} if the shapes differ */
export class BCEWithLogitsLoss extends lossModule("BCEWithLogitsLoss", binaryCrossEntropyWithLogits, OPTIONS) {}
