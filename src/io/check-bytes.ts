/** What a loader is given must be the bytes of a file, not its name. */

import { ArgumentError } from "../tensor/errors.ts";

/** @param place the loader, such as `loadPyTorch` */
export function checkBytes(place: string, bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  const cure =
    typeof bytes === "string"
      ? "this library opens no files: pass what readFile gives"
      : "pass what readFile gives, or new Uint8Array(await response.arrayBuffer())";
  const got = typeof bytes === "object" && bytes !== null ? (bytes.constructor?.name ?? "an object") : typeof bytes;
  throw new ArgumentError(`${place}: bytes must be a Uint8Array, got ${got}; ${cure}`);
}
