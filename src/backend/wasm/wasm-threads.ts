/**
 * Threads for the kernels: workers that share the module's memory, each with an instance of its own, and wait in it for calls. They start
 * when first wanted, and a call takes as many as have arrived: the bits do not depend on it. None of them keeps a process alive.
 *
 * It takes shared memory: Node has it, a browser only for pages that are isolated (docs/decisions/wasm.md).
 */

import { type CompiledModule, type SharedMemory, type WasmKernels, webAssembly } from "./wasm-module.ts";

/** As many as `kernels/wasm-threads.h` has stacks for. */
export const MOST_THREADS = 16;

/** 64 KB each: what the module asks for at least, and all of its addresses, or a quarter where those are not to be had. */
const FIRST_PAGES = 64;
const MOST_PAGES = [65536, 16384];

interface ThreadedKernels extends Omit<WasmKernels, "memory"> {
  stackOf(worker: number): number;
  setThreads(count: number): void;
  arrived(): number;
}

/** A worker's program, in words that Node and browsers share. */
const SERVE = `({ module, memory, stack }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports.__stack_pointer.value = stack;
  exports.serve();
}`;

interface WorkerData {
  readonly module: CompiledModule;
  readonly memory: SharedMemory;
  readonly stack: number;
}

export class WasmThreads {
  readonly kernels: WasmKernels;
  readonly #module: CompiledModule;
  readonly #memory: SharedMemory;
  readonly #threaded: ThreadedKernels;
  #workers = 0;

  /** @throws where there is no memory to share, or none so large */
  constructor(module: CompiledModule) {
    const wasm = webAssembly()!;
    this.#module = module;
    this.#memory = sharedMemory();
    this.#threaded = new wasm.Instance(module, { env: { memory: this.#memory } }).exports as ThreadedKernels;
    this.kernels = Object.assign(Object.create(this.#threaded) as ThreadedKernels, { memory: this.#memory });
  }

  /** Lets calls use so many threads from now on, and starts those that are missing. @returns how many that is */
  set(count: number): number {
    const threads = Math.min(count, MOST_THREADS);
    for (; this.#workers < threads - 1; this.#workers++) {
      startWorker({ module: this.#module, memory: this.#memory, stack: this.#threaded.stackOf(this.#workers) });
    }
    this.#threaded.setThreads(threads);
    return threads;
  }

  /** The threads that a call would have now: workers take a moment to arrive. */
  get present(): number {
    return 1 + this.#threaded.arrived();
  }
}

/** Whether threads can share memory here. */
export function canShareMemory(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer === "function" && (crossOriginIsolated === true || nodeWorkers() !== undefined);
}

function sharedMemory(): SharedMemory {
  const { Memory } = webAssembly()!;
  let refused: unknown;
  for (const maximum of MOST_PAGES) {
    try {
      return new Memory({ initial: FIRST_PAGES, maximum, shared: true });
    } catch (error) {
      refused = error;
    }
  }
  throw refused;
}

function nodeWorkers() {
  const host = (globalThis as { process?: NodeJS.Process }).process;
  return typeof host?.getBuiltinModule === "function" ? host.getBuiltinModule("node:worker_threads") : undefined;
}

interface BrowserWorker {
  postMessage(data: WorkerData): void;
}

function startWorker(workerData: WorkerData): void {
  const workers = nodeWorkers();
  if (workers !== undefined) {
    const program = `(${SERVE})(require("node:worker_threads").workerData);`;
    // Flags such as --input-type are this program's own.
    new workers.Worker(program, { eval: true, workerData, execArgv: [] }).unref();
    return;
  }
  const { Worker, Blob, URL } = globalThis as unknown as {
    Worker: new (url: string) => BrowserWorker;
    Blob: new (parts: string[], options: { type: string }) => object;
    URL: { createObjectURL(blob: object): string };
  };
  const program = new Blob([`onmessage = ({ data }) => (${SERVE})(data);`], { type: "text/javascript" });
  new Worker(URL.createObjectURL(program)).postMessage(workerData);
}
