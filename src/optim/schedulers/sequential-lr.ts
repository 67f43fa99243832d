/** Schedules one after another: each takes over at its milestone and counts its epochs from there. */

import { checkList } from "../../tensor/check-list.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { checkWhole, LRScheduler, type ScheduledOptimizer } from "./lr-scheduler.ts";
import type { SchedulerState } from "./schedule-state.ts";
import { checkSchedulers, loadAll, saveAll } from "./schedulers-of-one-optimizer.ts";

/** Schedules one after another, each until its milestone. As PyTorch. */
export class SequentialLR extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];
  readonly #milestones: readonly number[];

  /**
   * @param schedulers of this optimiser; not again schedules of schedules
   * @param milestones the epochs at which the second, third … take over, rising
   * @example
   * const warmUp = new LinearLR(optimizer, { totalIters: 5 });
   * new SequentialLR(optimizer, [warmUp, new CosineAnnealingLR(optimizer, 45)], [5]);
   */
  constructor(optimizer: ScheduledOptimizer, schedulers: readonly LRScheduler[], milestones: readonly number[]) {
    super("SequentialLR", optimizer);
    checkSchedulers("SequentialLR", optimizer, schedulers);
    checkList("SequentialLR", "milestones, as [5]", milestones);
    if (milestones.length !== schedulers.length - 1) {
      throw new ArgumentError(
        `SequentialLR: ${schedulers.length} schedulers need ${schedulers.length - 1} milestones, got ${milestones.length}`,
      );
    }
    milestones.forEach((milestone, i) => {
      checkWhole("SequentialLR", "a milestone", milestone);
      if (i > 0 && milestone < milestones[i - 1]) {
        throw new ArgumentError(`SequentialLR: milestones must rise, got [${milestones.join(", ")}]`);
      }
    });
    this.#schedulers = [...schedulers];
    this.#milestones = [...milestones];
    // Each schedule set epoch 0 when it was made; only the first may have.
    for (const group of optimizer.paramGroups) group.lr = group.initialLr as number;
    for (const scheduler of schedulers) scheduler.lastEpoch--;
    this.lastEpoch = 0;
    schedulers[0].initialStep();
    this.lastLr = schedulers[0].getLastLr();
  }

  override step(): void {
    this.lastEpoch++;
    const passed = this.#milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.#schedulers[passed];
    if (passed > 0 && this.#milestones[passed - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  protected override nextLrs(): number[] {
    return this.lrs;
  }

  override stateDict(): SchedulerState {
    return {
      last_epoch: this.lastEpoch,
      _last_lr: this.getLastLr(),
      _milestones: [...this.#milestones],
      ...saveAll(this.#schedulers),
    };
  }

  override loadStateDict(state: SchedulerState): void {
    super.loadStateDict(state);
    loadAll(this.place, this.#schedulers, state);
  }
}
