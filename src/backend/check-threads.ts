import { ArgumentError } from "../tensor/errors.ts";

/** @throws {ArgumentError} unless it is a number of threads, or 0 for the default */
export function checkThreads(place: string, count: unknown): void {
  if (Number.isInteger(count) && (count as number) >= 0) return;
  throw new ArgumentError(`${place}: expected a whole number ≥ 1, or 0 for the default, got ${String(count)}`);
}
