/** Activations whose values stay on one side of a bound, or between two. */

import { add, div, minimum, sub } from "../../ops/arithmetic.ts";
import { gt, logicalAnd, lt } from "../../ops/comparison.ts";
import { abs, exp, log1p, neg } from "../../ops/element-wise.ts";
import { detach } from "../../ops/views.ts";
import { clamp, where } from "../../ops/where.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** log σ(x), without overflow: min(x, 0) − log(1 + e^(−|x|)). */
export const logsigmoid = (x: Tensor): Tensor => sub(minimum(x, 0), log1p(exp(neg(abs(x)))));

/** x cut to `minVal` … `maxVal`; unlike clamp's, its gradient is 0 at the edges, as PyTorch's. */
export function hardtanh(x: Tensor, minVal = -1, maxVal = 1): Tensor {
  if (!(minVal <= maxVal)) throw new ArgumentError(`hardtanh: minVal ≤ maxVal expected, got ${minVal} and ${maxVal}`);
  const inside = logicalAnd(gt(x, minVal), lt(x, maxVal));
  return where(inside, x, clamp(detach(x), { min: minVal, max: maxVal }));
}

/** x/6 + 1/2, cut to 0 … 1: the sigmoid in straight lines. */
export const hardsigmoid = (x: Tensor): Tensor => hardtanh(div(add(x, 3), 6), 0, 1);

/** x / (1 + |x|). */
export const softsign = (x: Tensor): Tensor => div(x, add(abs(x), 1));
