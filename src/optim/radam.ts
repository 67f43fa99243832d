/**
 * RAdam: Adam that does not divide by its mean square before that can be trusted.
 *
 *   ρ∞ = 2 / (1 − β₂) − 1,   ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
 *   θ ← θ − η m̂ r / (√v̂ + ε′) where ρₜ > 5, with r² = (ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ); else θ ← θ − η m̂
 *
 * As in PyTorch ε is added to √v, before its bias is corrected. Liu et al. 2020.
 */

import { div } from "../ops/arithmetic.ts";
import { sqrt, square } from "../ops/element-wise.ts";
import { add_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_, average_ } from "./in-place.ts";
import { checkBetas, checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface RAdamSettings {
  /** η, the learning rate. Default 1e-3 */
  readonly lr: number;
  /** β₁ and β₂. Default 0.9 and 0.999 */
  readonly betas: readonly [number, number];
  /** ε. Default 1e-8 */
  readonly eps: number;
  /** λ. Default 0 */
  readonly weightDecay: number;
  /** Whether the weight decay acts on the weight itself. Default false */
  readonly decoupledWeightDecay: boolean;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: RAdamSettings = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupledWeightDecay: false,
  maximize: false,
};

type Own = Remembered<"exp_avg" | "exp_avg_sq">;

/** Adam whose first steps are rectified. Liu et al. 2020. @throws {ArgumentError} for settings out of range */
export class RAdam extends PerParameterOptimizer<RAdamSettings, Own> {
  constructor(params: Parameters<RAdamSettings>, options: Partial<RAdamSettings> = {}) {
    super("RAdam", params, DEFAULTS, options);
  }

  protected override check({ lr, betas, eps, weightDecay }: RAdamSettings): void {
    for (const [name, value] of Object.entries({ lr, eps, weightDecay })) checkRate("RAdam", name, value);
    checkBetas("RAdam", betas);
  }

  protected override begin(_: RAdamSettings, zeros: () => Tensor): Omit<Own, "step"> {
    return { exp_avg: zeros(), exp_avg_sq: zeros() };
  }

  protected override move(parameter: Tensor, gradient: Tensor, memory: Own, settings: RAdamSettings): void {
    const { lr, betas, eps } = settings;
    const { step, exp_avg, exp_avg_sq } = memory;
    average_(exp_avg, gradient, betas[0]);
    average_(exp_avg_sq, square(gradient), betas[1]);
    const rate = lr / (1 - betas[0] ** step);
    const correction = 1 - betas[1] ** step;
    const most = 2 / (1 - betas[1]) - 1;
    const length = most - (2 * step * betas[1] ** step) / correction;
    if (length <= 5) {
      addScaled_(parameter, exp_avg, -rate);
      return;
    }
    const trust = Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
    addScaled_(parameter, div(exp_avg, add_(sqrt(exp_avg_sq), eps)), -rate * Math.sqrt(correction) * trust);
  }
}
