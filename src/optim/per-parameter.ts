/**
 * Optimisers that treat every parameter by itself, with a few tensor operations: the rule is all that each has to say.
 *
 * What is common to the rules is done here: the step is counted, `maximize` turns the gradient round, and weight decay adds
 * λ θ to it (or, decoupled, shrinks θ first).
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { allocate } from "../backend/allocate.ts";
import { add } from "../ops/arithmetic.ts";
import { neg } from "../ops/element-wise.ts";
import { mul_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Group, Optimizer } from "./optimizer.ts";
import type { Memory } from "./state-dict.ts";

/** What every rule may have, whether or not it lets users set it. */
interface CommonSettings {
  readonly lr: number;
  readonly maximize: boolean;
  readonly weightDecay?: number;
  readonly decoupledWeightDecay?: boolean;
}

/** What a rule remembers, besides the step: tensors of the parameter's shape, and numbers. */
export type Remembered<Keys extends string, Numbers extends string = never> = Record<Keys, Tensor> &
  Record<Numbers | "step", number>;

export abstract class PerParameterOptimizer<
  Settings extends CommonSettings,
  Own extends Record<string, Tensor | number>,
> extends Optimizer<Settings> {
  /** What is remembered before the first step; `zeros` makes a tensor of the parameter's shape. */
  protected abstract begin(settings: Settings, zeros: () => Tensor): Omit<Own, "step">;

  /** Moves one parameter. `memory.step` is the number of this step, from 1. */
  protected abstract move(parameter: Tensor, gradient: Tensor, memory: Own, settings: Settings): void;

  protected override update(group: Group<Settings>, parameters: Tensor[], gradients: Tensor[]): void {
    const settings = group as unknown as Settings;
    noGrad(() => {
      parameters.forEach((parameter, i) => {
        const memory = this.#memoryOf(parameter, settings);
        memory.step = (memory.step as number) + 1;
        let gradient = settings.maximize ? neg(gradients[i]) : gradients[i];
        const { lr, weightDecay = 0, decoupledWeightDecay = false } = settings;
        if (weightDecay !== 0 && decoupledWeightDecay) mul_(parameter, 1 - lr * weightDecay);
        else if (weightDecay !== 0) gradient = add(gradient, parameter, { alpha: weightDecay });
        this.move(parameter, gradient, memory as unknown as Own, settings);
      });
    });
  }

  #memoryOf(parameter: Tensor, settings: Settings): Memory {
    let memory = this.memory.get(parameter);
    if (memory === undefined) {
      const zeros = () => allocate(parameter.shape, parameter.dtype);
      memory = { step: 0, ...(this.begin(settings, zeros) as Memory) };
      this.memory.set(parameter, memory);
    }
    return memory;
  }
}
