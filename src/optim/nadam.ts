/**
 * NAdam: Adam that looks one step of momentum ahead.
 *
 *   μₜ = β₁ (1 − ½ · 0.96^(t ψ)),   Πₜ = μ₁ ⋯ μₜ
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *   θ ← θ − η [(1 − μₜ) g / (1 − Πₜ) + μₜ₊₁ m / (1 − Πₜ₊₁)] / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * Dozat 2016.
 */

import { div } from "../ops/arithmetic.ts";
import { sqrt, square } from "../ops/element-wise.ts";
import { add_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_, average_ } from "./in-place.ts";
import { checkBetas, checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface NAdamSettings {
  /** η, the learning rate. Default 2e-3 */
  readonly lr: number;
  /** β₁ and β₂. Default 0.9 and 0.999 */
  readonly betas: readonly [number, number];
  /** ε. Default 1e-8 */
  readonly eps: number;
  /** λ. Default 0 */
  readonly weightDecay: number;
  /** ψ. Default 4e-3 */
  readonly momentumDecay: number;
  /** Whether the weight decay acts on the weight itself. Default false */
  readonly decoupledWeightDecay: boolean;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: NAdamSettings = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  decoupledWeightDecay: false,
  maximize: false,
};

type Own = Remembered<"exp_avg" | "exp_avg_sq", "mu_product">;

/** Adam with Nesterov's look ahead. Dozat 2016. @throws {ArgumentError} for settings out of range */
export class NAdam extends PerParameterOptimizer<NAdamSettings, Own> {
  constructor(params: Parameters<NAdamSettings>, options: Partial<NAdamSettings> = {}) {
    super("NAdam", params, DEFAULTS, options);
  }

  protected override check({ lr, betas, eps, weightDecay, momentumDecay }: NAdamSettings): void {
    for (const [name, value] of Object.entries({ lr, eps, weightDecay, momentumDecay }))
      checkRate("NAdam", name, value);
    checkBetas("NAdam", betas);
  }

  protected override begin(_: NAdamSettings, zeros: () => Tensor): Omit<Own, "step"> {
    return { exp_avg: zeros(), exp_avg_sq: zeros(), mu_product: 1 };
  }

  protected override move(parameter: Tensor, gradient: Tensor, memory: Own, settings: NAdamSettings): void {
    const { lr, betas, eps, momentumDecay } = settings;
    const { step, exp_avg, exp_avg_sq } = memory;
    const momentumAt = (t: number) => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const [now, next] = [momentumAt(step), momentumAt(step + 1)];
    // PyTorch keeps the product, and multiplies it, in float32.
    memory.mu_product = Math.fround(memory.mu_product * Math.fround(now));
    average_(exp_avg, gradient, betas[0]);
    average_(exp_avg_sq, square(gradient), betas[1]);
    const root = add_(sqrt(div(exp_avg_sq, 1 - betas[1] ** step)), eps);
    addScaled_(parameter, div(gradient, root), (-lr * (1 - now)) / (1 - memory.mu_product));
    addScaled_(parameter, div(exp_avg, root), (-lr * next) / (1 - memory.mu_product * next));
  }
}
