/** Sizes and probabilities that users give: checked once, at the door. */

import { ArgumentError } from "../tensor/errors.ts";

/** @returns the size @throws {ArgumentError} unless it is a whole number ≥ `least` */
export function checkSize(place: string, name: string, value: number, least = 1): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ArgumentError(`${place}: ${name} must be a whole number ≥ ${least}, got ${describe(place, name, value)}`);
  }
  return value;
}

/** @returns the probability @throws {ArgumentError} unless it is in [0, 1] */
export function checkProbability(place: string, name: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
    throw new ArgumentError(`${place}: ${name} must be a probability, 0 … 1, got ${describe(place, name, value)}`);
  }
  return value;
}

/** What came instead of a number, and the cure where everything was put into one object. */
function describe(place: string, name: string, value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value === "string" ? `"${value}"` : String(value);
  if (Array.isArray(value)) return "an array";
  const call = /^[A-Z]/.test(place) ? `new ${place}` : place;
  return `an object with ${Object.keys(value).join(", ") || "nothing in it"}; ${name} comes by position, options last: ${call}(${name}, …, { … })`;
}
