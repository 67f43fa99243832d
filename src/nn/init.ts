/**
 * Initial values. Each function fills a tensor in place and returns it; draws come from PyTorch's streams, by default from
 * the one that `manualSeed` seeds.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { allocate } from "../backend/allocate.ts";
import { eye, tensor } from "../ops/create.ts";
import { drawInto } from "../ops/draw-into.ts";
import { copy_, fill_ } from "../ops/in-place.ts";
import { elementsOfNew } from "../ops/new-elements.ts";
import * as fills from "../ops/random-fills.ts";
import { narrow, reshape, select } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import type { Generator } from "../tensor/random/generator.ts";
import { truncNormal } from "../tensor/random/trunc-normal.ts";
import { elementCount, formatShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkProbability, checkSize } from "./check-size.ts";
import type { Module } from "./module.ts";
import { orthonormalColumns } from "./orthonormal.ts";

// Initial values are written without being recorded, whatever the tensor asks for.
const fillUniform = (x: Tensor, low: number, high: number, generator?: Generator): Tensor =>
  noGrad(() => fills.uniform_(x, low, high, { generator }));
const fillNormal = (x: Tensor, mean: number, std: number, generator?: Generator): Tensor =>
  noGrad(() => fills.normal_(x, mean, std, { generator }));

/** U(low, high). */
export const uniform_ = (x: Tensor, low = 0, high = 1, generator?: Generator): Tensor =>
  fillUniform(x, low, high, generator);

/** N(mean, std²). */
export const normal_ = (x: Tensor, mean = 0, std = 1, generator?: Generator): Tensor =>
  fillNormal(x, mean, std, generator);

/** N(mean, std²) restricted to low … high: what falls outside is drawn again. */
export function truncNormal_(x: Tensor, mean = 0, std = 1, low = -2, high = 2, generator?: Generator): Tensor {
  checkTensor("truncNormal_", x);
  return drawInto(x, (out) => {
    truncNormal(generator ?? defaultGenerator, out as Floats, mean, std, low, high, x.isContiguous);
  });
}

type Floats = Float32Array | Float64Array;
const put = (x: Tensor, values: Tensor): Tensor => noGrad(() => copy_(x, values));

/** Every element becomes `value`. */
export const constant_ = (x: Tensor, value: number): Tensor => noGrad(() => fill_(x, value));
/** Every element becomes 0. */
export const zeros_ = (x: Tensor): Tensor => constant_(x, 0);
/** Every element becomes 1. */
export const ones_ = (x: Tensor): Tensor => constant_(x, 1);

/** The identity matrix, or a rectangular one with ones on its diagonal. */
export function eye_(x: Tensor): Tensor {
  matrix("eye_", x);
  return put(x, eye(x.shape[0], x.shape[1], { dtype: x.dtype }));
}

function matrix(place: string, x: Tensor): void {
  checkTensor(place, x);
  if (x.rank !== 2) throw new ShapeError(`${place}: expects a matrix, got ${formatShape(x.shape)}`);
}

/**
 * The weight of a convolution that hands its input on: in each group, channel c of the output is channel c of the input.
 * @param x [out, in / groups, K]
 */
export function dirac_(x: Tensor, groups = 1): Tensor {
  checkTensor("dirac_", x);
  checkSize("dirac_", "groups", groups);
  if (x.rank !== 3 || x.shape[0] % groups !== 0) {
    throw new ShapeError(
      `dirac_: expects the weight of a Conv1d, [out, in / groups, K] with out a multiple of ${groups}, got ${formatShape(x.shape)}`,
    );
  }
  const [out, inputs, K] = x.shape;
  const perGroup = out / groups;
  const at = (o: number, c: number, k: number) => (o % perGroup === c && k === Math.floor(K / 2) ? 1 : 0);
  const rows = Array.from({ length: out }, (_, o) =>
    Array.from({ length: inputs }, (_, c) => Array.from({ length: K }, (_, k) => at(o, c, k))),
  );
  return put(x, tensor(rows, { dtype: x.dtype }));
}

/**
 * Orthonormal rows or columns, whichever are fewer, times `gain`. Saxe, McClelland & Ganguli 2014.
 * @param x [rows, …]; the axes behind the first count as one
 */
export function orthogonal_(x: Tensor, gain = 1, generator?: Generator): Tensor {
  checkTensor("orthogonal_", x);
  checkGain("orthogonal_", gain);
  if (x.rank < 2) throw new ShapeError(`orthogonal_: expects at least two axes, got ${formatShape(x.shape)}`);
  if (x.elementCount === 0) return x;
  const rows = x.shape[0];
  const columns = x.elementCount / rows;
  const drawn = fillNormal(allocate([rows, columns], x.dtype), 0, 1, generator);
  const wide = rows < columns;
  const q = orthonormalColumns(elementsOfNew(drawn) as Floats, rows, columns, wide);
  for (let i = 0; i < q.length; i++) q[i] *= gain;
  return put(x, reshape(drawn, x.shape));
}

/**
 * N(0, std²), with the share `sparsity` of every column set to 0. Martens 2010.
 * @param x [rows, columns]
 */
