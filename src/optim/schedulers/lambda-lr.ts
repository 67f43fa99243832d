/** The base rate times a function of the epoch. */

import { checkList } from "../../tensor/check-list.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { LRScheduler, type LRSchedulerOptions, type ScheduledOptimizer } from "./lr-scheduler.ts";

/** A factor for an epoch. */
export type LRLambda = (epoch: number) => number;

/** A rate times a function of the epoch. As PyTorch. */
export class LambdaLR extends LRScheduler {
  readonly lrLambdas: readonly LRLambda[];

  /**
   * @param lrLambda the factor, for all groups or one for each
   * @example new LambdaLR(optimizer, (epoch) => 0.95 ** epoch)
   */
  constructor(
    optimizer: ScheduledOptimizer,
    lrLambda: LRLambda | readonly LRLambda[],
    options: LRSchedulerOptions = {},
  ) {
    super("LambdaLR", optimizer, options.lastEpoch);
    checkOptions("LambdaLR", options, ["lastEpoch"]);
    this.lrLambdas = lambdasOf("LambdaLR", optimizer, lrLambda);
    this.begin();
  }

  protected override nextLrs(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch));
  }
}

/** One function for each group. */
export function lambdasOf(
  place: string,
  optimizer: ScheduledOptimizer,
  lrLambda: LRLambda | readonly LRLambda[],
): readonly LRLambda[] {
  if (typeof lrLambda !== "function") checkList(place, "functions, one for each group", lrLambda);
  const groups = optimizer.paramGroups.length;
  const list = typeof lrLambda === "function" ? new Array<LRLambda>(groups).fill(lrLambda) : [...lrLambda];
  if (list.length !== groups || list.some((each) => typeof each !== "function")) {
    throw new ArgumentError(`${place}: lrLambda must be a function or one for each of ${groups} groups`);
  }
  return list;
}
