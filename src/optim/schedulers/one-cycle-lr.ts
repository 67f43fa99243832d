/**
 * One cycle over the whole training: the rate up to its largest and then down to almost nothing, momentum the other way.
 * Called after every batch.
 *
 * The rate begins at maxLr / divFactor and ends at 1 / finalDivFactor of that. Smith & Topin 2019.
 */

import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { annealing } from "./annealing.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  perGroup,
  type ScheduledGroup,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";
import { beginMomentum, setMomentum, usesBeta1 } from "./momentum-cycle.ts";

export interface OneCycleLROptions extends LRSchedulerOptions {
  /** Steps of the whole training; or give `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number | null;
  readonly epochs?: number | null;
  readonly stepsPerEpoch?: number | null;
  /** The share of the steps that the rate rises, 0 … 1. Default 0.3 */
  readonly pctStart?: number;
  /** Default cos */
  readonly annealStrategy?: "cos" | "linear";
  /** Default true */
  readonly cycleMomentum?: boolean;
  /** Momentum where the rate is highest. Default 0.85 */
  readonly baseMomentum?: number | readonly number[];
  /** Momentum where the rate is lowest. Default 0.95 */
  readonly maxMomentum?: number | readonly number[];
  /** Default 25 */
  readonly divFactor?: number;
  /** Default 1e4 */
  readonly finalDivFactor?: number;
  /** Fall to the first rate in as many steps as the rise took, and to nothing after that. Default false */
  readonly threePhase?: boolean;
}

const OPTIONS = [
  ...["totalSteps", "epochs", "stepsPerEpoch", "pctStart", "annealStrategy", "cycleMomentum", "baseMomentum"],
  ...["maxMomentum", "divFactor", "finalDivFactor", "threePhase", "lastEpoch"],
];

/** A part of the cycle: until which step, and between which marks of the groups. */
interface Phase {
  readonly end: number;
  readonly lr: readonly ["initialLr" | "maxLr", "initialLr" | "maxLr" | "minLr"];
  readonly momentum: readonly ["baseMomentum" | "maxMomentum", "baseMomentum" | "maxMomentum"];
}

/** A rate that rises once and falls once over the whole training. Smith & Topin 2018. */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  readonly cycleMomentum: boolean;
  readonly useBeta1: boolean = false;
  readonly #phases: readonly Phase[];
  readonly #between: (start: number, end: number, part: number) => number;

  /** @param maxLr the largest rate, for all groups or one for each */
  constructor(optimizer: ScheduledOptimizer, maxLr: number | readonly number[], options: OneCycleLROptions = {}) {
    super("OneCycleLR", optimizer, options.lastEpoch);
    checkOptions("OneCycleLR", options, OPTIONS);
    this.totalSteps = totalStepsOf(options);
    const pctStart = checkNumber("OneCycleLR", "pctStart", options.pctStart ?? 0.3, 0, 1);
    this.#phases = phasesOf(this.totalSteps, pctStart, options.threePhase ?? false);
    const bend = annealing("OneCycleLR", options.annealStrategy ?? "cos");
    this.#between = (start, end, part) => start + (end - start) * bend(part);
    const divFactor = checkNumber("OneCycleLR", "divFactor", options.divFactor ?? 25, Number.MIN_VALUE);
    const finalDivFactor = checkNumber("OneCycleLR", "finalDivFactor", options.finalDivFactor ?? 1e4, Number.MIN_VALUE);
    const maxLrs = perGroup("OneCycleLR", "maxLr", maxLr, optimizer);
    if (this.lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.initialLr = maxLrs[i] / divFactor;
        group.maxLr = maxLrs[i];
        group.minLr = group.initialLr / finalDivFactor;
      });
    }
    this.cycleMomentum = options.cycleMomentum ?? true;
    if (this.cycleMomentum) {
      this.useBeta1 = usesBeta1("OneCycleLR", optimizer);
      const range = { base: options.baseMomentum ?? 0.85, max: options.maxMomentum ?? 0.95 };
      beginMomentum("OneCycleLR", optimizer, this.useBeta1, range, this.lastEpoch);
    }
    this.begin();
  }

  /** @throws {ArgumentError} beyond `totalSteps` */
  protected override nextLrs(): number[] {
    const { lastEpoch, totalSteps } = this;
    if (lastEpoch > totalSteps) {
      throw new ArgumentError(`OneCycleLR.step: the cycle has ${totalSteps} steps, this would be number ${lastEpoch}`);
    }
    const last = this.#phases.length - 1;
    const which = this.#phases.findIndex(({ end }, i) => lastEpoch <= end || i === last);
    const phase = this.#phases[which];
    const start = which === 0 ? 0 : this.#phases[which - 1].end;
    const part = (lastEpoch - start) / (phase.end - start);
    const mark = (group: ScheduledGroup, name: Phase["lr"][number] | Phase["momentum"][number]) =>
      group[name] as number;
    return this.optimizer.paramGroups.map((group) => {
      const [from, to] = phase.momentum;
      if (this.cycleMomentum) {
        setMomentum(group, this.useBeta1, this.#between(mark(group, from), mark(group, to), part));
      }
      return this.#between(mark(group, phase.lr[0]), mark(group, phase.lr[1]), part);
    });
  }
}

function totalStepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  if (totalSteps !== undefined && totalSteps !== null) return checkWhole("OneCycleLR", "totalSteps", totalSteps);
  if (epochs === undefined || epochs === null || stepsPerEpoch === undefined || stepsPerEpoch === null) {
    throw new ArgumentError("OneCycleLR: give totalSteps, or epochs and stepsPerEpoch");
  }
  return checkWhole("OneCycleLR", "epochs", epochs) * checkWhole("OneCycleLR", "stepsPerEpoch", stepsPerEpoch);
}

function phasesOf(totalSteps: number, pctStart: number, threePhase: boolean): Phase[] {
  const rise: Phase = {
    end: pctStart * totalSteps - 1,
    lr: ["initialLr", "maxLr"],
    momentum: ["maxMomentum", "baseMomentum"],
  };
  if (!threePhase) {
    return [rise, { end: totalSteps - 1, lr: ["maxLr", "minLr"], momentum: ["baseMomentum", "maxMomentum"] }];
  }
  return [
    rise,
    { end: 2 * pctStart * totalSteps - 2, lr: ["maxLr", "initialLr"], momentum: ["baseMomentum", "maxMomentum"] },
    { end: totalSteps - 1, lr: ["initialLr", "minLr"], momentum: ["maxMomentum", "maxMomentum"] },
  ];
}
