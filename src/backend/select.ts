/** Which backend computes: the one in use for all ops, and how to choose another. */

import { BackendError } from "../tensor/errors.ts";
import type { Backend } from "./backend.ts";
import { ReferenceBackend } from "./reference/reference-backend.ts";

let current: Backend | null = null;

/** The backend in use; the first call chooses. */
export function backend(): Backend {
  if (current === null) current = choose();
  return current;
}

function choose(): Backend {
  return new ReferenceBackend();
}

/**
 * Computes with another backend from now on.
 * @param name `native`, `wasm` or `reference`
 * @throws {BackendError} if it is not available here, with the reason
 */
export function setBackend(name: string): void {
  if (name !== "reference") throw new BackendError(`setBackend: there is no backend "${name}"; available: reference`);
  current = new ReferenceBackend();
}
