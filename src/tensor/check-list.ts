/** Lists given by users, where TypeScript does not see. */

import { ArgumentError } from "./errors.ts";

/**
 * @param place who was given the list
 * @param what  what it should hold, with an example: `indices, as [0, 2]`
 * @throws {ArgumentError} for what cannot be walked through, and for texts
 */
export function checkList(place: string, what: string, value: unknown): void {
  const walkable = typeof value === "object" && value !== null && (Symbol.iterator in value || "length" in value);
  if (walkable) return;
  throw new ArgumentError(`${place}: expects a list of ${what}, got ${value === null ? "null" : typeof value}`);
}
