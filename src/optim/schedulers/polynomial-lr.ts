/** The base rate times (1 − t / totalIters)^power, and 0 from `totalIters` on. */

import { checkOptions } from "../../tensor/check-options.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";

/** A rate that falls to 0 along a power of what is left. As PyTorch. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number;
  readonly power: number;

  /**
   * @param options.totalIters epochs until the rate is 0. Default 5
   * @param options.power      Default 1
   */
  constructor(
    optimizer: ScheduledOptimizer,
    options: LRSchedulerOptions & { totalIters?: number; power?: number } = {},
  ) {
    super("PolynomialLR", optimizer, options.lastEpoch);
    checkOptions("PolynomialLR", options, ["totalIters", "power", "lastEpoch"]);
    this.totalIters = checkWhole("PolynomialLR", "totalIters", options.totalIters ?? 5);
    this.power = checkNumber("PolynomialLR", "power", options.power ?? 1);
    this.begin();
  }

  protected override nextLrs(): number[] {
    const { totalIters, power, lastEpoch } = this;
    if (this.isInitial || lastEpoch > totalIters) return this.lrs;
    const factor = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return this.lrs.map((lr) => lr * factor);
  }

  protected override closedForm(): number[] {
    const factor = (1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters) ** this.power;
    return this.baseLrs.map((lr) => lr * factor);
  }
}
