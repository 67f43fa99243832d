/** The squared error, (x − y)². */

import { sub } from "../../ops/arithmetic.ts";
import { square } from "../../ops/element-wise.ts";
import { squaredError } from "../../ops/losses.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkPair, type ElementLossOptions, lossModule, reduceLosses } from "./loss.ts";

const OPTIONS = ["reduction", "broadcast"] as const;

/**
 * @param input  predictions, any shape
 * @param target truth, the same shape
 * @returns one number, or input's shape with reduction none
 */
export function mseLoss(input: Tensor, target: Tensor, options: ElementLossOptions = {}): Tensor {
  checkOptions("mseLoss", options, OPTIONS);
  checkPair("mseLoss", input, target, options);
  const { reduction = "mean" } = options;
  const oneOp = (reduction === "mean" || reduction === "sum") && isFloating(input.dtype);
  if (oneOp && sameShape(input.shape, target.shape)) {
    return squaredError(input, target, reduction === "mean" ? 1 / input.elementCount : 1);
  }
  return reduceLosses("mseLoss", square(sub(input, target)), options);
}

/** (x − y)²; any shape. @throws {ShapeError} if the shapes differ, with the cure */
export class MSELoss extends lossModule("MSELoss", mseLoss, OPTIONS) {}
