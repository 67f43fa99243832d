/**
 * Adamax: Adam with the largest gradient so far, slowly forgotten, in place of the mean square.
 *
 *   m ← β₁ m + (1 − β₁) g,   u ← max(β₂ u, |g| + ε),   θ ← θ − η / (1 − β₁ᵗ) · m / u
 *
 * Kingma & Ba 2015, section 7.
 */

import { add, div, maximum, mul } from "../ops/arithmetic.ts";
import { abs } from "../ops/element-wise.ts";
import { copy_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_, average_ } from "./in-place.ts";
import { checkBetas, checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface AdamaxSettings {
  /** η, the learning rate. Default 2e-3 */
  readonly lr: number;
  /** β₁ and β₂. Default 0.9 and 0.999 */
  readonly betas: readonly [number, number];
  /** ε. Default 1e-8 */
  readonly eps: number;
  /** λ, added to the gradient as λ θ. Default 0 */
  readonly weightDecay: number;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: AdamaxSettings = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false };

type Own = Remembered<"exp_avg" | "exp_inf">;

/**
 * Adam with the largest gradient in place of the squares. Kingma & Ba 2015.
 * @throws {ArgumentError} for settings out of range
 */
export class Adamax extends PerParameterOptimizer<AdamaxSettings, Own> {
  constructor(params: Parameters<AdamaxSettings>, options: Partial<AdamaxSettings> = {}) {
    super("Adamax", params, DEFAULTS, options);
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamaxSettings): void {
    for (const [name, value] of Object.entries({ lr, eps, weightDecay })) checkRate("Adamax", name, value);
    checkBetas("Adamax", betas);
  }

  protected override begin(_: AdamaxSettings, zeros: () => Tensor): Omit<Own, "step"> {
    return { exp_avg: zeros(), exp_inf: zeros() };
  }

  protected override move(parameter: Tensor, gradient: Tensor, memory: Own, settings: AdamaxSettings): void {
    const { lr, betas, eps } = settings;
    average_(memory.exp_avg, gradient, betas[0]);
    copy_(memory.exp_inf, maximum(mul(memory.exp_inf, betas[1]), add(abs(gradient), eps)));
    addScaled_(parameter, div(memory.exp_avg, memory.exp_inf), -lr / (1 - betas[0] ** memory.step));
  }
}
