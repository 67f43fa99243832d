/** Dropout as a module: acts while training, rests after `eval()`. Srivastava et al. 2014. */

import { dropout } from "../ops/dropout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkProbability } from "./check-size.ts";
import { Module } from "./module.ts";

export class Dropout extends Module {
  readonly p: number;

  /** @param p probability that an element becomes 0; the others grow by 1 / (1 − p). Default 0.5 */
  constructor(p = 0.5) {
    super();
    this.p = checkProbability("Dropout", "p", p);
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training });
  }

  override get moduleName(): string {
    return "Dropout";
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=False`;
  }
}
