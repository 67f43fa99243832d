/**
 * Stochastic gradient descent, with momentum if wanted.
 *
 *   v ← μ v + (1 − τ) g,   θ ← θ − η v,   or with Nesterov θ ← θ − η (g + μ v)
 *
 * As PyTorch's; the first v is g itself.
 */

import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkRate, type Group, Optimizer, type Parameters } from "./optimizer.ts";

export interface SGDSettings {
  /** η, the learning rate. Default 1e-3 */
  readonly lr: number;
  /** μ. Default 0 */
  readonly momentum: number;
  /** τ. Default 0 */
  readonly dampening: number;
  /** λ, added to the gradient as λ θ. Default 0 */
  readonly weightDecay: number;
  /** Default false */
  readonly nesterov: boolean;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: SGDSettings = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
};

/**
 * Gradient descent, with momentum if wished. Robbins & Monro 1951; Nesterov 1983.
 * @throws {ArgumentError} for settings out of range
 */
export class SGD extends Optimizer<SGDSettings> {
  /** @example new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }) */
  constructor(params: Parameters<SGDSettings>, options: Partial<SGDSettings> = {}) {
    super("SGD", params, DEFAULTS, options);
  }

  protected override check({ lr, momentum, dampening, weightDecay, nesterov }: SGDSettings): void {
    checkRate("SGD", "lr", lr);
    checkRate("SGD", "momentum", momentum);
    checkRate("SGD", "weightDecay", weightDecay);
    if (!Number.isFinite(dampening)) throw new ArgumentError(`SGD: dampening must be a number, got ${dampening}`);
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new ArgumentError("SGD: nesterov needs a momentum above 0 and no dampening");
    }
  }

  protected override update(group: Group<SGDSettings>, parameters: Tensor[], gradients: Tensor[]): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const settings = { learningRate: lr, momentum, dampening, weightDecay, nesterov, maximize };
    if (momentum === 0) {
      backend().sgdStep(parameters, gradients, [], { ...settings, first: false });
      return;
    }
    // Parameters that meet their first gradient start their velocity from it; the others go on.
    const known = parameters.map((parameter) => this.memory.get(parameter)?.momentum_buffer !== undefined);
    for (const first of [true, false]) {
      const chosen = <T>(list: readonly T[]) => list.filter((_, i) => known[i] !== first);
      const velocities = chosen(parameters).map((parameter) => this.#velocityOf(parameter));
      if (velocities.length > 0) {
        backend().sgdStep(chosen(parameters), chosen(gradients), velocities, { ...settings, first });
      }
    }
  }

  #velocityOf(parameter: Tensor): Tensor {
    const known = this.memory.get(parameter)?.momentum_buffer as Tensor | undefined;
    if (known !== undefined) return known;
    const velocity = allocate(parameter.shape, parameter.dtype);
    this.memory.set(parameter, { momentum_buffer: velocity });
    return velocity;
  }
}