export function sparse_(x: Tensor, sparsity: number, std = 0.01, generator?: Generator): Tensor {
  matrix("sparse_", x);
  checkProbability("sparse_", "sparsity", sparsity);
  const [rows, columns] = x.shape;
  const zeros = Math.ceil(sparsity * rows);
  normal_(x, 0, std, generator);
  for (let column = 0; column < columns; column++) {
    // As in PyTorch, which rows fall is always drawn from the default stream.
    const order = defaultGenerator.randperm(rows);
    for (let i = 0; i < zeros; i++) zeros_(select(select(x, 1, column), 0, order[i]));
  }
  return x;
}

export type Nonlinearity = "linear" | "conv1d" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/**
 * The factor by which a nonlinearity wants its weights larger: 1, tanh 5/3, ReLU √2, leaky ReLU √(2 / (1 + a²)), SELU 3/4.
 * @param slope the negative slope of a leaky ReLU. Default 0.01
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "conv1d":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + slope * slope));
    case "selu":
      return 3 / 4;
    default:
      throw new ArgumentError(`calculateGain: unknown nonlinearity "${nonlinearity}"`);
  }
}

function checkGain(place: string, gain: number): void {
  if (typeof gain === "number" && !Number.isNaN(gain)) return;
  throw new ArgumentError(`${place}: gain must be a number, as ${place}(weight, 5 / 3), got ${describe(gain)}`);
}

const describe = (value: unknown): string => (typeof value === "object" ? "an object" : String(value));

/** Inputs and outputs of a weight: its second and first axis, times the size of a convolution's kernel. */
function fans(place: string, x: Tensor): { fanIn: number; fanOut: number } {
  checkTensor(place, x);
  if (x.rank < 2) throw new ShapeError(`${place}: a weight needs at least two axes, got ${formatShape(x.shape)}`);
  const field = elementCount(x.shape.slice(2));
  return { fanIn: x.shape[1] * field, fanOut: x.shape[0] * field };
}

/** U(−a, a) with a = gain · √(6 / (in + out)). Glorot & Bengio 2010. */
export function xavierUniform_(x: Tensor, gain = 1, generator?: Generator): Tensor {
  checkGain("xavierUniform_", gain);
  const { fanIn, fanOut } = fans("xavierUniform_", x);
  const std = gain * Math.sqrt(2 / (fanIn + fanOut));
  const bound = Math.sqrt(3) * std;
  return fillUniform(x, -bound, bound, generator);
}

/** N(0, gain² · 2 / (in + out)). Glorot & Bengio 2010. */
export function xavierNormal_(x: Tensor, gain = 1, generator?: Generator): Tensor {
  checkGain("xavierNormal_", gain);
  const { fanIn, fanOut } = fans("xavierNormal_", x);
  return fillNormal(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), generator);
}

export interface KaimingOptions {
  /** The negative slope of the leaky ReLU that follows. Default 0 */
  readonly a?: number;
  /** Keep the variance going forward (`fanIn`, the default) or backward (`fanOut`). */
  readonly mode?: "fanIn" | "fanOut";
  /** Default leakyRelu */
  readonly nonlinearity?: Nonlinearity;
  /** The stream to draw from. Default: the one that `manualSeed` seeds */
  readonly generator?: Generator;
}

/** U(−a, a) with a = √3 · gain / √fan. He et al. 2015. */
export function kaimingUniform_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform_", x, options);
  return fillUniform(x, -bound, bound, options.generator);
}

/** N(0, gain² / fan). He et al. 2015. */
export function kaimingNormal_(x: Tensor, options: KaimingOptions = {}): Tensor {
  return fillNormal(x, 0, kaimingStd("kaimingNormal_", x, options), options.generator);
}

function kaimingStd(place: string, x: Tensor, options: KaimingOptions): number {
  checkOptions(place, options, ["a", "mode", "nonlinearity", "generator"]);
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  const fan = fans(place, x)[mode];
  if (fan === undefined) throw new ArgumentError(`${place}: mode must be fanIn or fanOut, got "${mode}"`);
  return fan === 0 ? 0 : calculateGain(nonlinearity, a) / Math.sqrt(fan);
}

/**
 * Sets the forget gates of an LSTM or LSTMCell: what they add up to from both biases becomes `value`, so that the memory is
 * kept at first. Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015 recommend 1.
 * @param module the layer itself, or a model that holds LSTMs; other modules stay as they are
 * @throws {ArgumentError} if there is no LSTM with biases
 * @example init.forgetGateBias_(new nn.LSTM(5, 32), 1);
 */
export function forgetGateBias_<M extends Module>(module: M, value = 1): M {
  if (typeof module?.namedModules !== "function") {
    throw new ArgumentError("forgetGateBias_: expects a module, an LSTM or what holds one");
  }
  let found = 0;
  for (const [path, layer] of module.namedModules()) {
    if (!["LSTM", "LSTMCell", "ExtendedLSTM"].includes(layer.moduleName)) continue;
    for (const [name, parameter] of layer.namedParameters()) {
      const isInput = name.startsWith("bias_ih");
      if (!isInput && !name.startsWith("bias_hh")) continue;
      const H = parameter.shape[0] / 4; // i, f, g, o
      constant_(narrow(parameter.data, 0, H, H), isInput ? value : 0);
      found++;
    }
    if (found === 0) throw new ArgumentError(`forgetGateBias_: the ${layer.moduleName} ${path} has no biases`);
  }
  if (found === 0) throw new ArgumentError(`forgetGateBias_: there is no LSTM in this ${module.moduleName}`);
  return module;
}
