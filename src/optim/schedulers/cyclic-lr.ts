/**
 * The rate up and down between two bounds, in straight lines; momentum the other way. Called after every batch.
 *
 * `triangular` keeps the height of the cycles, `triangular2` halves it with each, `expRange` multiplies it by γ with each
 * step. Smith 2017.
 */

import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import {
  checkNumber,
  LRScheduler,
  type LRSchedulerOptions,
  perGroup,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";
import { beginMomentum, setMomentum, usesBeta1 } from "./momentum-cycle.ts";

export interface CyclicLROptions extends LRSchedulerOptions {
  /** Steps of the rise. Default 2000 */
  readonly stepSizeUp?: number;
  /** Steps of the fall. Default: as many as of the rise */
  readonly stepSizeDown?: number | null;
  /** Default triangular */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  /** γ of `expRange`. Default 1 */
  readonly gamma?: number;
  /** A height of the cycles of your own, instead of `mode`; 0 … 1. */
  readonly scaleFn?: ((x: number) => number) | null;
  /** What `scaleFn` is given: the number of the cycle, from 1, or of the step. Default cycle */
  readonly scaleMode?: "cycle" | "iterations";
  /** Default true */
  readonly cycleMomentum?: boolean;
  /** Momentum where the rate is highest. Default 0.8 */
  readonly baseMomentum?: number | readonly number[];
  /** Momentum where the rate is lowest. Default 0.9 */
  readonly maxMomentum?: number | readonly number[];
}

const OPTIONS = [
  ...["stepSizeUp", "stepSizeDown", "mode", "gamma", "scaleFn", "scaleMode"],
  ...["cycleMomentum", "baseMomentum", "maxMomentum", "lastEpoch"],
];

/** A rate that goes up and down between two bounds. Smith 2017. */
export class CyclicLR extends LRScheduler {
  readonly maxLrs: readonly number[];
  readonly totalSize: number;
  /** The rise as a share of the cycle. */
  readonly stepRatio: number;
  readonly mode: "triangular" | "triangular2" | "expRange";
  readonly gamma: number;
  readonly scaleFn: (x: number) => number;
  readonly scaleMode: "cycle" | "iterations";
  readonly cycleMomentum: boolean;
  readonly useBeta1: boolean = false;
  readonly baseMomentums: readonly number[] = [];
  readonly maxMomentums: readonly number[] = [];

  /**
   * @param baseLr the lower bound, for all groups or one for each
   * @param maxLr  the upper bound
   */
  constructor(
    optimizer: ScheduledOptimizer,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicLROptions = {},
  ) {
    super("CyclicLR", optimizer, options.lastEpoch);
    checkOptions("CyclicLR", options, OPTIONS);
    const baseLrs = perGroup("CyclicLR", "baseLr", baseLr, optimizer);
    this.maxLrs = perGroup("CyclicLR", "maxLr", maxLr, optimizer);
    const up = checkNumber("CyclicLR", "stepSizeUp", options.stepSizeUp ?? 2000, Number.MIN_VALUE);
    const down = checkNumber("CyclicLR", "stepSizeDown", options.stepSizeDown ?? up, Number.MIN_VALUE);
    this.totalSize = up + down;
    this.stepRatio = up / this.totalSize;
    this.mode = options.mode ?? "triangular";
    if (!["triangular", "triangular2", "expRange"].includes(this.mode)) {
      throw new ArgumentError(`CyclicLR: mode must be triangular, triangular2 or expRange, got ${String(this.mode)}`);
    }
    this.gamma = checkNumber("CyclicLR", "gamma", options.gamma ?? 1);
    this.scaleFn = options.scaleFn ?? this.#heightOfMode();
    const ownMode = this.mode === "expRange" ? "iterations" : "cycle";
    this.scaleMode = options.scaleFn ? (options.scaleMode ?? "cycle") : ownMode;
    this.cycleMomentum = options.cycleMomentum ?? true;
    if (this.cycleMomentum) {
      this.useBeta1 = usesBeta1("CyclicLR", optimizer);
      const range = { base: options.baseMomentum ?? 0.8, max: options.maxMomentum ?? 0.9 };
      const { base, max } = beginMomentum("CyclicLR", optimizer, this.useBeta1, range, this.lastEpoch);
      this.baseMomentums = base;
      this.maxMomentums = max;
    }
    if (this.lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.lr = baseLrs[i];
      });
    }
    this.begin();
    this.baseLrs = baseLrs;
  }

  #heightOfMode(): (x: number) => number {
    if (this.mode === "triangular2") return (cycle) => 0.5 ** (cycle - 1);
    return this.mode === "expRange" ? (step) => this.gamma ** step : () => 1;
  }

  protected override nextLrs(): number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.totalSize);
    const x = 1 + this.lastEpoch / this.totalSize - cycle;
    const along = x <= this.stepRatio ? x / this.stepRatio : (x - 1) / (this.stepRatio - 1);
    const scale = this.scaleFn(this.scaleMode === "cycle" ? cycle : this.lastEpoch);
    if (this.cycleMomentum) {
      this.optimizer.paramGroups.forEach((group, i) => {
        const max = this.maxMomentums[i];
        setMomentum(group, this.useBeta1, max - (max - this.baseMomentums[i]) * along * scale);
      });
    }
    return this.baseLrs.map((lr, i) => lr + (this.maxLrs[i] - lr) * along * scale);
  }
}
