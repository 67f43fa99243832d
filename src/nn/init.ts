/** Initial values. Each function fills a tensor in place and returns it; draws come from PyTorch's streams. */

import { noGrad } from "../autograd/grad-mode.ts";
import { fillNormal, fillUniform } from "../ops/create.ts";
import { fill_ } from "../ops/in-place.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { elementCount, formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** U(low, high). */
export const uniform_ = (x: Tensor, low = 0, high = 1): Tensor => fillUniform(x, low, high);

/** N(mean, std²). */
export const normal_ = (x: Tensor, mean = 0, std = 1): Tensor => fillNormal(x, mean, std);

export const constant_ = (x: Tensor, value: number): Tensor => noGrad(() => fill_(x, value));
export const zeros_ = (x: Tensor): Tensor => constant_(x, 0);
export const ones_ = (x: Tensor): Tensor => constant_(x, 1);

export type Nonlinearity = "linear" | "conv1d" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/**
 * The factor by which a nonlinearity wants its weights larger: 1, tanh 5/3, ReLU √2, leaky ReLU √(2 / (1 + a²)), SELU 3/4.
 * @param slope the negative slope of a leaky ReLU. Default 0.01
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "conv1d":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + slope * slope));
    case "selu":
      return 3 / 4;
    default:
      throw new ArgumentError(`calculateGain: unknown nonlinearity "${nonlinearity}"`);
  }
}

/** Inputs and outputs of a weight: its second and first axis, times the size of a convolution's kernel. */
function fans(place: string, x: Tensor): { fanIn: number; fanOut: number } {
  if (x.rank < 2) throw new ShapeError(`${place}: a weight needs at least two axes, got ${formatShape(x.shape)}`);
  const field = elementCount(x.shape.slice(2));
  return { fanIn: x.shape[1] * field, fanOut: x.shape[0] * field };
}

/** U(−a, a) with a = gain · √(6 / (in + out)). Glorot & Bengio 2010. */
export function xavierUniform_(x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans("xavierUniform_", x);
  const std = gain * Math.sqrt(2 / (fanIn + fanOut));
  const bound = Math.sqrt(3) * std;
  return fillUniform(x, -bound, bound);
}

/** N(0, gain² · 2 / (in + out)). Glorot & Bengio 2010. */
export function xavierNormal_(x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans("xavierNormal_", x);
  return fillNormal(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

export interface KaimingOptions {
  /** The negative slope of the leaky ReLU that follows. Default 0 */
  readonly a?: number;
  /** Keep the variance going forward (`fanIn`, the default) or backward (`fanOut`). */
  readonly mode?: "fanIn" | "fanOut";
  /** Default leakyRelu */
  readonly nonlinearity?: Nonlinearity;
}

/** U(−a, a) with a = √3 · gain / √fan. He et al. 2015. */
export function kaimingUniform_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform_", x, options);
  return fillUniform(x, -bound, bound);
}

/** N(0, gain² / fan). He et al. 2015. */
export function kaimingNormal_(x: Tensor, options: KaimingOptions = {}): Tensor {
  return fillNormal(x, 0, kaimingStd("kaimingNormal_", x, options));
}

function kaimingStd(place: string, x: Tensor, options: KaimingOptions): number {
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(place, x)[mode]);
}
