/**
 * Binary cross-entropy of probabilities: −(y log x + (1 − y) log(1 − x)), logarithms no lower than −100, as PyTorch's.
 * Scores before the sigmoid are better served by `BCEWithLogitsLoss`.
 */

import { defineOp } from "../../autograd/define-op.ts";
import { noGrad } from "../../autograd/grad-mode.ts";
import { div, mul, sub } from "../../ops/arithmetic.ts";
import { log, log1p, neg } from "../../ops/element-wise.ts";
import { readNumbers } from "../../ops/read.ts";
import { expand } from "../../ops/views.ts";
import { clamp } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { broadcastShapes } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface BCELossOptions extends ElementLossOptions {
  /** What every loss is multiplied by; broadcasts. Default: all 1 */
  readonly weight?: Tensor | null;
}

const LOWEST_LOG = -100;
/** What the gradient divides by at least; PyTorch's is a single-precision number in every dtype. */
const LEAST_SPREAD = Math.fround(1e-12);
const logOf = (x: Tensor): Tensor => clamp(log(x), { min: LOWEST_LOG });
const logOfRest = (x: Tensor): Tensor => clamp(log1p(neg(x)), { min: LOWEST_LOG });

/** An op of its own, since its gradient stays finite where the logarithms' do not. */
const binaryCrossEntropyOp = defineOp({
  name: "binaryCrossEntropy",
  forward(_, x: Tensor, y: Tensor) {
    const output = noGrad(() => sub(mul(sub(y, 1), logOfRest(x)), mul(y, logOf(x))));
    return { output, saved: { x, y } };
  },
  backward(_, dy, { x, y }, { needs }) {
    const scale = clamp(mul(x, sub(1, x)), { min: LEAST_SPREAD });
    return [needs[0] ? mul(dy, div(sub(x, y), scale)) : null, needs[1] ? mul(dy, sub(logOfRest(x), logOf(x))) : null];
  },
});

const OPTIONS = ["reduction", "broadcast", "weight"] as const;

/**
 * @param input  probabilities, any shape
 * @param target 0 … 1, the same shape
 * @returns one number, or input's shape with reduction none
 * @throws {ArgumentError} for a probability outside 0 … 1, or NaN
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: BCELossOptions = {}): Tensor {
  checkOptions("binaryCrossEntropy", options, OPTIONS);
  checkPair("binaryCrossEntropy", input, target, options);
  checkProbabilities("input", input, "; scores go to binaryCrossEntropyWithLogits");
  checkProbabilities("target", target, "");
  const shape = broadcastShapes("binaryCrossEntropy", input.shape, target.shape);
  const losses = binaryCrossEntropyOp(expand(input, shape), expand(target, shape));
  return reduceLosses("binaryCrossEntropy", options.weight ? mul(losses, options.weight) : losses, options);
}

function checkProbabilities(name: string, x: Tensor, cure: string): void {
  const outside = readNumbers(x).find((p) => !(p >= 0 && p <= 1));
  if (outside === undefined) return;
  throw new ArgumentError(`binaryCrossEntropy: the ${name} holds probabilities, 0 … 1, got ${outside}${cure}`);
}

/**
 * −(y log x + (1 − y) log(1 − x)) for probabilities x of any shape.
 * @throws {ArgumentError} for a probability outside 0 … 1
 */
export class BCELoss extends lossModule("BCELoss", binaryCrossEntropy, OPTIONS) {}
