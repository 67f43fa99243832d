/** The absolute error, |x − y|. */

import { sub } from "../../ops/arithmetic.ts";
import { abs } from "../../ops/element-wise.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

const OPTIONS = ["reduction", "broadcast"] as const;

/**
 * @param input  predictions, any shape
 * @param target truth, the same shape
 * @returns one number, or input's shape with reduction none
 */
export function l1Loss(input: Tensor, target: Tensor, options: ElementLossOptions = {}): Tensor {
  checkOptions("l1Loss", options, OPTIONS);
  checkPair("l1Loss", input, target, options);
  return reduceLosses("l1Loss", abs(sub(input, target)), options);
}

/** |x − y|; any shape. @throws {ShapeError} if the shapes differ */
export class L1Loss extends lossModule("L1Loss", l1Loss, OPTIONS) {}
