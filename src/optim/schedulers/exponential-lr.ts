/** The rate times γ every epoch. */

import { checkOptions } from "../../tensor/check-options.ts";
import { checkNumber, LRScheduler, type LRSchedulerOptions, type ScheduledOptimizer } from "./lr-scheduler.ts";

/** A rate times γ every epoch. As PyTorch. */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number;

  constructor(optimizer: ScheduledOptimizer, gamma: number, options: LRSchedulerOptions = {}) {
    super("ExponentialLR", optimizer, options.lastEpoch);
    checkOptions("ExponentialLR", options, ["lastEpoch"]);
    this.gamma = checkNumber("ExponentialLR", "gamma", gamma);
    this.begin();
  }

  protected override nextLrs(): number[] {
    return this.isInitial ? this.lrs : this.lrs.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }
}
