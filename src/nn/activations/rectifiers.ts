/**
 * Activations that leave what is positive as it is. The side that was not chosen is kept finite, so that no infinite value
 * there turns a gradient of 0 into NaN.
 */

import { div, mul } from "../../ops/arithmetic.ts";
import { gt, le } from "../../ops/comparison.ts";
import { exp, expm1, log1p } from "../../ops/element-wise.ts";
import { reshape } from "../../ops/views.ts";
import { clamp, where } from "../../ops/where.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { checkTensor, type Tensor } from "../../tensor/tensor.ts";

const negativePart = (x: Tensor): Tensor => clamp(x, { max: 0 });

/** x where positive, else slope · x. Maas, Hannun & Ng 2013. */
export const leakyRelu = (x: Tensor, negativeSlope = 0.01): Tensor =>
  where(gt(x, 0), x, mul(negativePart(x), negativeSlope));

/**
 * x where positive, else w · x with a trained w. He et al. 2015.
 * @param x      [N, C, …] or any shape for a single w
 * @param weight [1], or [C] for one w for each channel
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  checkTensor("prelu", x);
  checkTensor("prelu (weight)", weight);
  const channels = x.rank >= 2 ? x.shape[1] : 1;
  if (weight.rank > 1 || (weight.elementCount !== 1 && weight.elementCount !== channels)) {
    throw new ShapeError(
      `prelu: the weight must be [1], or [${channels}] for the channels of ${formatShape(x.shape)}, got ${formatShape(weight.shape)}`,
    );
  }
  const slopes =
    weight.elementCount === 1
      ? reshape(weight, [])
      : reshape(
          weight,
          x.shape.map((size, axis) => (axis === 1 ? size : 1)),
        );
  return where(gt(x, 0), x, mul(slopes, negativePart(x)));
}

/** x where positive, else α (eˣ − 1). Clevert, Unterthiner & Hochreiter 2016. */
export const elu = (x: Tensor, alpha = 1): Tensor => where(gt(x, 0), x, mul(expm1(negativePart(x)), alpha));

/** x where positive, else α (e^(x / α) − 1). Barron 2017. */
export function celu(x: Tensor, alpha = 1): Tensor {
  if (alpha === 0) throw new ArgumentError("celu: alpha must not be 0");
  return where(gt(x, 0), x, mul(expm1(div(negativePart(x), alpha)), alpha));
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** λ elu(x, α) with the λ and α that keep mean 0 and variance 1. Klambauer et al. 2017. */
export const selu = (x: Tensor): Tensor => mul(elu(x, SELU_ALPHA), SELU_SCALE);

/** x where it is above `threshold`, else `value`. */
export const threshold = (x: Tensor, threshold: number, value: number): Tensor => where(le(x, threshold), value, x);

/** log(1 + e^(βx)) / β, a smooth relu; x itself where βx is above `threshold`. */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  const scaled = beta === 1 ? x : mul(x, beta);
  const smooth = log1p(exp(clamp(scaled, { max: threshold })));
  return where(gt(scaled, threshold), x, beta === 1 ? smooth : div(smooth, beta));
}
