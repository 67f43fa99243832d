/** Several schedules at once: each multiplies what the others set. */

import { ArgumentError } from "../../tensor/errors.ts";
import { LRScheduler } from "./lr-scheduler.ts";
import type { SchedulerState } from "./schedule-state.ts";
import { checkSchedulers, loadAll, saveAll } from "./schedulers-of-one-optimizer.ts";

/** Schedules that act together, each on what the one before set. As PyTorch. */
export class ChainedScheduler extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];

  /** @param schedulers of one optimiser, called in this order */
  constructor(schedulers: readonly LRScheduler[]) {
    if (!Array.isArray(schedulers) || !(schedulers[0] instanceof LRScheduler)) {
      throw new ArgumentError("ChainedScheduler: expects a list of at least one scheduler");
    }
    super("ChainedScheduler", schedulers[0].optimizer);
    checkSchedulers("ChainedScheduler", this.optimizer, schedulers);
    this.#schedulers = [...schedulers];
    this.lastEpoch = 0;
    this.lastLr = this.lrs;
  }

  override step(): void {
    this.lastEpoch++;
    for (const scheduler of this.#schedulers) scheduler.step();
    this.lastLr = this.lrs;
  }

  protected override nextLrs(): number[] {
    return this.lrs;
  }

  override stateDict(): SchedulerState {
    return { _last_lr: this.getLastLr(), ...saveAll(this.#schedulers) };
  }

  override loadStateDict(state: SchedulerState): void {
    loadAll(this.place, this.#schedulers, state);
    this.lastEpoch = this.#schedulers[0].lastEpoch;
    this.lastLr = [...(state._last_lr as number[])];
  }
}
