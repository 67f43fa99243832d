/** Sizes that users give: checked once, at the door. */

import { ArgumentError } from "../tensor/errors.ts";

/** @returns the size @throws {ArgumentError} unless it is a whole number ≥ `least` */
export function checkSize(place: string, name: string, value: number, least = 1): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ArgumentError(`${place}: ${name} must be a whole number ≥ ${least}, got ${String(value)}`);
  }
  return value;
}

/** @returns the probability @throws {ArgumentError} unless it is in [0, 1] */
export function checkProbability(place: string, name: string, value: number): number {
  if (!(value >= 0 && value <= 1)) {
    throw new ArgumentError(`${place}: ${name} must be a probability, 0 … 1, got ${String(value)}`);
  }
  return value;
}
