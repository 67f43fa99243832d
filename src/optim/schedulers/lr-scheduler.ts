/**
 * What schedules of the learning rate have in common: they count epochs and set each group's `lr`.
 *
 * Making a schedule sets the rates of epoch 0; each `step()`, called after the optimiser's, those of the next epoch. As in
 * PyTorch most go on from the rates that the groups have, so that several schedules multiply and a rate set by hand stays.
 */

import { checkList } from "../../tensor/check-list.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { ScheduleMarks } from "../optimizer.ts";
import { loadFields, type SchedulerState, saveFields } from "./schedule-state.ts";

/** What a schedule needs of a group. */
export interface ScheduledGroup extends ScheduleMarks {
  lr: number;
  momentum?: number;
  betas?: readonly [number, number];
}

/** What a schedule needs of an optimiser: every optimiser has it. */
export interface ScheduledOptimizer {
  readonly paramGroups: readonly ScheduledGroup[];
}

export interface LRSchedulerOptions {
  /** The epoch that was done last, to go on with groups that know their `initialLr`. Default -1: begin */
  readonly lastEpoch?: number;
}

/** What schedules of learning rates have in common: `step` every epoch, `getLastLr`, a state dict. */
export abstract class LRScheduler {
  readonly optimizer: ScheduledOptimizer;
  /** The rates that the schedule begins with, one a group. */
  baseLrs: number[] = [];
  lastEpoch: number;
  protected stepCount = 0;
  protected lastLr: number[] = [];
  protected readonly place: string;
  #isInitial = false;

  /** Sets nothing yet: subclasses end their constructor with `begin()`. */
  constructor(place: string, optimizer: ScheduledOptimizer, lastEpoch = -1) {
    if (!Array.isArray((optimizer as Partial<ScheduledOptimizer> | undefined)?.paramGroups)) {
      throw new ArgumentError(`${place}: the first argument must be an optimiser`);
    }
    if (!Number.isInteger(lastEpoch) || lastEpoch < -1) {
      throw new ArgumentError(`${place}: lastEpoch must be a whole number ≥ -1, got ${lastEpoch}`);
    }
    this.place = place;
    this.optimizer = optimizer;
    this.lastEpoch = lastEpoch;
  }

  /** The groups' rates at `lastEpoch`, from those they have now. */
  protected abstract nextLrs(): number[];

  /** The rates at `lastEpoch` from the base rates alone, where there is such a formula. */
  protected closedForm(): number[] {
    return this.nextLrs();
  }

  /** Whether epoch 0 is being set, at the making of the schedule. */
  protected get isInitial(): boolean {
    return this.#isInitial;
  }

  /** Notes the rates that the groups begin with and sets epoch 0. */
  protected begin(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      if (this.lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined) {
        throw new ArgumentError(
          `${this.place}: lastEpoch is ${this.lastEpoch}, but group ${i} does not know its initialLr; load the optimiser's state first`,
        );
      }
    });
    this.baseLrs = this.optimizer.paramGroups.map((group) => group.initialLr as number);
    this.initialStep();
  }

  /** Sets the epoch after `lastEpoch` as the first. For schedules of schedules. */
  initialStep(): void {
    this.stepCount = 0;
    this.#isInitial = true;
    this.step();
    this.#isInitial = false;
  }

  /** Sets the rates of the next epoch. */
  step(): void {
    this.stepCount++;
    this.lastEpoch++;
    this.set(this.nextLrs());
  }

  /** Begins at epoch 0 again, from the base rates. For schedules of schedules. */
  restart(): void {
    this.lastEpoch = 0;
    this.set(this.closedForm());
  }

  protected set(rates: readonly number[]): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = rates[i];
    });
    this.lastLr = [...rates];
  }

  /** The rates that were set last, one a group. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** The rates that the groups have now. */
  protected get lrs(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** All that the schedule remembers, under PyTorch's names. Functions are not in it. */
  stateDict(): SchedulerState {
    return saveFields(this);
  }

  /** Continues from what `stateDict` returned, here or in PyTorch. Load the optimiser's state too: it holds the rates. */
  loadStateDict(state: SchedulerState): void {
    loadFields(this.place, this, state);
  }
}

/** A value for each group: a number for all, or a list with one for each. */
export function perGroup(
  place: string,
  name: string,
  value: number | readonly number[],
  optimizer: ScheduledOptimizer,
): number[] {
  if (typeof value !== "number") checkList(place, `${name}, a number for each group`, value);
  const groups = optimizer.paramGroups.length;
  const list = typeof value === "number" ? new Array<number>(groups).fill(value) : [...value];
  if (list.length !== groups) {
    throw new ArgumentError(
      `${place}: ${name} must be a number or one for each of ${groups} groups, got ${list.length}`,
    );
  }
  for (const each of list) checkNumber(place, name, each);
  return list;
}

/** @returns the number @throws {ArgumentError} unless it is finite and within bounds, both included */
export function checkNumber(
  place: string,
  name: string,
  value: number,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  const range = most < Infinity ? ` from ${least} to ${most}` : least > -Infinity ? ` ≥ ${least}` : "";
  throw new ArgumentError(`${place}: ${name} must be a number${range}, got ${String(value)}`);
}

/** @returns the number @throws {ArgumentError} unless it is whole and ≥ `least` */
export function checkWhole(place: string, name: string, value: number, least = 1): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new ArgumentError(`${place}: ${name} must be a whole number ≥ ${least}, got ${String(value)}`);
}
