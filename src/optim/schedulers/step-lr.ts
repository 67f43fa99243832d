/** The rate times γ every `stepSize` epochs. */

import { checkOptions } from "../../tensor/check-options.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";

/** A rate times γ every so many epochs. As PyTorch. */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  /**
   * @param stepSize epochs between two changes
   * @param options.gamma γ. Default 0.1
   * @example new StepLR(optimizer, 30, { gamma: 0.5 })
   */
  constructor(optimizer: ScheduledOptimizer, stepSize: number, options: LRSchedulerOptions & { gamma?: number } = {}) {
    super("StepLR", optimizer, options.lastEpoch);
    checkOptions("StepLR", options, ["gamma", "lastEpoch"]);
    this.stepSize = checkWhole("StepLR", "stepSize", stepSize);
    this.gamma = checkNumber("StepLR", "gamma", options.gamma ?? 0.1);
    this.begin();
  }

  protected override nextLrs(): number[] {
    if (this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0) return this.lrs;
    return this.lrs.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}
