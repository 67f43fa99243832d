/**
 * RMSprop: the gradient divided by the root of its running mean square.
 *
 *   v ← α v + (1 − α) g²,   θ ← θ − η g / (√v + ε)
 *
 * `centered` takes the running variance v − ḡ² instead of v; momentum gathers the quotients, b ← μ b + g / (√v + ε).
 * Tieleman & Hinton 2012; centred after Graves 2013.
 */

import { div, sub } from "../ops/arithmetic.ts";
import { sqrt, square } from "../ops/element-wise.ts";
import { add_, mul_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_, average_ } from "./in-place.ts";
import { checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface RMSpropSettings {
  /** η, the learning rate. Default 0.01 */
  readonly lr: number;
  /** α, how much of the mean square is kept. Default 0.99 */
  readonly alpha: number;
  /** ε. Default 1e-8 */
  readonly eps: number;
  /** λ, added to the gradient as λ θ. Default 0 */
  readonly weightDecay: number;
  /** μ. Default 0 */
  readonly momentum: number;
  /** Divide by the running deviation. Default false */
  readonly centered: boolean;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: RMSpropSettings = {
  lr: 0.01,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
};

type Own = Remembered<"square_avg" | "grad_avg" | "momentum_buffer">;

/**
 * Steps divided by the root of a running mean of squares. Tieleman & Hinton 2012; Graves 2013.
 * @throws {ArgumentError} for settings out of range
 */
export class RMSprop extends PerParameterOptimizer<RMSpropSettings, Own> {
  constructor(params: Parameters<RMSpropSettings>, options: Partial<RMSpropSettings> = {}) {
    super("RMSprop", params, DEFAULTS, options);
  }

  protected override check({ lr, alpha, eps, weightDecay, momentum }: RMSpropSettings): void {
    for (const [name, value] of Object.entries({ lr, alpha, eps, weightDecay, momentum }))
      checkRate("RMSprop", name, value);
  }

  protected override begin({ momentum, centered }: RMSpropSettings, zeros: () => Tensor): Omit<Own, "step"> {
    const own = {
      square_avg: zeros(),
      ...(momentum > 0 && { momentum_buffer: zeros() }),
      ...(centered && { grad_avg: zeros() }),
    };
    return own as Omit<Own, "step">;
  }

  protected override move(parameter: Tensor, gradient: Tensor, memory: Own, settings: RMSpropSettings): void {
    const { lr, alpha, eps, momentum, centered } = settings;
    const { square_avg, grad_avg, momentum_buffer } = memory;
    average_(square_avg, square(gradient), alpha);
    const variance = centered ? sub(square_avg, square(average_(grad_avg, gradient, alpha))) : square_avg;
    const quotient = div(gradient, add_(sqrt(variance), eps));
    addScaled_(parameter, momentum > 0 ? add_(mul_(momentum_buffer, momentum), quotient) : quotient, -lr);
  }
}
