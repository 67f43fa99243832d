/**
 * Filling tensors with random draws, in place, from PyTorch's streams.
 *
 * As in PyTorch the draws follow memory, not the axes: a transposed tensor gets the numbers of the tensor it is a view of.
 */

import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { isFloating } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import type { Generator } from "../tensor/random/generator.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { drawInto, memoryOrder, permuted } from "./draw-into.ts";
import { refuseOverlap, refuseRecorded } from "./in-place.ts";
import { elementsOfNew } from "./new-elements.ts";
import { expand } from "./views.ts";

export interface FillOptions {
  /** The stream to draw from. Default: the one that `manualSeed` seeds. */
  readonly generator?: Generator | undefined;
}

type Floats = Float32Array | Float64Array;

function prepare(place: string, x: Tensor, options: FillOptions): Generator {
  checkTensor(place, x);
  checkOptions(place, options, ["generator"]);
  refuseRecorded(place, x);
  refuseOverlap(place, x);
  return options.generator ?? defaultGenerator;
}

function checkNumbers(place: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value === "number") continue;
    throw new ArgumentError(`${place}: ${name} must be a number, got ${value === null ? "null" : typeof value}`);
  }
}

function refuseWhole(place: string, x: Tensor): void {
  if (isFloating(x.dtype)) return;
  throw new DTypeError(`${place}: draws floating-point numbers, they do not fit into ${x.dtype}; see random_`);
}

/**
 * Uniform draws from [low, high) for every element.
 * @throws {ArgumentError} unless low ≤ high and both are finite
 * @throws {DTypeError} for a tensor of whole numbers
 */
export function uniform_(x: Tensor, low = 0, high = 1, options: FillOptions = {}): Tensor {
  const generator = prepare("uniform_", x, options);
  refuseWhole("uniform_", x);
  checkNumbers("uniform_", { low, high });
  return drawInto(x, (out) => generator.fillUniform(out as Floats, low, high));
}

/**
 * Normal draws for every element.
 * @throws {ArgumentError} if `std` is negative or NaN
 * @throws {DTypeError} for a tensor of whole numbers
 */
export function normal_(x: Tensor, mean = 0, std = 1, options: FillOptions = {}): Tensor {
  const generator = prepare("normal_", x, options);
  refuseWhole("normal_", x);
  checkNumbers("normal_", { mean, std });
  if (!(std >= 0)) throw new ArgumentError(`normal_: std ≥ 0 expected, got ${std}`);
  if (x.isContiguous) return drawInto(x, (out) => generator.fillNormal(out as Floats, mean, std));
  // PyTorch draws blocks only into row-major tensors.
  return drawInto(x, (out) => {
    for (let i = 0; i < out.length; i++) out[i] = generator.normal() * std + mean;
  });
}

/**
 * 1 with probability `p`, else 0, for every element.
 * @param p a number, or a floating tensor of probabilities that broadcasts to x
 * @throws {ArgumentError} for a probability outside [0, 1]
 */
export function bernoulli_(x: Tensor, p: number | Tensor = 0.5, options: FillOptions = {}): Tensor {
  const generator = prepare("bernoulli_", x, options);
  if (typeof p === "number") return drawInto(x, (out) => generator.bernoulli(out, p));
  if (!(p instanceof Tensor)) throw new ArgumentError(`bernoulli_: p must be a number or a tensor, got ${typeof p}`);
  if (!isFloating(p.dtype)) throw new DTypeError(`bernoulli_: expects probabilities, got ${p.dtype}`);
  // Laid out as x is, so that both are walked in the same order.
  const ordered = permuted(expand(p, x.shape), memoryOrder(x));
  const probabilities = allocate(ordered.shape, p.dtype);
  backend().copy(ordered, probabilities);
  return drawInto(x, (out) => generator.bernoulli(out, elementsOfNew(probabilities) as Floats));
}

/**
 * Whole draws for every element: from 0 to the largest that the dtype holds exactly; below `high`; or low ≤ draw < high.
 * @throws {ArgumentError} unless low < high are whole
 */
export function random_(
  x: Tensor,
  low?: number | bigint,
  high?: number | bigint | null,
  options: FillOptions = {},
): Tensor {
  const generator = prepare("random_", x, options);
  if (low === undefined) {
    return drawInto(x, (out) => {
      generator.random(out);
      if (x.dtype === "bool") for (let i = 0; i < out.length; i++) out[i] = Number(out[i]) & 1;
    });
  }
  const [from, to] = high === undefined || high === null ? [0, low] : [low, high];
  return drawInto(x, (out) => generator.randint(out, from, to));
}

/** Exponential draws of rate `lambda` for every element. @throws {ArgumentError} unless lambda > 0 */
export function exponential_(x: Tensor, lambda = 1, options: FillOptions = {}): Tensor {
  const generator = prepare("exponential_", x, options);
  refuseWhole("exponential_", x);
  checkNumbers("exponential_", { lambda });
  return drawInto(x, (out) => generator.exponential(out as Floats, lambda));
}
