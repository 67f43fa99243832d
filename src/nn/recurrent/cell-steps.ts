/**
 * One step of each cell from its two products, a = W x + b and u = U h + c, both [B, G·H]: what the cells, and the layers
 * that extend them, have in common.
 */

import { add, mul, sub } from "../../ops/arithmetic.ts";
import { relu, sigmoid, tanh } from "../../ops/element-wise.ts";
import { chunk } from "../../ops/join.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** h′ = tanh(a + u), or relu. */
export const rnnStep = (a: Tensor, u: Tensor, nonlinearity: "tanh" | "relu"): Tensor =>
  nonlinearity === "tanh" ? tanh(add(a, u)) : relu(add(a, u));

/**
 * i, f, o = σ(a + u), g = tanh(a + u), c′ = f ⊙ c + i ⊙ g, h′ = o ⊙ tanh(c′).
 * @param shown what the memory goes through before tanh, if anything
 */
export function lstmStep(
  a: Tensor,
  u: Tensor,
  c: Tensor,
  shown: (c: Tensor) => Tensor = (memory) => memory,
): { h: Tensor; c: Tensor } {
  const [i, f, g, o] = chunk(add(a, u), 4, 1);
  const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
  return { h: mul(sigmoid(o), tanh(shown(next))), c: next };
}

/** r, z = σ(a + u), n = tanh(a + r ⊙ u), h′ = (1 − z) ⊙ n + z ⊙ h. */
export function gruStep(a: Tensor, u: Tensor, h: Tensor): Tensor {
  const [ar, az, an] = chunk(a, 3, 1);
  const [ur, uz, un] = chunk(u, 3, 1);
  const r = sigmoid(add(ar, ur));
  const z = sigmoid(add(az, uz));
  const n = tanh(add(an, mul(r, un)));
  return add(n, mul(z, sub(h, n)));
}
