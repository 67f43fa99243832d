/**
 * Adagrad: the gradient divided by the root of the sum of all its squares so far.
 *
 *   s ← s + g²,   θ ← θ − η / (1 + (t − 1) δ) · g / (√s + ε)
 *
 * Duchi, Hazan & Singer 2011.
 */

import { div } from "../ops/arithmetic.ts";
import { sqrt, square } from "../ops/element-wise.ts";
import { add_, fill_ } from "../ops/in-place.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addScaled_ } from "./in-place.ts";
import { checkRate, type Parameters } from "./optimizer.ts";
import { PerParameterOptimizer, type Remembered } from "./per-parameter.ts";

export interface AdagradSettings {
  /** η, the learning rate. Default 0.01 */
  readonly lr: number;
  /** δ, by which the learning rate falls with the steps. Default 0 */
  readonly lrDecay: number;
  /** λ, added to the gradient as λ θ. Default 0 */
  readonly weightDecay: number;
  /** The first s. Default 0 */
  readonly initialAccumulatorValue: number;
  /** ε. Default 1e-10 */
  readonly eps: number;
  /** Climb instead of descend. Default false */
  readonly maximize: boolean;
}

const DEFAULTS: AdagradSettings = {
  lr: 0.01,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
};

type Own = Remembered<"sum">;

/**
 * Rates that fall with the squares seen so far. Duchi, Hazan & Singer 2011.
 * @throws {ArgumentError} for settings out of range
 */
export class Adagrad extends PerParameterOptimizer<AdagradSettings, Own> {
  constructor(params: Parameters<AdagradSettings>, options: Partial<AdagradSettings> = {}) {
    super("Adagrad", params, DEFAULTS, options);
  }

  protected override check(settings: AdagradSettings): void {
    const { lr, lrDecay, weightDecay, initialAccumulatorValue, eps } = settings;
    const checked = { lr, lrDecay, weightDecay, initialAccumulatorValue, eps };
    for (const [name, value] of Object.entries(checked)) checkRate("Adagrad", name, value);
  }

  protected override begin(settings: AdagradSettings, zeros: () => Tensor): Omit<Own, "step"> {
    return { sum: fill_(zeros(), settings.initialAccumulatorValue) };
  }

  protected override move(parameter: Tensor, gradient: Tensor, { sum, step }: Own, settings: AdagradSettings): void {
    add_(sum, square(gradient));
    const rate = settings.lr / (1 + (step - 1) * settings.lrDecay);
    addScaled_(parameter, div(gradient, add_(sqrt(sum), settings.eps)), -rate);
  }
}
