/** The rate of the epoch before times a function of the epoch. */

import { checkOptions } from "../../tensor/check-options.ts";
import { type LRLambda, lambdasOf } from "./lambda-lr.ts";
import { LRScheduler, type LRSchedulerOptions, type ScheduledOptimizer } from "./lr-scheduler.ts";

/** A rate times, every epoch, a function of it. As PyTorch. */
export class MultiplicativeLR extends LRScheduler {
  readonly lrLambdas: readonly LRLambda[];

  /** @param lrLambda the factor, for all groups or one for each; not called for epoch 0 */
  constructor(
    optimizer: ScheduledOptimizer,
    lrLambda: LRLambda | readonly LRLambda[],
    options: LRSchedulerOptions = {},
  ) {
    super("MultiplicativeLR", optimizer, options.lastEpoch);
    checkOptions("MultiplicativeLR", options, ["lastEpoch"]);
    this.lrLambdas = lambdasOf("MultiplicativeLR", optimizer, lrLambda);
    this.begin();
  }

  protected override nextLrs(): number[] {
    if (this.isInitial) return this.lrs;
    return this.lrs.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch));
  }
}
