/** Options objects given by users: a name that nobody reads is a misspelling, and TypeScript does not see all of them. */

import { ArgumentError } from "./errors.ts";
import { nearNames } from "./near-names.ts";

/**
 * @param place   who was given the options: `SGD`, `DataLoader`
 * @param options what was given
 * @param known   every name that is read
 * @throws {ArgumentError} for an option of another name, with the one that was probably meant
 */
export function checkOptions(place: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ArgumentError(`${place}: options must be an object such as { ${known[0]}: … }, got ${describe(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const [near] = nearNames(name, known);
    const cure = near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`;
    throw new ArgumentError(`${place}: there is no option ${name}; ${cure}`);
  }
}

const describe = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "an array" : `${typeof value} ${String(value)}`;
