/** The absolute error, |x − y|. */

import { sub } from "../../ops/arithmetic.ts";
import { abs } from "../../ops/element-wise.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ElementLoss } from "./loss.ts";

export class L1Loss extends ElementLoss {
  /**
   * @param input  predictions, any shape
   * @param target truth, the same shape
   * @returns one number, or input's shape with reduction none
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    this.check(input, target);
    return this.reduce(abs(sub(input, target)));
  }

  override get moduleName(): string {
    return "L1Loss";
  }
}
