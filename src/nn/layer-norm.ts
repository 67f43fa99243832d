/**
 * Layer normalisation: every sample on its own, over its last axes.
 *
 *   y = (x − mean) / √(var + ε) · w + b        var without Bessel's correction
 *
 * Ba, Kiros & Hinton 2016.
 */

import { add, mul, sub } from "../ops/arithmetic.ts";
import { ones, zeros } from "../ops/create.ts";
import { rsqrt, square } from "../ops/element-wise.ts";
import { mean } from "../ops/reductions.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { ones_, zeros_ } from "./init.ts";
import { Module } from "./module.ts";
import { pythonBool, pythonFloat, pythonTuple } from "./module-text.ts";
import { lastAxes, normalizedShapeOf } from "./normalized-shape.ts";
import { Parameter } from "./parameter.ts";

/**
 * @param x [..., ...normalizedShape]
 * @param normalizedShape the sizes of the last axes
 * @param options.weight @param options.bias of that shape
 * @param options.eps keeps the division finite. Default 1e-5
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: Shape,
  options: { weight?: Tensor | null; bias?: Tensor | null; eps?: number } = {},
): Tensor {
  checkOptions("layerNorm", options, ["weight", "bias", "eps"]);
  const { weight = null, bias = null, eps = 1e-5 } = options;
  const over = { dim: lastAxes("layerNorm", x, normalizedShape), keepdim: true };
  const centred = sub(x, mean(x, over));
  const normal = mul(centred, rsqrt(add(mean(square(centred), over), eps)));
  const scaled = weight === null ? normal : mul(normal, weight);
  return bias === null ? scaled : add(scaled, bias);
}

export interface LayerNormOptions {
  /** Keeps the division finite. Default 1e-5 */
  readonly eps?: number;
  /** Whether scale and shift are trained. Default true */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a shift, if there is a scale. Default true */
  readonly bias?: boolean;
  /** Default float32 */
  readonly dtype?: DType;
}

/**
 * Layer normalisation over the last axes: [..., ...normalizedShape] → the same shape. Ba, Kiros & Hinton 2016.
 * @throws {ShapeError} if x does not end with normalizedShape
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  /** w, of normalizedShape, or null */
  declare weight: Parameter | null;
  /** b, of normalizedShape, or null */
  declare bias: Parameter | null;

  /**
   * @param normalizedShape the size of the last axis, or the sizes of the last axes
   * @example new LayerNorm(32).forward(x) // x [T, B, 32] → [T, B, 32]
   */
  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super();
    checkOptions("LayerNorm", options, ["eps", "elementwiseAffine", "bias", "dtype"]);
    this.normalizedShape = normalizedShapeOf("LayerNorm", normalizedShape);
    this.eps = options.eps ?? 1e-5;
    this.elementwiseAffine = options.elementwiseAffine ?? true;
    const dtype = options.dtype ?? "float32";
    this.weight = this.elementwiseAffine ? new Parameter(ones(this.normalizedShape, { dtype })) : null;
    const shifts = this.elementwiseAffine && (options.bias ?? true);
    this.bias = shifts ? new Parameter(zeros(this.normalizedShape, { dtype })) : null;
  }

  /** Scale 1 and shift 0 again. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  /** @param x [..., ...normalizedShape] @returns the same shape */
  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }

  override get moduleName(): string {
    return "LayerNorm";
  }

  override extraRepr(): string {
    return (
      `${pythonTuple(this.normalizedShape)}, eps=${pythonFloat(this.eps)}, ` +
      `elementwise_affine=${pythonBool(this.elementwiseAffine)}, bias=${pythonBool(this.bias !== null)}`
    );
  }
}
