/** The squared error, (x − y)². */

import { sub } from "../../ops/arithmetic.ts";
import { square } from "../../ops/element-wise.ts";
import { squaredError } from "../../ops/losses.ts";
import { sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ElementLoss } from "./loss.ts";

export class MSELoss extends ElementLoss {
  /**
   * @param input  predictions, any shape
   * @param target truth, the same shape
   * @returns one number, or input's shape with reduction none
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    this.check(input, target);
    if (this.reduction === "none" || !sameShape(input.shape, target.shape))
      return this.reduce(square(sub(input, target)));
    return squaredError(input, target, this.reduction === "mean" ? 1 / input.elementCount : 1);
  }

  override get moduleName(): string {
    return "MSELoss";
  }
}
