/** Refrain: recurrent networks for TypeScript. The public names; importing this module gives tensors their methods. */

import "./install-methods.ts";

export { type BackwardOptions, backward, type GradOptions, grad } from "./autograd/backward.ts";
export { enableGrad, isGradEnabled, noGrad } from "./autograd/grad-mode.ts";
export {
  type Differentiable,
  type GradcheckOptions,
  type GradgradcheckOptions,
  gradcheck,
  gradgradcheck,
} from "./autograd/gradcheck.ts";
export type { Backend, View } from "./backend/backend.ts";
export { type Device, device } from "./backend/device.ts";
export {
  type BackendName,
  backend,
  backendReport,
  getNumThreads,
  setBackend,
  setNumThreads,
} from "./backend/select.ts";
export type { WasmOptions } from "./backend/wasm/load-wasm.ts";
export * as nn from "./nn/index.ts";
export { add, atan2, div, floorDivide, maximum, minimum, mul, pow, remainder, sub } from "./ops/arithmetic.ts";
export * from "./ops/comparison.ts";
export * from "./ops/create.ts";
export { dropout } from "./ops/dropout.ts";
export * from "./ops/element-wise.ts";
export { amax, amin, argmax, argmin, max, min, type ValuesAndIndices } from "./ops/extremes.ts";
export { gather, indexSelect, oneHot, scatterAdd } from "./ops/gather.ts";
export { type Index, index, indexPut_, nonzero, type Range, range } from "./ops/indexing.ts";
export { cat, chunk, split, stack, unbind } from "./ops/join.ts";
export { dot, linear, matmul, outer } from "./ops/matmul.ts";
export { all, any, cumsum, logsumexp, mean, norm, prod, std, sum, variance } from "./ops/reductions.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { sort, topk } from "./ops/sorting.ts";
export {
  clone,
  contiguous,
  detach,
  expand,
  flatten,
  flip,
  movedim,
  narrow,
  permute,
  reshape,
  select,
  slice,
  squeeze,
  t,
  transpose,
  unflatten,
  unfold,
  unsqueeze,
  view,
} from "./ops/views.ts";
export { clamp, maskedFill, where } from "./ops/where.ts";
export * as optim from "./optim/index.ts";
export type { DType, TypedArray } from "./tensor/dtype.ts";
export * from "./tensor/errors.ts";
export { type PrintOptions, setPrintOptions } from "./tensor/print.ts";
export { defaultGenerator, manualSeed } from "./tensor/random/default-generator.ts";
export { Generator } from "./tensor/random/generator.ts";
export { NumpyRandom } from "./tensor/random/numpy-random.ts";
export type { Shape } from "./tensor/shape.ts";
export { Tensor } from "./tensor/tensor.ts";
