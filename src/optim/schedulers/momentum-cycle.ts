/** Momentum that moves against the learning rate, for schedules in cycles: SGD's μ, or Adam's β₁. */

import { ArgumentError } from "../../tensor/errors.ts";
import { perGroup, type ScheduledGroup, type ScheduledOptimizer } from "./lr-scheduler.ts";

/** Whether momentum is β₁. @throws {ArgumentError} if the optimiser has neither */
export function usesBeta1(place: string, optimizer: ScheduledOptimizer): boolean {
  const [group] = optimizer.paramGroups;
  if (group.betas !== undefined) return true;
  if (group.momentum !== undefined) return false;
  throw new ArgumentError(`${place}: the optimiser has no momentum to cycle; set cycleMomentum: false`);
}

export function setMomentum(group: ScheduledGroup, useBeta1: boolean, momentum: number): void {
  if (useBeta1) group.betas = [momentum, (group.betas as readonly [number, number])[1]];
  else group.momentum = momentum;
}

/** Notes both ends in the groups and begins at the upper one. @returns the ends, one a group */
export function beginMomentum(
  place: string,
  optimizer: ScheduledOptimizer,
  useBeta1: boolean,
  range: { base: number | readonly number[]; max: number | readonly number[] },
  lastEpoch: number,
): { base: number[]; max: number[] } {
  const base = perGroup(place, "baseMomentum", range.base, optimizer);
  const max = perGroup(place, "maxMomentum", range.max, optimizer);
  if (lastEpoch !== -1) return { base, max };
  optimizer.paramGroups.forEach((group, i) => {
    setMomentum(group, useBeta1, max[i]);
    group.maxMomentum = max[i];
    group.baseMomentum = base[i];
  });
  return { base, max };
}
