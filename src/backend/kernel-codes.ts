/** The numbers by which the C++ kernels are called, native and WASM alike: the order of the enums in `kernels/kernels.h`. */

import type { BinaryKernel, UnaryKernel } from "./backend.ts";
import type { CellKind } from "./recurrent.ts";

/** What is absent is the reference's. */
export const UNARY_CODES: Partial<Record<UnaryKernel, number>> = {
  neg: 0,
  abs: 1,
  square: 2,
  relu: 3,
  sqrt: 4,
  reciprocal: 5,
  exp: 6,
  log: 7,
  tanh: 8,
  sigmoid: 9,
};

export const BINARY_CODES: Partial<Record<BinaryKernel, number>> = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  maximum: 4,
  minimum: 5,
  sigmoidGradient: 6,
  tanhGradient: 7,
  reluGradient: 8,
};

export const CELL_CODES: Record<CellKind, number> = { rnnTanh: 0, rnnRelu: 1, lstm: 2, gru: 3 };
