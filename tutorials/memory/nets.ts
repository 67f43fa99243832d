/** The two that are compared, and how they come to have as many parameters. */

import { nn, type Tensor } from "refrain";

/** What the inputs and outputs of one step are. */
export interface StepSizes {
  readonly inputs: number;
  readonly outputs: number;
}

/** Reads a window at once: every place of the window has weights of its own. */
export class DenseNet extends nn.Module {
  hidden: nn.Linear;
  out: nn.Linear;

  constructor({ inputs, outputs }: StepSizes, window: number, width: number) {
    super();
    this.hidden = new nn.Linear(window * inputs, width);
    this.out = new nn.Linear(width, outputs);
  }

  /** x [B, W, I] → [B, O] */
  forward(x: Tensor): Tensor {
    return this.out.forward(this.hidden.forward(x.flatten(1)).tanh()); // [B, W·I] → [B, width] → [B, O]
  }
}

/** Reads step by step: every step has the same weights, and a state that the steps before it left. */
export class GRUNet extends nn.Module {
  gru: nn.GRU;
  out: nn.Linear;

  constructor({ inputs, outputs }: StepSizes, hidden: number) {
    super();
    this.gru = new nn.GRU(inputs, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, outputs);
  }

  /** A window on its own, from a state of zeros. x [B, W, I] → [B, O] */
  forward(x: Tensor): Tensor {
    const [y] = this.gru.forward(x); // [B, W, H]
    return this.out.forward(y.select(1, -1)); // the last step, [B, H] → [B, O]
  }

  /** An answer at every step, from a state, and the state to go on with. x [B, T, I] → [B, T, O] and [1, B, H] */
  readOn(x: Tensor, state: Tensor | null): [answers: Tensor, state: Tensor] {
    const [y, next] = this.gru.forward(x, state); // [B, T, H]
    return [this.out.forward(y), next];
  }
}

export const parametersOf = (model: nn.Module): number =>
  model.parameters().reduce((sum, parameter) => sum + parameter.elementCount, 0);

/**
 * The width at which a DenseNet has as many parameters as a GRUNet, as nearly as a whole number allows.
 *
 *   GRUNet    3 (I H + H H + 2 H) + O H + O      three gates with two biases each
 *   DenseNet  width (W I + 1 + O) + O
 */
export function equalWidth({ inputs: I, outputs: O }: StepSizes, window: number, hidden: number): number {
  const gru = 3 * (I * hidden + hidden * hidden + 2 * hidden) + O * hidden + O;
  return Math.max(1, Math.round((gru - O) / (window * I + 1 + O)));
}
