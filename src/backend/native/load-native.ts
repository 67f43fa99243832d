/**
 * Finds and loads the addon, or says in a sentence why it cannot.
 *
 * It lies in `build/`, in this folder or one above it: that of the package in a clone as well as when installed. Node's modules are asked
 * for at run time, so that a bundle for browsers does not contain their names as imports.
 */

import { ADDON_VERSION, type Addon, NUMBERS } from "./addon.ts";
import { NativeBackend } from "./native-backend.ts";

export type LoadedNative = { readonly backend: NativeBackend } | { readonly reason: string };

interface About {
  readonly bytes: number;
  readonly crc32: number;
}

const CURE = "run `npm run build` in the clone (it needs a C++ compiler)";

let loaded: LoadedNative | null = null;

/** The native backend, loaded once. */
export function loadNative(): LoadedNative {
  loaded ??= load();
  return loaded;
}

function load(): LoadedNative {
  const host = (globalThis as { process?: NodeJS.Process }).process;
  if (typeof host?.dlopen !== "function" || typeof host.getBuiltinModule !== "function") {
    return { reason: "native code cannot be loaded here; it takes Node 20.19 or newer" };
  }
  const name = `refrain-${host.platform}-${host.arch}`;
  const file = find(host, `build/${name}.node`);
  if (file === null) return { reason: `there is no build/${name}.node; ${CURE}` };
  const damage = damageOf(host, file);
  if (damage !== null) return { reason: `${file} ${damage}; ${CURE}` };
  const module: { exports: Partial<Addon> } = { exports: {} };
  try {
    host.dlopen(module, file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { reason: `${file} cannot be loaded (${message.replace(/\s+/g, " ").trim()}); ${CURE}` };
  }
  const addon = module.exports as Addon;
  if (addon.version !== ADDON_VERSION) {
    return { reason: `${file} is of version ${addon.version}, and this is ${ADDON_VERSION}; ${CURE}` };
  }
  const numbers = new Float64Array(NUMBERS);
  addon.bind(numbers);
  const wanted = host.env.REFRAIN_ISA;
  if (wanted && addon.setInstructionSet(wanted) !== wanted) {
    return {
      reason: `REFRAIN_ISA asks for "${wanted}", which is none of avx512, avx2 and baseline, or not had by this processor`,
    };
  }
  return { backend: new NativeBackend(addon, numbers) };
}

/** `path` under the folder of this file or the nearest folder above that has it. */
function find(host: NodeJS.Process, path: string): string | null {
  if (!import.meta.url.startsWith("file:")) return null;
  const { existsSync } = host.getBuiltinModule("node:fs");
  const { fileURLToPath } = host.getBuiltinModule("node:url");
  for (let up = 0; up < 5; up++) {
    const file = fileURLToPath(new URL("../".repeat(up) + path, import.meta.url));
    if (existsSync(file)) return file;
  }
  return null;
}

/** What is wrong with the file, by the size and checksum that were written beside it. A damaged library can end the process that loads it. */
function damageOf(host: NodeJS.Process, file: string): string | null {
  const { readFileSync } = host.getBuiltinModule("node:fs");
  const { crc32 } = host.getBuiltinModule("node:zlib");
  try {
    const about = JSON.parse(readFileSync(file.replace(/\.node$/, ".json"), "utf8")) as About;
    const bytes = readFileSync(file);
    if (bytes.length !== about.bytes) return `is damaged (${bytes.length} bytes, ${about.bytes} were built)`;
    if (crc32(bytes) !== about.crc32) return "is damaged (its checksum is not that of the build)";
    return null;
  } catch (error) {
    return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}
