/** A fraction of the rate for the first `totalIters` epochs. */

import { checkOptions } from "../../tensor/check-options.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";

/** A rate that is smaller by a factor until an epoch. As PyTorch. */
export class ConstantLR extends LRScheduler {
  readonly factor: number;
  readonly totalIters: number;

  /**
   * @param options.factor     the fraction, 0 … 1. Default 1/3
   * @param options.totalIters epochs that it lasts. Default 5
   */
  constructor(
    optimizer: ScheduledOptimizer,
    options: LRSchedulerOptions & { factor?: number; totalIters?: number } = {},
  ) {
    super("ConstantLR", optimizer, options.lastEpoch);
    checkOptions("ConstantLR", options, ["factor", "totalIters", "lastEpoch"]);
    this.factor = checkNumber("ConstantLR", "factor", options.factor ?? 1 / 3, 0, 1);
    this.totalIters = checkWhole("ConstantLR", "totalIters", options.totalIters ?? 5, 0);
    this.begin();
  }

  protected override nextLrs(): number[] {
    if (this.lastEpoch === 0) return this.lrs.map((lr) => lr * this.factor);
    return this.lastEpoch === this.totalIters ? this.lrs.map((lr) => lr * (1 / this.factor)) : this.lrs;
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => (this.lastEpoch >= this.totalIters ? lr : lr * this.factor));
  }
}
