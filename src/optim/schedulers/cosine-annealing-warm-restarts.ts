/**
 * The rate down half a cosine, and with a jump to the top again: η(t) = ηmin + ½ (η − ηmin) (1 + cos(π tCur / tI)).
 *
 * The first descent takes t0 epochs, each later one tMult times those before it. Loshchilov & Hutter 2017.
 */

import { checkOptions } from "../../tensor/check-options.ts";
import {
  checkNumber,
  checkWhole,
  LRScheduler,
  type LRSchedulerOptions,
  type ScheduledOptimizer,
} from "./lr-scheduler.ts";

/** A rate that falls along a cosine and starts again. Loshchilov & Hutter 2017. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly t0: number;
  readonly tMult: number;
  readonly etaMin: number;
  /** Epochs of this descent. */
  protected tI: number;
  /** Epochs since it began. */
  protected tCur: number;

  /**
   * @param t0 epochs of the first descent
   * @param options.tMult  how many times longer the next is, a whole number. Default 1
   * @param options.etaMin ηmin. Default 0
   */
  constructor(
    optimizer: ScheduledOptimizer,
    t0: number,
    options: LRSchedulerOptions & { tMult?: number; etaMin?: number } = {},
  ) {
    const place = "CosineAnnealingWarmRestarts";
    super(place, optimizer, options.lastEpoch);
    checkOptions(place, options, ["tMult", "etaMin", "lastEpoch"]);
    this.t0 = checkWhole(place, "t0", t0);
    this.tMult = checkWhole(place, "tMult", options.tMult ?? 1);
    this.etaMin = checkNumber(place, "etaMin", options.etaMin ?? 0);
    this.tI = t0;
    this.tCur = this.lastEpoch;
    this.begin();
  }

  /**
   * Sets the rates of the next epoch, or of one that is named, which may be a fraction: `step(epoch + batch / batches)`.
   * @throws {ArgumentError} for a negative epoch
   */
  override step(epoch?: number): void {
    if (epoch === undefined && this.lastEpoch >= 0) {
      this.lastEpoch++;
      this.tCur++;
      if (this.tCur >= this.tI) {
        this.tCur %= this.tI;
        this.tI *= this.tMult;
      }
    } else {
      this.#goTo(checkNumber(this.place, "epoch", epoch ?? 0, 0));
    }
    this.set(this.nextLrs());
  }

  #goTo(epoch: number): void {
    const { t0, tMult } = this;
    this.lastEpoch = Math.floor(epoch);
    if (epoch < t0) {
      this.tI = t0;
      this.tCur = epoch;
    } else if (tMult === 1) {
      this.tCur = epoch % t0;
    } else {
      const descents = Math.floor(Math.log((epoch / t0) * (tMult - 1) + 1) / Math.log(tMult));
      this.tCur = epoch - (t0 * (tMult ** descents - 1)) / (tMult - 1);
      this.tI = t0 * tMult ** descents;
    }
  }

  protected override nextLrs(): number[] {
    const { etaMin } = this;
    const height = 1 + Math.cos((Math.PI * this.tCur) / this.tI);
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * height) / 2);
  }
}
