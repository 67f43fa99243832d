/**
 * Rprop: only the sign of a gradient counts. A step grows while the sign stays and shrinks when it turns.
 *
 *   Δ ← Δ η⁺ where g g′ > 0,   Δ η⁻ where g g′ < 0,   within [Δmin, Δmax];   θ ← θ − sign(g) Δ
 *
 * Where the sign has turned the gradient counts as 0, in this step and in the comparison of the next. For full batches.
 * Riedmiller & Braun 1993.
 */

import { mul } from "../ops/arithmetic.ts";
import { gt, lt } from "../ops/comparison.ts";
import { sign } from "../ops/element-wise.ts";
import { copy_, fill_ } from "../ops/in-place.ts";
import { clamp, where } from "../ops/where.ts";
import { checkList } from "../tensor/check-list.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_ } from "./in-place.ts";
import { checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface RpropSettings {
  /** The first step. Default 0.01 */
  readonly lr: number;
  /** η⁻ < 1 and η⁺ > 1. Default 0.5 and 1.2 */
  readonly etas: readonly [number, number];
  /** Δmin and Δmax. Default 1e-6 and 50 */
  readonly stepSizes: readonly [number, number];
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: RpropSettings = { lr: 0.01, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false };

type Own = Remembered<"prev" | "step_size">;

/**
 * Steps that look at the signs of gradients alone. Riedmiller & Braun 1993.
 * @throws {ArgumentError} for settings out of range
 */
export class Rprop extends PerParameterOptimizer<RpropSettings, Own> {
  constructor(params: Parameters<RpropSettings>, options: Partial<RpropSettings> = {}) {
    super("Rprop", params, DEFAULTS, options);
  }

  protected override check({ lr, etas, stepSizes }: RpropSettings): void {
    checkRate("Rprop", "lr", lr);
    checkList("Rprop", "two factors, as etas: [0.5, 1.2]", etas);
    checkList("Rprop", "two sizes, as stepSizes: [1e-6, 50]", stepSizes);
    if (!(etas[0] > 0 && etas[0] < 1 && etas[1] > 1)) {
      throw new ArgumentError(`Rprop: etas must be two numbers, 0 < η⁻ < 1 < η⁺, got [${etas.join(", ")}]`);
    }
    if (!(stepSizes[0] >= 0 && stepSizes[0] <= stepSizes[1])) {
      throw new ArgumentError(`Rprop: stepSizes must be two numbers, 0 ≤ Δmin ≤ Δmax, got [${stepSizes.join(", ")}]`);
    }
  }

  protected override begin({ lr }: RpropSettings, zeros: () => Tensor): Omit<Own, "step"> {
    return { prev: zeros(), step_size: fill_(zeros(), lr) };
  }

  protected override move(
    parameter: Tensor,
    gradient: Tensor,
    { prev, step_size }: Own,
    settings: RpropSettings,
  ): void {
    const { etas, stepSizes } = settings;
    const product = mul(gradient, prev);
    const turned = lt(product, 0);
    const grown = where(gt(product, 0), mul(step_size, etas[1]), step_size);
    const sizes = where(turned, mul(step_size, etas[0]), grown);
    copy_(step_size, clamp(sizes, { min: stepSizes[0], max: stepSizes[1] }));
    copy_(prev, where(turned, 0, gradient));
    addScaled_(parameter, mul(sign(prev), step_size), -1);
  }
}
