/**
 * Finds and loads the WASM module, or says in a sentence why it cannot: at once from the file system in Node, or from given bytes; by
 * `fetch` in a browser.
 *
 * The simd128 build is the default although many engines have relaxed SIMD: its results are the same bits on every machine, and those of a
 * relaxed multiply-add are not.
 */

import { checkOptions } from "../../tensor/check-options.ts";
import { crc32 } from "../../tensor/crc-32.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { checkThreads } from "../check-threads.ts";
import { CHECKSUMS } from "./checksums.ts";
import { WASM_INSTRUCTION_SETS, WasmBackend, type WasmInstructionSet } from "./wasm-backend.ts";
import { type CompiledModule, instantiate, webAssembly } from "./wasm-module.ts";
import { canShareMemory, WasmThreads } from "./wasm-threads.ts";

export type LoadedWasm = { readonly backend: WasmBackend } | { readonly reason: string };

export interface WasmOptions {
  /**
   * `"simd128"` (default) or `"relaxed"`: up to a third faster where the engine has relaxed SIMD (browsers of 2023 on, Node 22; Node 20
   * with `--experimental-wasm-relaxed-simd`), but its last bits depend on the processor.
   */
  readonly instructionSet?: WasmInstructionSet;
  /** The module's bytes, where a bundler cannot carry the `.wasm` file: `inlinedWasm()` of `refrain/inlined-wasm`. */
  readonly bytes?: Uint8Array;
  /** Where to fetch the `.wasm` file from, if not from beside the code. */
  readonly url?: string | URL;
  /**
   * How many threads a call may use; 1 by default. In a browser this is the place to ask for more, as `setNumThreads` cannot fetch the module
   * that has them, and the page must be isolated (`crossOriginIsolated`); elsewhere it stays one thread.
   */
  readonly threads?: number;
}

/** @throws {ArgumentError} for an unknown option or instruction set, or what is no number of threads */
export function checkWasmOptions(place: string, options: WasmOptions): void {
  checkOptions(place, options, ["instructionSet", "bytes", "url", "threads"]);
  const { instructionSet = "simd128", threads = 1 } = options;
  if (!WASM_INSTRUCTION_SETS.includes(instructionSet)) {
    throw new ArgumentError(
      `${place}: there is no instruction set "${instructionSet}" for WASM; there are ${WASM_INSTRUCTION_SETS.join(", ")}`,
    );
  }
  checkThreads(`${place}: threads`, threads);
}

type ModuleName = keyof typeof CHECKSUMS;

/** Bundlers recognise these expressions, and bring the files along. */
const URLS: Record<ModuleName, () => URL> = {
  simd128: () => new URL("./simd128.wasm", import.meta.url),
  relaxed: () => new URL("./relaxed.wasm", import.meta.url),
  "simd128-threads": () => new URL("./simd128-threads.wasm", import.meta.url),
  "relaxed-threads": () => new URL("./relaxed-threads.wasm", import.meta.url),
};

/** Whether this is a program whose files can be read at once: Node, and what is like it. */
export const readsFiles = (): boolean =>
  typeof host()?.getBuiltinModule === "function" && import.meta.url.startsWith("file:");

const host = () => (globalThis as { process?: NodeJS.Process }).process;

/** Loads without waiting. */
export function loadWasm({ instructionSet = "simd128", bytes, threads }: WasmOptions = {}): LoadedWasm {
  const module =
    bytes === undefined ? readModule(instructionSet) : compileNow("the module given as `bytes`", bytes, instructionSet);
  if ("reason" in module) return module;
  const loadThreads = () => threadsOf(instructionSet);
  const backend = new WasmBackend(instantiate(webAssembly()!, module.module), instructionSet, loadThreads);
  backend.setThreads(threads ?? 0);
  return { backend };
}

/** The module with threads, where it can be had at once. */
function threadsOf(instructionSet: WasmInstructionSet): WasmThreads | null {
  if (!readsFiles() || !canShareMemory()) return null;
  const module = readModule(`${instructionSet}-threads`);
  return "reason" in module ? null : threadsIn(module.module);
}

function threadsIn(module: CompiledModule): WasmThreads | null {
  try {
    return new WasmThreads(module);
  } catch {
    return null;
  }
}

type Compiled = { readonly module: CompiledModule } | { readonly reason: string };

function readModule(name: ModuleName): Compiled {
  if (!readsFiles()) return { reason: 'not loaded yet; `await setBackend("wasm")` fetches it' };
  const file = URLS[name]();
  let bytes: Uint8Array;
  try {
    bytes = host()!.getBuiltinModule("node:fs").readFileSync(file);
  } catch (error) {
    return { reason: `${file.pathname} cannot be read (${messageOf(error)}); ${CURE}` };
  }
  return compileNow(file.pathname, bytes, name);
}

/** Fetches the module: for browsers, whose files cannot be read at once. */
export async function fetchWasm({ instructionSet = "simd128", url, threads = 1 }: WasmOptions): Promise<LoadedWasm> {
  if (threads > 1 && url === undefined && canShareMemory()) {
    const compiled = await fetchModule(`${instructionSet}-threads`);
    const team = "reason" in compiled ? null : threadsIn(compiled.module);
    if (team !== null) {
      const backend = new WasmBackend(team.kernels, instructionSet, () => team);
      backend.setThreads(threads);
      return { backend };
    }
  }
  const compiled = await fetchModule(instructionSet, url);
  if ("reason" in compiled) return compiled;
  return { backend: new WasmBackend(instantiate(webAssembly()!, compiled.module), instructionSet) };
}

async function fetchModule(name: ModuleName, url: string | URL = URLS[name]()): Promise<Compiled> {
  const wasm = webAssembly();
  if (wasm === undefined) return { reason: MISSING };
  try {
    const response = await fetch(url);
    if (!response.ok) return { reason: `${url} answers ${response.status} ${response.statusText}`.trim() };
    const bytes = new Uint8Array(await response.arrayBuffer());
    const fault = faultOf(String(url), bytes, name);
    return fault === null ? { module: await wasm.compile(bytes) } : { reason: fault };
  } catch (error) {
    return { reason: `${url} cannot be loaded (${messageOf(error)})` };
  }
}

function compileNow(place: string, bytes: Uint8Array, name: ModuleName): Compiled {
  const wasm = webAssembly();
  if (wasm === undefined) return { reason: MISSING };
  try {
    const fault = faultOf(place, bytes, name);
    return fault === null ? { module: new wasm.Module(bytes) } : { reason: fault };
  } catch (error) {
    return { reason: `${place} cannot be compiled (${messageOf(error)})` };
  }
}

const MISSING = "this JavaScript engine has no WebAssembly";

const CURE =
  'if a bundler left it behind, copy it there, or `setBackend("wasm", { bytes: inlinedWasm() })` of refrain/inlined-wasm';

/** Why these bytes cannot be used, or null. A damaged module may well be a valid one, and compute nonsense. */
function faultOf(place: string, bytes: Uint8Array, name: ModuleName): string | null {
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
  if (!isWasm)
    return `${place} is not a WASM module (${bytes.length} bytes); does the server answer with a page instead?`;
  if (crc32(bytes) !== CHECKSUMS[name])
    return `${place} is damaged, or not the ${name} module of this version (its checksum is another)`;
  if (webAssembly()!.validate(bytes)) return null;
  return name.startsWith("relaxed")
    ? `this engine refuses ${place}: it has no relaxed SIMD (Node 20 takes the flag --experimental-wasm-relaxed-simd)`
    : `this engine refuses ${place}: it has no SIMD`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
