/** Activations that weigh x by a gate between 0 and 1. */

import { add, div, mul } from "../../ops/arithmetic.ts";
import { gt, lt } from "../../ops/comparison.ts";
import { erf, sigmoid, tanh } from "../../ops/element-wise.ts";
import { clamp, where } from "../../ops/where.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { softplus } from "./rectifiers.ts";

/**
 * x Φ(x), Φ the normal distribution. Hendrycks & Gimpel 2016.
 * @param approximate "tanh" for x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))). Default "none"
 */
export function gelu(x: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  if (approximate === "none") return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
  if (approximate !== "tanh") {
    throw new ArgumentError(`gelu: approximate must be "none" or "tanh", got "${String(approximate)}"`);
  }
  const inner = mul(mul(x, add(mul(mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/** x σ(x), also called swish. Elfwing, Uchibe & Doya 2017. */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/** x tanh(log(1 + eˣ)). Misra 2019. */
export const mish = (x: Tensor): Tensor => mul(x, tanh(softplus(x)));

/** x (x + 3) / 6 between −3 and 3, 0 below and x above: silu in straight lines. Howard et al. 2019. */
export function hardswish(x: Tensor): Tensor {
  const middle = clamp(x, { min: -3, max: 3 });
  return where(gt(x, -3), where(lt(x, 3), div(mul(middle, add(middle, 3)), 6), x), mul(middle, 0));
}
