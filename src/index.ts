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
export type { Along, ReduceOptions } from "./ops/along.ts";
export {
  type AlphaOptions,
  add,
  atan2,
  div,
  floorDivide,
  maximum,
  minimum,
  mul,
  pow,
  remainder,
  sub,
  type TensorOrNumber,
} from "./ops/arithmetic.ts";
export * from "./ops/arrange.ts";
export * from "./ops/close.ts";
export * from "./ops/combine.ts";
export * from "./ops/comparison.ts";
export * from "./ops/create.ts";
export * from "./ops/cumulative.ts";
export { dropout } from "./ops/dropout.ts";
export * from "./ops/element-wise.ts";
export {
  type AlongOne,
  amax,
  amin,
  argmax,
  argmin,
  max,
  min,
  type OneAxisOptions,
  ValuesAndIndices,
} from "./ops/extremes.ts";
export { gather, indexAdd, indexSelect, oneHot, scatter, scatterAdd } from "./ops/gather.ts";
export { type Index, index, indexPut_, maskedSelect, nonzero, type Range, range } from "./ops/indexing.ts";
export { cat, chunk, split, stack, unbind } from "./ops/join.ts";
export { dot, linear, matmul, outer } from "./ops/matmul.ts";
export { type NormOptions, norm } from "./ops/norm.ts";
export * from "./ops/products.ts";
export type { FillOptions } from "./ops/random-fills.ts";
export type { NestedArray } from "./ops/read.ts";
export {
  all,
  any,
  logsumexp,
  mean,
  prod,
  type SumOptions,
  std,
  sum,
  type VarianceOptions,
  variance,
} from "./ops/reductions.ts";
export { logSoftmax, type SoftmaxOptions, softmax } from "./ops/softmax.ts";
export * from "./ops/sorting.ts";
export {
  clone,
  contiguous,
  detach,
  expand,
  type FlattenOptions,
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
export { type ClampLimits, clamp, maskedFill, where } from "./ops/where.ts";
export * as optim from "./optim/index.ts";
export type { DType, TypedArray } from "./tensor/dtype.ts";
export * from "./tensor/errors.ts";
export { type PrintOptions, setPrintOptions } from "./tensor/print.ts";
export { defaultGenerator, manualSeed } from "./tensor/random/default-generator.ts";
export { Generator } from "./tensor/random/generator.ts";
export { type ChoiceOptions, type DrawSize, NumpyRandom } from "./tensor/random/numpy-random.ts";
export * as random from "./tensor/random/streams.ts";
export type { Shape } from "./tensor/shape.ts";
export { Tensor } from "./tensor/tensor.ts";
