/** What schedules of schedules have in common: their members belong to one optimiser, and their states stand side by side. */

import { ArgumentError, FormatError } from "../../tensor/errors.ts";
import { LRScheduler, type ScheduledOptimizer } from "./lr-scheduler.ts";
import type { SchedulerState } from "./schedule-state.ts";

/** @throws {ArgumentError} naming the member that does not fit */
export function checkSchedulers(
  place: string,
  optimizer: ScheduledOptimizer,
  schedulers: readonly LRScheduler[],
): void {
  if (!Array.isArray(schedulers)) throw new ArgumentError(`${place}: expects a list of schedulers`);
  if (schedulers.length === 0) throw new ArgumentError(`${place}: expects at least one scheduler`);
  schedulers.forEach((scheduler, i) => {
    if (!(scheduler instanceof LRScheduler)) {
      throw new ArgumentError(
        `${place}: scheduler ${i} is not a schedule by epochs; ReduceLROnPlateau needs a score and stands alone`,
      );
    }
    if (scheduler.baseLrs.length === 0) {
      throw new ArgumentError(`${place}: scheduler ${i} is a schedule of schedules; name its members here instead`);
    }
    if (scheduler.optimizer !== optimizer) {
      throw new ArgumentError(`${place}: scheduler ${i} belongs to another optimiser`);
    }
  });
}

export const saveAll = (schedulers: readonly LRScheduler[]): SchedulerState => ({
  _schedulers: schedulers.map((scheduler) => scheduler.stateDict()),
});

export function loadAll(place: string, schedulers: readonly LRScheduler[], { _schedulers }: SchedulerState): void {
  if (!Array.isArray(_schedulers) || _schedulers.length !== schedulers.length) {
    throw new FormatError(`${place}.loadStateDict: not the state of ${schedulers.length} schedulers`);
  }
  schedulers.forEach((scheduler, i) => {
    scheduler.loadStateDict(_schedulers[i]);
  });
}
