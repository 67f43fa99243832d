/** The rectifier whose slope below 0 is trained. He et al. 2015. */

import { full } from "../../ops/create.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkSize } from "../check-size.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { prelu } from "./rectifiers.ts";

/** x where positive, else w · x, the slopes w trained. [N, C, …] → the same shape. He et al. 2015. */
export class PReLU extends Module {
  readonly numParameters: number;
  /** The slopes, [numParameters] */
  declare weight: Parameter;

  /**
   * @param numParameters 1, or the number of channels (axis 1 of x) for a slope each. Default 1
   * @param init the first value of every slope. Default 0.25
   */
  constructor(numParameters = 1, init = 0.25, options: { dtype?: DType } = {}) {
    super();
    checkOptions("PReLU", options, ["dtype"]);
    this.numParameters = checkSize("PReLU", "numParameters", numParameters);
    this.weight = new Parameter(full([numParameters], init, { dtype: options.dtype ?? "float32" }));
  }

  /** @param x [N, C, …], or any shape for a single slope @returns the same shape */
  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }

  override get moduleName(): string {
    return "PReLU";
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}
