/** A factor that goes in a straight line from `startFactor` to `endFactor` over `totalIters` epochs: a warm-up. */

import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";

/** A rate whose factor goes from one value to another in a straight line. As PyTorch. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  /**
   * @param options.startFactor the factor of epoch 0, above 0 and at most 1. Default 1/3
   * @param options.endFactor   the factor from `totalIters` on, 0 … 1. Default 1
   * @param options.totalIters  epochs from one to the other. Default 5
   */
  constructor(
    optimizer: ScheduledOptimizer,
    options: LRSchedulerOptions & { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    super("LinearLR", optimizer, options.lastEpoch);
    checkOptions("LinearLR", options, ["startFactor", "endFactor", "totalIters", "lastEpoch"]);
    this.startFactor = checkNumber("LinearLR", "startFactor", options.startFactor ?? 1 / 3, 0, 1);
    if (this.startFactor === 0) throw new ArgumentError("LinearLR: startFactor must be above 0");
    this.endFactor = checkNumber("LinearLR", "endFactor", options.endFactor ?? 1, 0, 1);
    this.totalIters = checkWhole("LinearLR", "totalIters", options.totalIters ?? 5);
    this.begin();
  }

  protected override nextLrs(): number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return this.lrs.map((lr) => lr * startFactor);
    if (this.isInitial || lastEpoch > totalIters) return this.lrs;
    const rise = endFactor - startFactor;
    return this.lrs.map((lr) => lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise)));
  }

  protected override closedForm(): number[] {
    const { startFactor, endFactor, totalIters } = this;
    const done = Math.min(totalIters, this.lastEpoch) / totalIters;
    return this.baseLrs.map((lr) => lr * (startFactor + (endFactor - startFactor) * done));
  }
}
