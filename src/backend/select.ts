/**
 * Which backend computes. The fastest that loads without waiting is chosen at the first use: native, then WASM, then reference; the
 * environment variable `REFRAIN_BACKEND` or `setBackend` choose another. What could not be loaded is no error unless it was asked for by
 * name, its own or that of an instruction set (`REFRAIN_ISA`); `refrain doctor` tells the reasons.
 *
 * In Node nothing has to be waited for. A browser has to fetch the WASM module, so there it is `await setBackend("wasm")`, and before that
 * the reference computes: docs/decisions/wasm.md.
 */

import { ArgumentError, BackendError } from "../tensor/errors.ts";
import type { Backend } from "./backend.ts";
import { checkThreads } from "./check-threads.ts";
import { loadNative } from "./native/load-native.ts";
import { ReferenceBackend } from "./reference/reference-backend.ts";
import { checkWasmOptions, fetchWasm, loadWasm, readsFiles, type WasmOptions } from "./wasm/load-wasm.ts";

export type BackendName = Backend["name"];

/** A backend, or the sentence that says why there is none. */
type Loaded = { readonly backend: Backend } | { readonly reason: string };

/** In order of speed. */
const LOADERS: Partial<Record<BackendName, () => Loaded>> = {
  native: loadNative,
  wasm: loadWasm,
  reference: () => ({ backend: new ReferenceBackend() }),
};

const loaded = new Map<BackendName, Loaded>();
let current: Backend | null = null;

function load(name: BackendName): Loaded {
  let result = loaded.get(name);
  if (result === undefined) {
    result = LOADERS[name]!();
    loaded.set(name, result);
  }
  return result;
}

/** The backend in use; the first call chooses. */
export function backend(): Backend {
  current ??= choose();
  return current;
}

function choose(): Backend {
  const wanted = globalThis.process?.env?.REFRAIN_BACKEND;
  if (wanted !== undefined && wanted !== "") return demand("REFRAIN_BACKEND", wanted);
  // Who names an instruction set asks for the backend that has them: another one in its place would be a silent answer.
  const instructionSet = globalThis.process?.env?.REFRAIN_ISA;
  if (instructionSet !== undefined && instructionSet !== "") return demand("REFRAIN_ISA", "native");
  for (const name of Object.keys(LOADERS) as BackendName[]) {
    const result = load(name);
    if ("backend" in result) return result.backend;
  }
  throw new BackendError("no backend could be loaded, not even the reference");
}

function demand(place: string, name: string): Backend {
  if (!Object.hasOwn(LOADERS, name)) {
    throw new ArgumentError(`${place}: there is no backend "${name}"; there are ${Object.keys(LOADERS).join(", ")}`);
  }
  return orError(place, name, load(name as BackendName));
}

function orError(place: string, name: string, result: Loaded): Backend {
  if ("backend" in result) return result.backend;
  throw new BackendError(`${place}: the backend "${name}" cannot be used here: ${result.reason}`);
}

/**
 * Computes with another backend from now on. Tensors made before stay usable: all of them work on the CPU's memory.
 *
 * In Node the change has been made when the call returns, and awaiting it is optional. In a browser the WASM module is fetched first (unless
 * `bytes` are given): `await setBackend("wasm")`.
 * @param name `native`, `wasm` or `reference`
 * @param options for `wasm`: its instruction set, its threads, or where its module comes from
 * @throws {ArgumentError} for an unknown name, or options that are not such
 * @throws {BackendError} if it cannot be used here, with the reason; as a rejection where the module had to be fetched
 */
export function setBackend(name: BackendName | (string & {}), options: WasmOptions = {}): Promise<void> {
  checkWasmOptions("setBackend", options);
  const given = Object.keys(options).length > 0;
  if (name !== "wasm" && given) throw new ArgumentError(`setBackend: the backend "${name}" takes no options`);
  const isReady = "backend" in (loaded.get("wasm") ?? {});
  if (name === "wasm" && (given || !isReady)) {
    if (options.url !== undefined || (options.bytes === undefined && !readsFiles())) return fetchAndSet(options);
    use("wasm", loadWasm(options));
    return Promise.resolve();
  }
  current = demand("setBackend", name);
  return Promise.resolve();
}

async function fetchAndSet(options: WasmOptions): Promise<void> {
  use("wasm", await fetchWasm(options));
}

function use(name: BackendName, result: Loaded): void {
  current = orError("setBackend", name, result);
  loaded.set(name, result);
}

/** Every backend by name, with its description, or the reason why it is not available. */
export function backendReport(): { name: BackendName; available: boolean; text: string; inUse: boolean }[] {
  const inUse = backend().name;
  return (Object.keys(LOADERS) as BackendName[]).map((name) => {
    const result = load(name);
    const available = "backend" in result;
    return { name, available, text: available ? result.backend.describe() : result.reason, inUse: name === inUse };
  });
}

/**
 * How many threads the backend may use. The results do not depend on it.
 *
 * The reference has one. WASM has one unless more are asked for; in a browser that is `await setBackend("wasm", { threads: n })`.
 * @param count 1 or more; 0 goes back to the default: `REFRAIN_THREADS`, or the number of cores (WASM: one)
 */
export function setNumThreads(count: number): void {
  checkThreads("setNumThreads", count);
  backend().setThreads(count);
}

/** How many threads the backend uses. */
export const getNumThreads = (): number => backend().threads;
