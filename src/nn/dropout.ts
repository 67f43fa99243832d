/** Dropout as a module: acts while training, rests after `eval()`. Srivastava et al. 2014. */

import { dropout } from "../ops/dropout.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkProbability } from "./check-size.ts";
import { Module } from "./module.ts";
import { pythonBool } from "./module-text.ts";

export interface DropoutOptions {
  /** Probability that an element becomes 0. Default 0.5 */
  readonly p?: number;
  /** PyTorch's request to reuse x's memory: taken and printed, but x stays as it is, so that its gradients stay right. */
  readonly inplace?: boolean;
}

/**
 * While training each element is 0 with probability p, else x / (1 − p); any shape. Srivastava et al. 2014.
 * @throws {ArgumentError} for a p outside [0, 1]
 */
export class Dropout extends Module {
  readonly p: number;
  readonly inplace: boolean;

  /**
   * @param p probability that an element becomes 0; the others grow by 1 / (1 − p). Default 0.5
   * @example new Dropout(0.2); new Dropout({ p: 0.2 })
   */
  constructor(p: number | DropoutOptions = 0.5, options: Omit<DropoutOptions, "p"> = {}) {
    super();
    const given = typeof p === "object" && p !== null ? p : { ...options, p };
    checkOptions("Dropout", options, ["inplace"]);
    checkOptions("Dropout", given, ["p", "inplace"]);
    this.p = checkProbability("Dropout", "p", given.p ?? 0.5);
    this.inplace = given.inplace ?? false;
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training });
  }

  override get moduleName(): string {
    return "Dropout";
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=${pythonBool(this.inplace)}`;
  }
}
