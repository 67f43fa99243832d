/**
 * Adam, and AdamW, whose weight decay acts on the weight itself.
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← θ − η m̂ / (√v̂ + ε)
 *
 * with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ); AMSGrad takes the largest v so far. Kingma & Ba 2015; decoupled decay
 * after Loshchilov & Hutter 2019; AMSGrad after Reddi, Kale & Kumar 2018.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { add, div, maximum } from "../ops/arithmetic.ts";
import { neg, sqrt, square } from "../ops/element-wise.ts";
import { add_, copy_, div_, mul_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_, average_ } from "./in-place.ts";
import { checkBetas, checkRate, type Group, Optimizer, type Parameters } from "./optimizer.ts";

export interface AdamSettings {
  /** η, the learning rate. Default 1e-3 */
  readonly lr: number;
  /** β₁ and β₂. Default 0.9 and 0.999 */
  readonly betas: readonly [number, number];
  /** ε. Default 1e-8 */
  readonly eps: number;
  /** λ. Default 0 for Adam, 0.01 for AdamW */
  readonly weightDecay: number;
  /** Divide by the largest v̂ so far. Default false */
  readonly amsgrad: boolean;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
  /** Whether the decay acts on the weight itself. Default false for Adam; AdamW is this and nothing else */
  readonly decoupledWeightDecay: boolean;
}

interface Moments {
  step: number;
  exp_avg: Tensor;
  exp_avg_sq: Tensor;
  max_exp_avg_sq?: Tensor;
}

const DEFAULTS: AdamSettings = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
  decoupledWeightDecay: false,
};

/**
 * Steps by running means of gradients and of their squares. Kingma & Ba 2015.
 * @throws {ArgumentError} for settings out of range
 */
export class Adam extends Optimizer<AdamSettings> {
  /** @example new Adam(model.parameters(), { lr: 0.01 }) */
  constructor(
    params: Parameters<AdamSettings>,
    options: Partial<AdamSettings> = {},
    name = "Adam",
    defaults: AdamSettings = DEFAULTS,
  ) {
    super(name, params, defaults, options);
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamSettings): void {
    checkRate(this.name, "lr", lr);
    checkBetas(this.name, betas);
    checkRate(this.name, "eps", eps);
    checkRate(this.name, "weightDecay", weightDecay);
  }

  protected override update(group: Group<AdamSettings>, parameters: Tensor[], gradients: Tensor[]): void {
    const { lr, betas, eps, weightDecay, maximize, decoupledWeightDecay } = group;
    const moments = parameters.map((parameter) => this.#momentsOf(parameter));
    let sameStep = true;
    for (const each of moments) sameStep = ++each.step === moments[0].step && sameStep;
    if (group.amsgrad) {
      noGrad(() => {
        parameters.forEach((parameter, i) => {
          moveByLargest(parameter, gradients[i], moments[i], group);
        });
      });
      return;
    }
    // Parameters that got a gradient equally often share one call: usually all of them.
    const means = moments.map((each) => each.exp_avg);
    const squares = moments.map((each) => each.exp_avg_sq);
    const steps = sameStep ? [moments[0].step] : new Set(moments.map(({ step }) => step));
    for (const step of steps) {
      const chosen = <T>(list: readonly T[]) => (sameStep ? list : list.filter((_, i) => moments[i].step === step));
      backend().adamStep(chosen(parameters), chosen(gradients), chosen(means), chosen(squares), {
        learningRate: lr,
        beta1: betas[0],
        beta2: betas[1],
        epsilon: eps,
        weightDecay,
        decoupled: decoupledWeightDecay,
        maximize,
        step,
      });
    }
  }

  #momentsOf(parameter: Tensor): Moments {
    let memory = this.memory.get(parameter) as Moments | undefined;
    if (memory === undefined) {
      const zeros = () => allocate(parameter.shape, parameter.dtype);
      memory = { step: 0, exp_avg: zeros(), exp_avg_sq: zeros() };
      this.memory.set(parameter, memory as unknown as Record<string, number | Tensor>);
    }
    return memory;
  }
}

/** One parameter's step with AMSGrad. */
function moveByLargest(parameter: Tensor, rawGradient: Tensor, moments: Moments, settings: AdamSettings): void {
  const { lr, betas, eps, weightDecay, maximize, decoupledWeightDecay } = settings;
  let gradient = maximize ? neg(rawGradient) : rawGradient;
  if (decoupledWeightDecay) mul_(parameter, 1 - lr * weightDecay);
  else if (weightDecay !== 0) gradient = add(gradient, parameter, { alpha: weightDecay });
  average_(moments.exp_avg, gradient, betas[0]);
  average_(moments.exp_avg_sq, square(gradient), betas[1]);
  moments.max_exp_avg_sq ??= allocate(parameter.shape, parameter.dtype);
  copy_(moments.max_exp_avg_sq, maximum(moments.max_exp_avg_sq, moments.exp_avg_sq));
  const root = div_(sqrt(moments.max_exp_avg_sq), Math.sqrt(1 - betas[1] ** moments.step));
  addScaled_(parameter, div(moments.exp_avg, add_(root, eps)), -lr / (1 - betas[0] ** moments.step));
}

const DECOUPLED: AdamSettings = { ...DEFAULTS, weightDecay: 0.01, decoupledWeightDecay: true };

/** Adam with decoupled weight decay, 0.01 by default. */
export class AdamW extends Adam {
  constructor(params: Parameters<AdamSettings>, options: Partial<Omit<AdamSettings, "decoupledWeightDecay">> = {}) {
    super(params, options, "AdamW", DECOUPLED);
  }
}
