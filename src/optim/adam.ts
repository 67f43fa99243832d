/**
 * Adam, and AdamW, whose weight decay acts on the weight itself.
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← θ − η m̂ / (√v̂ + ε)
 *
 * with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). Kingma & Ba 2015; decoupled decay after Loshchilov & Hutter 2019.
 */

import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkRate, type Group, type Memory, Optimizer, type ParameterGroup } from "./optimizer.ts";

export interface AdamSettings {
  /** η, the learning rate. Default 1e-3 */
  readonly lr: number;
  /** β₁ and β₂. Default 0.9 and 0.999 */
  readonly betas: readonly [number, number];
  /** ε. Default 1e-8 */
  readonly eps: number;
  /** λ. Default 0 for Adam, 0.01 for AdamW */
  readonly weightDecay: number;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

export class Adam extends Optimizer<AdamSettings> {
  /** @example new Adam(model.parameters(), { lr: 0.01 }) */
  constructor(params: Iterable<Tensor> | Iterable<ParameterGroup<AdamSettings>>, options: Partial<AdamSettings> = {}) {
    super("Adam", params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false, ...options });
  }

  /** Whether the decay acts on the weight itself. */
  protected get decoupled(): boolean {
    return false;
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamSettings): void {
    checkRate("Adam", "lr", lr);
    checkRate("Adam", "betas[0]", betas[0], 1);
    checkRate("Adam", "betas[1]", betas[1], 1);
    checkRate("Adam", "eps", eps);
    checkRate("Adam", "weightDecay", weightDecay);
  }

  protected override update(group: Group<AdamSettings>, parameters: Tensor[], gradients: Tensor[]): void {
    const { lr, betas, eps, weightDecay, maximize } = group;
    const memories = parameters.map((parameter) => this.#memoryOf(parameter));
    for (const memory of memories) memory.step = (memory.step as number) + 1;
    // Parameters that got a gradient equally often share one call: usually all of them.
    const steps = new Set(memories.map((memory) => memory.step as number));
    for (const step of steps) {
      const chosen = <T>(list: readonly T[]) =>
        steps.size === 1 ? list : list.filter((_, i) => memories[i].step === step);
      backend().adamStep(
        chosen(parameters),
        chosen(gradients),
        chosen(memories).map((memory) => memory.expAvg as Tensor),
        chosen(memories).map((memory) => memory.expAvgSq as Tensor),
        {
          learningRate: lr,
          beta1: betas[0],
          beta2: betas[1],
          epsilon: eps,
          weightDecay,
          decoupled: this.decoupled,
          maximize,
          step,
        },
      );
    }
  }

  #memoryOf(parameter: Tensor): Memory {
    let memory = this.memory.get(parameter);
    if (memory === undefined) {
      const zeros = () => allocate(parameter.shape, parameter.dtype);
      memory = { step: 0, expAvg: zeros(), expAvgSq: zeros() };
      this.memory.set(parameter, memory);
    }
    return memory;
  }
}

/** Adam with decoupled weight decay, 0.01 by default. */
export class AdamW extends Adam {
  constructor(params: Iterable<Tensor> | Iterable<ParameterGroup<AdamSettings>>, options: Partial<AdamSettings> = {}) {
    super(params, { weightDecay: 0.01, ...options });
  }

  protected override get decoupled(): boolean {
    return true;
  }
}
