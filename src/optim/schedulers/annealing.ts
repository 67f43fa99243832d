/** Ways from 0 to 1: along half a cosine, or in a straight line. */

import { ArgumentError } from "../../tensor/errors.ts";

export type AnnealStrategy = "cos" | "linear";

/** @throws {ArgumentError} for another strategy */
export function annealing(place: string, strategy: AnnealStrategy): (part: number) => number {
  if (strategy === "cos") return (part) => (1 - Math.cos(Math.PI * part)) / 2;
  if (strategy === "linear") return (part) => part;
  throw new ArgumentError(`${place}: annealStrategy must be cos or linear, got ${String(strategy)}`);
}
