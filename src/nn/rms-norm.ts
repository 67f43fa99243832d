/** Normalisation by the root mean square of the last axes: y = x / √(mean x² + ε) · w. Zhang & Sennrich 2019. */

import { add, mul } from "../ops/arithmetic.ts";
import { ones } from "../ops/create.ts";
import { rsqrt, square } from "../ops/element-wise.ts";
import { mean } from "../ops/reductions.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { ones_ } from "./init.ts";
import { Module } from "./module.ts";
import { pythonBool, pythonFloat, pythonTuple } from "./module-text.ts";
import { lastAxes, normalizedShapeOf } from "./normalized-shape.ts";
import { Parameter } from "./parameter.ts";

/**
 * @param x [..., ...normalizedShape]
 * @param options.weight of normalizedShape
 * @param options.eps default: the distance from 1 to the next number of x's dtype, as PyTorch
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: Shape,
  options: { weight?: Tensor | null; eps?: number | null } = {},
): Tensor {
  checkTensor("rmsNorm", x);
  checkOptions("rmsNorm", options, ["weight", "eps"]);
  const { weight = null } = options;
  const eps = options.eps ?? (x.dtype === "float64" ? Number.EPSILON : 2 ** -23);
  const over = { dim: lastAxes("rmsNorm", x, normalizedShape), keepdim: true };
  const normal = mul(x, rsqrt(add(mean(square(x), over), eps)));
  return weight === null ? normal : mul(normal, weight);
}

export interface RMSNormOptions {
  /** Keeps the division finite. Default null: the precision of the dtype */
  readonly eps?: number | null;
  /** Whether the scale is trained. Default true */
  readonly elementwiseAffine?: boolean;
  /** Default float32 */
  readonly dtype?: DType;
}

/**
 * x / √(mean x² + ε) · w over the last axes; the same shape. Zhang & Sennrich 2019.
 * @throws {ShapeError} if x does not end with normalizedShape
 */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  /** w, of normalizedShape, or null */
  declare weight: Parameter | null;

  /** @param normalizedShape the size of the last axis, or the sizes of the last axes */
  constructor(normalizedShape: number | Shape, options: RMSNormOptions = {}) {
    super();
    checkOptions("RMSNorm", options, ["eps", "elementwiseAffine", "dtype"]);
    this.normalizedShape = normalizedShapeOf("RMSNorm", normalizedShape);
    this.eps = options.eps ?? null;
    this.elementwiseAffine = options.elementwiseAffine ?? true;
    const dtype = options.dtype ?? "float32";
    this.weight = this.elementwiseAffine ? new Parameter(ones(this.normalizedShape, { dtype })) : null;
  }

  /** Scale 1 again. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
  }

  /** @param x [..., ...normalizedShape] @returns the same shape */
  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, eps: this.eps });
  }

  override get moduleName(): string {
    return "RMSNorm";
  }

  override extraRepr(): string {
    const eps = this.eps === null ? "None" : pythonFloat(this.eps);
    return `${pythonTuple(this.normalizedShape)}, eps=${eps}, elementwise_affine=${pythonBool(this.elementwiseAffine)}`;
  }
}
