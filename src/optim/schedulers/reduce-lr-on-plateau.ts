/** The rate times a factor when a score has not improved for a while. */

import { item } from "../../ops/read.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { checkNumber, checkWhole, perGroup, type ScheduledOptimizer } from "./lr-scheduler.ts";
import { loadFields, type SchedulerState, saveFields } from "./schedule-state.ts";

export interface ReduceLROnPlateauOptions {
  /** Whether less or more is better. Default min */
  readonly mode?: "min" | "max";
  /** By which the rate is multiplied, below 1. Default 0.1 */
  readonly factor?: number;
  /** Epochs without improvement that are borne. Default 10 */
  readonly patience?: number;
  /** By how much a score must be better to count. Default 1e-4 */
  readonly threshold?: number;
  /** Whether that is a share of the best score or a difference. Default rel */
  readonly thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction that are not counted. Default 0 */
  readonly cooldown?: number;
  /** Below this no rate falls; for all groups or one for each. Default 0 */
  readonly minLr?: number | readonly number[];
  /** Reductions by less are not made. Default 1e-8 */
  readonly eps?: number;
}

const OPTIONS = ["mode", "factor", "patience", "threshold", "thresholdMode", "cooldown", "minLr", "eps"];
const PLACE = "ReduceLROnPlateau";

/** A rate that falls when a score stops improving. As PyTorch. */
export class ReduceLROnPlateau {
  readonly optimizer: ScheduledOptimizer;
  readonly mode: "min" | "max";
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: "rel" | "abs";
  readonly cooldown: number;
  readonly minLrs: readonly number[];
  readonly eps: number;
  lastEpoch = 0;
  /** The best score so far. */
  best: number;
  numBadEpochs = 0;
  cooldownCounter = 0;
  protected lastLr: number[];

  /** @example const plateau = new ReduceLROnPlateau(optimizer, { patience: 5 }); … plateau.step(validationLoss); */
  constructor(optimizer: ScheduledOptimizer, options: ReduceLROnPlateauOptions = {}) {
    checkOptions(PLACE, options, OPTIONS);
    if (!Array.isArray((optimizer as Partial<ScheduledOptimizer> | undefined)?.paramGroups)) {
      throw new ArgumentError(`${PLACE}: the first argument must be an optimiser`);
    }
    this.optimizer = optimizer;
    this.mode = options.mode ?? "min";
    this.thresholdMode = options.thresholdMode ?? "rel";
    if (this.mode !== "min" && this.mode !== "max") {
      throw new ArgumentError(`${PLACE}: mode must be min or max, got ${String(this.mode)}`);
    }
    if (this.thresholdMode !== "rel" && this.thresholdMode !== "abs") {
      throw new ArgumentError(`${PLACE}: thresholdMode must be rel or abs, got ${String(this.thresholdMode)}`);
    }
    this.factor = checkNumber(PLACE, "factor", options.factor ?? 0.1);
    if (this.factor >= 1) throw new ArgumentError(`${PLACE}: factor must be below 1, got ${this.factor}`);
    this.patience = checkWhole(PLACE, "patience", options.patience ?? 10, 0);
    this.threshold = checkNumber(PLACE, "threshold", options.threshold ?? 1e-4);
    this.cooldown = checkWhole(PLACE, "cooldown", options.cooldown ?? 0, 0);
    this.minLrs = perGroup(PLACE, "minLr", options.minLr ?? 0, optimizer);
    this.eps = checkNumber(PLACE, "eps", options.eps ?? 1e-8);
    this.best = this.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.lastLr = optimizer.paramGroups.map((group) => group.lr);
  }

  /** Ends an epoch whose score is `metrics`. NaN is no improvement. */
  step(metrics: number | Tensor): void {
    const score = metrics instanceof Tensor ? item(metrics) : metrics;
    if (typeof score !== "number")
      throw new ArgumentError(`${PLACE}.step: expects the score of the epoch, got ${typeof score}`);
    this.lastEpoch++;
    if (this.#isBetter(score)) {
      this.best = score;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  #isBetter(score: number): boolean {
    const { best, threshold, thresholdMode } = this;
    const margin = this.mode === "min" ? -threshold : threshold;
    const bar = thresholdMode === "rel" ? best * (1 + margin) : best + margin;
    return this.mode === "min" ? score < bar : score > bar;
  }

  #reduce(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i] ?? 0);
      if (group.lr - lr > this.eps) group.lr = lr;
    });
  }

  /** The rates that were set last, one a group. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** All that the schedule remembers, under PyTorch's names. */
  stateDict(): SchedulerState {
    return saveFields(this);
  }

  /** Continues from what `stateDict` returned, here or in PyTorch. */
  loadStateDict(state: SchedulerState): void {
    loadFields(PLACE, this, state);
  }
}
