/**
 * Adadelta: steps in the parameter's own unit, from the running mean squares of gradients and of steps.
 *
 *   v ← ρ v + (1 − ρ) g²,   Δ = √(u + ε) / √(v + ε) · g,   u ← ρ u + (1 − ρ) Δ²,   θ ← θ − η Δ
 *
 * Zeiler 2012.
 */

import { add, div, mul } from "../ops/arithmetic.ts";
import { sqrt, square } from "../ops/element-wise.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_, average_ } from "./in-place.ts";
import { checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface AdadeltaSettings {
  /** η. Default 1 */
  readonly lr: number;
  /** ρ, how much of the mean squares is kept. Default 0.9 */
  readonly rho: number;
  /** ε. Default 1e-6 */
  readonly eps: number;
  /** λ, added to the gradient as λ θ. Default 0 */
  readonly weightDecay: number;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: AdadeltaSettings = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false };

type Own = Remembered<"square_avg" | "acc_delta">;

/** Steps measured by those taken before. Zeiler 2012. @throws {ArgumentError} for settings out of range */
export class Adadelta extends PerParameterOptimizer<AdadeltaSettings, Own> {
  constructor(params: Parameters<AdadeltaSettings>, options: Partial<AdadeltaSettings> = {}) {
    super("Adadelta", params, DEFAULTS, options);
  }

  protected override check({ lr, rho, eps, weightDecay }: AdadeltaSettings): void {
    for (const [name, value] of Object.entries({ lr, rho, eps, weightDecay })) checkRate("Adadelta", name, value);
    if (rho > 1) throw new ArgumentError(`Adadelta: rho must be a number in [0, 1], got ${rho}`);
  }

  protected override begin(_: AdadeltaSettings, zeros: () => Tensor): Omit<Own, "step"> {
    return { square_avg: zeros(), acc_delta: zeros() };
  }

  protected override move(parameter: Tensor, gradient: Tensor, memory: Own, settings: AdadeltaSettings): void {
    const { lr, rho, eps } = settings;
    average_(memory.square_avg, square(gradient), rho);
    const delta = mul(div(sqrt(add(memory.acc_delta, eps)), sqrt(add(memory.square_avg, eps))), gradient);
    average_(memory.acc_delta, square(delta), rho);
    addScaled_(parameter, delta, -lr);
  }
}
