/**
 * Finds and loads the WASM module, or says in a sentence why it cannot: at once from the file system in Node, or from given bytes; by
 * `fetch` in a browser.
 *
 * The simd128 build is the default although many engines have relaxed SIMD: its results are the same bits on every machine, and those of a
 * relaxed multiply-add are not.
 */

import { crc32 } from "../../tensor/crc-32.ts";
import { CHECKSUMS } from "./checksums.ts";
import { WasmBackend, type WasmInstructionSet } from "./wasm-backend.ts";
import { instantiate, webAssembly } from "./wasm-module.ts";

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
}

/** Bundlers recognise these expressions, and bring the files along. */
const URLS: Record<WasmInstructionSet, () => URL> = {
  simd128: () => new URL("./simd128.wasm", import.meta.url),
  relaxed: () => new URL("./relaxed.wasm", import.meta.url),
};

/** Whether this is a program whose files can be read at once: Node, and what is like it. */
export const readsFiles = (): boolean =>
  typeof host()?.getBuiltinModule === "function" && import.meta.url.startsWith("file:");

const host = () => (globalThis as { process?: NodeJS.Process }).process;

/** Loads without waiting. */
export function loadWasm({ instructionSet = "simd128", bytes }: WasmOptions = {}): LoadedWasm {
  if (bytes !== undefined) return compileNow("the module given as `bytes`", bytes, instructionSet);
  if (!readsFiles()) return { reason: 'not loaded yet; `await setBackend("wasm")` fetches it' };
  const file = URLS[instructionSet]();
  let read: Uint8Array;
  try {
    read = host()!.getBuiltinModule("node:fs").readFileSync(file);
  } catch (error) {
    return { reason: `${file.pathname} cannot be read (${messageOf(error)}); ${CURE}` };
  }
  return compileNow(file.pathname, read, instructionSet);
}

/** Fetches the module: for browsers, whose files cannot be read at once. */
export async function fetchWasm({ instructionSet = "simd128", url }: WasmOptions): Promise<LoadedWasm> {
  const wasm = webAssembly();
  if (wasm === undefined) return { reason: MISSING };
  const from = url ?? URLS[instructionSet]();
  try {
    const response = await fetch(from);
    if (!response.ok) return { reason: `${from} answers ${response.status} ${response.statusText}`.trim() };
    const bytes = new Uint8Array(await response.arrayBuffer());
    const fault = faultOf(String(from), bytes, instructionSet);
    if (fault !== null) return { reason: fault };
    return { backend: new WasmBackend(instantiate(wasm, await wasm.compile(bytes)), instructionSet) };
  } catch (error) {
    return { reason: `${from} cannot be loaded (${messageOf(error)})` };
  }
}

function compileNow(name: string, bytes: Uint8Array, instructionSet: WasmInstructionSet): LoadedWasm {
  const wasm = webAssembly();
  if (wasm === undefined) return { reason: MISSING };
  try {
    const fault = faultOf(name, bytes, instructionSet);
    if (fault !== null) return { reason: fault };
    return { backend: new WasmBackend(instantiate(wasm, new wasm.Module(bytes)), instructionSet) };
  } catch (error) {
    return { reason: `${name} cannot be compiled (${messageOf(error)})` };
  }
}

const MISSING = "this JavaScript engine has no WebAssembly";

const CURE =
  'if a bundler left it behind, copy it there, or `setBackend("wasm", { bytes: inlinedWasm() })` of refrain/inlined-wasm';

/** Why these bytes cannot be used, or null. A damaged module may well be a valid one, and compute nonsense. */
function faultOf(name: string, bytes: Uint8Array, instructionSet: WasmInstructionSet): string | null {
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
  if (!isWasm)
    return `${name} is not a WASM module (${bytes.length} bytes); does the server answer with a page instead?`;
  if (crc32(bytes) !== CHECKSUMS[instructionSet])
    return `${name} is damaged, or not the ${instructionSet} module of this version (its checksum is another)`;
  if (webAssembly()!.validate(bytes)) return null;
  return instructionSet === "relaxed"
    ? `this engine refuses ${name}: it has no relaxed SIMD (Node 20 takes the flag --experimental-wasm-relaxed-simd)`
    : `this engine refuses ${name}: it has no SIMD`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
