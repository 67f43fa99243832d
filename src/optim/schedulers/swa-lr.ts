/**
 * From whatever the rates are to a constant one in `annealEpochs` epochs, while weights are averaged (`AveragedModel`).
 *
 * Izmailov et al. 2018.
 */

import { checkOptions } from "../../tensor/check-options.ts";
import { type AnnealStrategy, annealing } from "./annealing.ts";
import { checkWhole, LRScheduler, type LRSchedulerOptions, perGroup, type ScheduledOptimizer } from "./lr-scheduler.ts";

export interface SWALROptions extends LRSchedulerOptions {
  /** Epochs until the rate is reached. Default 10 */
  readonly annealEpochs?: number;
  /** Default cos */
  readonly annealStrategy?: AnnealStrategy;
}

/** A rate that goes to a constant one, for averaging weights. Izmailov et al. 2018. */
export class SWALR extends LRScheduler {
  readonly annealEpochs: number;
  readonly #bend: (part: number) => number;

  /** @param swaLr the rate to end with, for all groups or one for each */
  constructor(optimizer: ScheduledOptimizer, swaLr: number | readonly number[], options: SWALROptions = {}) {
    super("SWALR", optimizer, options.lastEpoch);
    checkOptions("SWALR", options, ["annealEpochs", "annealStrategy", "lastEpoch"]);
    perGroup("SWALR", "swaLr", swaLr, optimizer).forEach((lr, i) => {
      optimizer.paramGroups[i].swaLr = lr;
    });
    this.annealEpochs = checkWhole("SWALR", "annealEpochs", options.annealEpochs ?? 10, 0);
    this.#bend = annealing("SWALR", options.annealStrategy ?? "cos");
    this.begin();
  }

  /** The rate without this schedule is found from the one it set last, so that other schedules may go on beneath. */
  protected override nextLrs(): number[] {
    const epochs = Math.max(1, this.annealEpochs);
    const step = this.annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const share = (t: number) => this.#bend(Math.max(0, Math.min(1, t / epochs)));
    const [before, now] = [share(step - 1), share(step)];
    return this.optimizer.paramGroups.map(({ lr, swaLr = lr }) => {
      const beneath = before === 1 ? swaLr : (lr - before * swaLr) / (1 - before);
      return swaLr * now + beneath * (1 - now);
    });
  }
}
