/** Every column moved and stretched into a range: the smallest training value to its lower end, the largest to its upper. */

import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Scaler, type ScalerState } from "./scaler.ts";

export interface MinMaxScalerState extends ScalerState {
  /** The lower and the upper end, for fitting anew. */
  readonly featureRange: readonly [number, number];
}

/**
 * Brings every column of [..., columns] to a range, 0 … 1 by default, by the extremes of the part it was fitted on.
 * As scikit-learn's.
 */
export class MinMaxScaler extends Scaler {
  /** The lower and the upper end. */
  readonly featureRange: readonly [number, number];

  /**
   * @param options.featureRange the ends of the range. Default [0, 1]
   * @example
   * const scaler = new MinMaxScaler().fit(train); // train [T, F]
   * const forecast = scaler.inverse(model.forward(scaler.transform(test)));
   */
  constructor(options: { featureRange?: readonly [number, number] } = {}) {
    super();
    checkOptions("MinMaxScaler", options, ["featureRange"]);
    const [low, high] = options.featureRange ?? [0, 1];
    if (!(low < high) || !Number.isFinite(high - low)) {
      throw new ArgumentError(`MinMaxScaler: featureRange must be two numbers, low < high, got [${low}, ${high}]`);
    }
    this.featureRange = [low, high];
  }

  /** A scaler from its state. */
  static fromJSON(state: MinMaxScalerState): MinMaxScaler {
    return new MinMaxScaler({ featureRange: state.featureRange }).loadState(state);
  }

  override toJSON(): MinMaxScalerState {
    return { ...super.toJSON(), featureRange: this.featureRange };
  }

  /** The scaler of some columns alone, by number: to bring a forecast of one column back. */
  columns(columns: readonly number[]): MinMaxScaler {
    return this.pick(new MinMaxScaler({ featureRange: this.featureRange }), columns);
  }

  protected override get scalerName(): string {
    return "MinMaxScaler";
  }

  protected override fitColumn(values: Float64Array): { offset: number; scale: number } {
    const [low, high] = this.featureRange;
    let least = values[0];
    let most = values[0];
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    const scale = (most - least) / (high - low) || 1;
    return { offset: least - low * scale, scale };
  }
}
