/** A bilinear layer of two inputs: y_k = x₁ᵀ W_k x₂ + b_k. */

import { add, mul } from "../ops/arithmetic.ts";
import { empty } from "../ops/create.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/reductions.ts";
import { permute, reshape, unsqueeze } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { pythonBool } from "./module-text.ts";
import { Parameter } from "./parameter.ts";

/**
 * @param x1 [..., I₁] @param x2 [..., I₂], the other axes as x1's
 * @param weight [out, I₁, I₂] @param bias [out], or null
 * @returns [..., out]
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  for (const tensor of [x1, x2, weight]) checkTensor("bilinear", tensor);
  const [out, I1, I2] = weight.shape;
  const lead = x1.shape.slice(0, -1);
  if (x1.rank === 0 || x1.shape[lead.length] !== I1 || !sameShape(x2.shape, [...lead, I2])) {
    throw new ShapeError(
      `bilinear: x1 must be [..., ${I1}] and x2 [..., ${I2}] with the same other axes (the weight is ${formatShape(weight.shape)}), ` +
        `got ${formatShape(x1.shape)} and ${formatShape(x2.shape)}`,
    );
  }
  const flat = matmul(reshape(x1, [-1, I1]), reshape(permute(weight, [1, 0, 2]), [I1, out * I2])); // [N, out·I₂]
  const product = mul(reshape(flat, [-1, out, I2]), unsqueeze(reshape(x2, [-1, I2]), 1));
  const y = reshape(sum(product, 2), [...lead, out]);
  return bias === null ? y : add(y, bias);
}

/** y_k = x₁ᵀ W_k x₂ + b_k: [..., in1] and [..., in2] → [..., out]. @throws {ShapeError} if the inputs do not fit */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  /** W [out, in1, in2] */
  declare weight: Parameter;
  /** b [out], or null */
  declare bias: Parameter | null;

  /** @param options.bias whether to add b. Default true */
  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: { bias?: boolean; dtype?: DType } = {},
  ) {
    super();
    checkOptions("Bilinear", options, ["bias", "dtype"]);
    this.in1Features = checkSize("Bilinear", "in1Features", in1Features);
    this.in2Features = checkSize("Bilinear", "in2Features", in2Features);
    this.outFeatures = checkSize("Bilinear", "outFeatures", outFeatures);
    const dtype = options.dtype ?? "float32";
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], { dtype }));
    this.bias = (options.bias ?? true) ? new Parameter(empty([outFeatures], { dtype })) : null;
    this.resetParameters();
  }

  /** Draws new initial values, all from U(−1/√in1, 1/√in1), as PyTorch. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** @param x1 [..., in1] @param x2 [..., in2] @returns [..., out] */
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }

  override get moduleName(): string {
    return "Bilinear";
  }

  override extraRepr(): string {
    const bias = pythonBool(this.bias !== null);
    return `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, bias=${bias}`;
  }
}
