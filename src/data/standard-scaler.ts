/** Every column to mean 0 and deviation 1 over the training part. The deviation is the population's (division by n). */

import { Scaler, type ScalerState } from "./scaler.ts";

/**
 * Brings every column of [..., columns] to mean 0 and standard deviation 1 of the part it was fitted on. As
 * scikit-learn's.
 */
export class StandardScaler extends Scaler {
  /** A scaler from its state. */
  static fromJSON(state: ScalerState): StandardScaler {
    return new StandardScaler().loadState(state);
  }

  /** The scaler of some columns alone, by number: to bring a forecast of one column back. */
  columns(columns: readonly number[]): StandardScaler {
    return this.pick(new StandardScaler(), columns);
  }

  protected override get scalerName(): string {
    return "StandardScaler";
  }

  protected override fitColumn(values: Float64Array): { offset: number; scale: number } {
    // Shifted by the first value, so that a constant column comes out constant to the bit.
    const [shift] = values;
    let sum = 0;
    for (const value of values) sum += value - shift;
    const mean = sum / values.length;
    let squares = 0;
    for (const value of values) squares += (value - shift - mean) ** 2;
    return { offset: shift + mean, scale: Math.sqrt(squares / values.length) };
  }
}
