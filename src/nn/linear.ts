/** A linear layer: y = x Wᵀ + b. */

import { empty } from "../ops/create.ts";
import { linear } from "../ops/matmul.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";
import { kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { pythonBool } from "./module-text.ts";
import { Parameter } from "./parameter.ts";

/**
 * y = x Wᵀ + b: [..., in] → [..., out]. As `torch.nn.Linear`.
 * @throws {ShapeError} if the last axis is not `in`
 * @throws {DTypeError} for another dtype than the weights'
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** W [out, in] */
  declare weight: Parameter;
  /** b [out], or null */
  declare bias: Parameter | null;

  /**
   * @param inFeatures  size of the last axis of x
   * @param outFeatures size of the last axis of y
   * @param options.bias whether to add b. Default true
   * @example new Linear(50, 1).forward(x) // x [B, 50] → [B, 1]
   */
  constructor(inFeatures: number, outFeatures: number, options: { bias?: boolean; dtype?: DType } = {}) {
    super();
    checkOptions("Linear", options, ["bias", "dtype"]);
    this.inFeatures = checkSize("Linear", "inFeatures", inFeatures, 0);
    this.outFeatures = checkSize("Linear", "outFeatures", outFeatures, 0);
    const dtype = options.dtype ?? "float32";
    this.weight = new Parameter(empty([outFeatures, inFeatures], { dtype }));
    this.bias = (options.bias ?? true) ? new Parameter(empty([outFeatures], { dtype })) : null;
    this.resetParameters();
  }

  /** Draws new initial values: W from kaiming-uniform with a = √5, b from U(−1/√in, 1/√in), as PyTorch. */
  resetParameters(): void {
    if (this.inFeatures === 0 || this.outFeatures === 0) return;
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias !== null) {
      const bound = 1 / Math.sqrt(this.inFeatures);
      uniform_(this.bias, -bound, bound);
    }
  }

  /** @param x [..., in] @returns [..., out] */
  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override get moduleName(): string {
    return "Linear";
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${pythonBool(this.bias !== null)}`;
  }
}
