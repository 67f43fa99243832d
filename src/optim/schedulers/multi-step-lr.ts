/** The rate times γ at each milestone. */

import { checkList } from "../../tensor/check-list.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";

/** A rate times γ at each of some epochs. As PyTorch. */
export class MultiStepLR extends LRScheduler {
  /** How often each epoch is a milestone. */
  readonly milestones: Readonly<Record<number, number>>;
  readonly gamma: number;

  /**
   * @param milestones epochs; one that is named twice counts twice
   * @param options.gamma γ. Default 0.1
   */
  constructor(
    optimizer: ScheduledOptimizer,
    milestones: Iterable<number>,
    options: LRSchedulerOptions & { gamma?: number } = {},
  ) {
    super("MultiStepLR", optimizer, options.lastEpoch);
    checkOptions("MultiStepLR", options, ["gamma", "lastEpoch"]);
    const counts: Record<number, number> = {};
    checkList("MultiStepLR", "milestones, as [30, 80]", milestones);
    for (const epoch of milestones) {
      checkWhole("MultiStepLR", "a milestone", epoch, 0);
      counts[epoch] = (counts[epoch] ?? 0) + 1;
    }
    this.milestones = counts;
    this.gamma = checkNumber("MultiStepLR", "gamma", options.gamma ?? 0.1);
    this.begin();
  }

  protected override nextLrs(): number[] {
    const count = this.milestones[this.lastEpoch] ?? 0;
    return count === 0 ? this.lrs : this.lrs.map((lr) => lr * this.gamma ** count);
  }

  protected override closedForm(): number[] {
    let passed = 0;
    for (const [epoch, count] of Object.entries(this.milestones)) if (Number(epoch) <= this.lastEpoch) passed += count;
    return this.baseLrs.map((lr) => lr * this.gamma ** passed);
  }
}
