/**
 * The Node addon as it is called: numbers go through a bound array, in the order in which `kernels/node*.cc` read them;
 * ArrayBuffers, or null, are arguments.
 */

import type { View } from "../backend.ts";
import type { CpuStorage } from "../cpu-storage.ts";

/** The version of the addon that this code speaks to; `kernels/node.cc` has the same number. */
export const ADDON_VERSION = 4;

type Buffer = ArrayBuffer | null;

export interface Addon {
  readonly version: number;
  bind(numbers: Float64Array): void;
  preferLargePages(buffer: ArrayBuffer): void;
  setThreads(): void;
  /** The instruction set now in use: the named one if the processor has it. */
  setInstructionSet(name?: string): string;
  recurrentSizes(): void;
  recurrentForward(...buffers: Buffer[]): void;
  recurrentBackward(...buffers: Buffer[]): void;
  /** Puts 0 in the first number, or how many bytes the workspace must have if it has fewer: then nothing was done. */
  matmul(a: Buffer, b: Buffer, bias: Buffer, out: Buffer, workspace: Buffer): void;
  copy(x: Buffer, out: Buffer): void;
  unary(x: Buffer, out: Buffer): void;
  binary(x: Buffer, y: Buffer, out: Buffer): void;
  accumulate(x: Buffer, out: Buffer): void;
  sum(x: Buffer, out: Buffer): void;
  softmax(x: Buffer, out: Buffer): void;
  squaredErrorSum(x: Buffer, y: Buffer, out: Buffer): void;
  squaredNorm(x: Buffer): void;
  /** Three buffers for each parameter: itself, its gradient, its velocity. */
  sgd(...buffers: Buffer[]): void;
  /** Four buffers for each parameter: itself, its gradient, the means of the gradient and of its square. */
  adam(...buffers: Buffer[]): void;
}

/** More numbers than any call takes. */
export const NUMBERS = 128;

export const bufferOf = (view: View): ArrayBuffer => (view.storage as CpuStorage).buffer;
/** Where a view begins in its buffer, in floats. */
export const offsetOf = (view: View): number => view.offset + (view.storage as CpuStorage).byteOffset / 4;
export const bufferOrNull = (view: View | null): Buffer => (view === null ? null : bufferOf(view));
