/**
 * The rate down half a cosine, and up again: η(t) = ηmin + ½ (η − ηmin) (1 + cos(π t / tMax)).
 *
 * Loshchilov & Hutter 2017, without the restarts.
 */

import { checkOptions } from "../../tensor/check-options.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";

/** A rate that falls and rises along a cosine. Loshchilov & Hutter 2017. */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number;
  readonly etaMin: number;

  /**
   * @param tMax epochs from the base rate down to ηmin
   * @param options.etaMin ηmin. Default 0
   */
  constructor(optimizer: ScheduledOptimizer, tMax: number, options: LRSchedulerOptions & { etaMin?: number } = {}) {
    super("CosineAnnealingLR", optimizer, options.lastEpoch);
    checkOptions("CosineAnnealingLR", options, ["etaMin", "lastEpoch"]);
    this.tMax = checkWhole("CosineAnnealingLR", "tMax", tMax);
    this.etaMin = checkNumber("CosineAnnealingLR", "etaMin", options.etaMin ?? 0);
    this.begin();
  }

  protected override nextLrs(): number[] {
    const { tMax, etaMin, lastEpoch } = this;
    if (this.isInitial) return this.lrs;
    if (this.stepCount === 1 && lastEpoch > 0) return this.closedForm();
    // At the bottom the recursion would divide 0 by 0: the first step up is made from the base rate.
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      return this.lrs.map((lr, i) => lr + ((this.baseLrs[i] - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2);
    }
    const height = (t: number) => 1 + Math.cos((Math.PI * t) / tMax);
    return this.lrs.map((lr) => (height(lastEpoch) / height(lastEpoch - 1)) * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    const { tMax, etaMin, lastEpoch } = this;
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / tMax))) / 2);
  }
}
