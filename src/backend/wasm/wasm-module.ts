/**
 * The WASM module as it is called, and the part of JavaScript's WebAssembly that this takes. Arrays are addresses in the module's memory;
 * `kernels/wasm.cc` has the same list.
 */

export interface WasmKernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** The first byte that belongs to the host. */
  readonly __heap_base: { readonly value: number };
  recurrentSizes(shape: number, bytes: number): void;
  recurrentForward(call: number): void;
  recurrentBackward(call: number): void;
  matmulWorkspace(call: number): number;
  matmul(call: number): void;
  unary(kernel: number, x: number, out: number, n: number): void;
  binary(
    kernel: number,
    x: number,
    xRow: number,
    xStep: number,
    y: number,
    yRow: number,
    yStep: number,
    out: number,
    rows: number,
    n: number,
  ): void;
  accumulate(x: number, scale: number, out: number, n: number): void;
  sum(x: number, out: number, outer: number, n: number, inner: number): void;
  softmax(x: number, out: number, rows: number, n: number, logarithm: number): void;
  squaredErrorSum(x: number, y: number, n: number): number;
  squaredNorm(x: number, n: number): number;
  sgd(
    learningRate: number,
    momentum: number,
    dampening: number,
    weightDecay: number,
    nesterov: number,
    maximize: number,
    first: number,
    parameter: number,
    gradient: number,
    velocity: number,
    n: number,
  ): void;
  adam(
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
    decoupled: number,
    maximize: number,
    step: number,
    parameter: number,
    gradient: number,
    mean: number,
    square: number,
    n: number,
  ): void;
}

export interface CompiledModule {
  readonly [Symbol.toStringTag]: string;
}

export interface SharedMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Neither Node's types nor the language's have it; only a browser's do. */
interface WebAssemblyGlobal {
  validate(bytes: Uint8Array): boolean;
  compile(bytes: Uint8Array): Promise<CompiledModule>;
  readonly Module: new (bytes: Uint8Array) => CompiledModule;
  readonly Instance: new (module: CompiledModule, imports?: object) => { readonly exports: unknown };
  readonly Memory: new (options: { initial: number; maximum: number; shared: boolean }) => SharedMemory;
}

export const webAssembly = (): WebAssemblyGlobal | undefined =>
  (globalThis as { WebAssembly?: WebAssemblyGlobal }).WebAssembly;

export function instantiate(wasm: WebAssemblyGlobal, module: CompiledModule): WasmKernels {
  return new wasm.Instance(module).exports as WasmKernels;
}
