/**
 * Averaged SGD: gradient descent with a falling rate, and the mean of the parameters along the way in the state's `ax`.
 *
 *   θ ← (1 − λ ηₜ) θ − ηₜ g,   ηₜ₊₁ = η / (1 + λ η t)^α,   a ← a + (θ − a) / max(1, t − t₀)
 *
 * Polyak & Juditsky 1992.
 */

import { sub } from "../ops/arithmetic.ts";
import { copy_, mul_ } from "../ops/in-place.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_ } from "./in-place.ts";
import { checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface ASGDSettings {
  /** η, the learning rate. Default 0.01 */
  readonly lr: number;
  /** λ, the decay term. Default 1e-4 */
  readonly lambd: number;
  /** α, the power by which the rate falls. Default 0.75 */
  readonly alpha: number;
  /** t₀, the step from which the mean is taken. Default 1e6 */
  readonly t0: number;
  /** Added to the gradient, times θ. Default 0 */
  readonly weightDecay: number;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: ASGDSettings = { lr: 0.01, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false };

type Own = Remembered<"ax", "eta" | "mu">;

/**
 * Gradient descent whose weights are averaged. Polyak & Juditsky 1992.
 * @throws {ArgumentError} for settings out of range
 */
export class ASGD extends PerParameterOptimizer<ASGDSettings, Own> {
  constructor(params: Parameters<ASGDSettings>, options: Partial<ASGDSettings> = {}) {
    super("ASGD", params, DEFAULTS, options);
  }

  protected override check({ lr, lambd, alpha, t0, weightDecay }: ASGDSettings): void {
    checkRate("ASGD", "lr", lr);
    checkRate("ASGD", "weightDecay", weightDecay);
    for (const [name, value] of Object.entries({ lambd, alpha, t0 })) {
      if (!Number.isFinite(value)) throw new ArgumentError(`ASGD: ${name} must be a number, got ${value}`);
    }
  }

  protected override begin({ lr }: ASGDSettings, zeros: () => Tensor): Omit<Own, "step"> {
    return { ax: zeros(), eta: Math.fround(lr), mu: 1 };
  }

  protected override move(parameter: Tensor, gradient: Tensor, memory: Own, settings: ASGDSettings): void {
    const { lr, lambd, alpha, t0 } = settings;
    mul_(parameter, 1 - lambd * memory.eta);
    addScaled_(parameter, gradient, -memory.eta);
    if (memory.mu === 1) copy_(memory.ax, parameter);
    else addScaled_(memory.ax, sub(parameter, memory.ax), memory.mu);
    // PyTorch keeps both in float32.
    memory.eta = Math.fround(lr / (1 + lambd * lr * memory.step) ** alpha);
    memory.mu = Math.fround(1 / Math.max(1, memory.step - t0));
  }
}
