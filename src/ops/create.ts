/** Making tensors: from values, from a rule, from the random streams. */

import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { DEFAULT_DTYPE, type DType, dtypeOfArray, isFloating, promote, type TypedArray } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import type { Generator } from "../tensor/random/generator.ts";
import { multinomial as multinomialDraws } from "../tensor/random/multinomial.ts";
import { checkShape, contiguousStrides, elementCount, formatShape, type Shape } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { checkValue } from "./in-place.ts";
import { multiplyAdd } from "./multiply-add.ts";
import { elementsOfNew } from "./new-elements.ts";

export interface CreateOptions {
  /** Default: float32, or what the values say. */
  readonly dtype?: DType;
  /** Whether `backward` should find a gradient for it. Default false. */
  readonly requiresGrad?: boolean;
}

export interface RandomOptions extends CreateOptions {
  /** The stream to draw from. Default: the one that `manualSeed` seeds. */
  readonly generator?: Generator;
}

type Element = number | bigint | boolean;
/** Numbers nested to any depth, every level of one length; typed arrays may be the innermost. */
export type TensorData = Element | TypedArray | Uint8ClampedArray | readonly TensorData[];

const OPTIONS = ["dtype", "requiresGrad", "generator", "shape"];

function finish(x: Tensor, options: CreateOptions): Tensor {
  checkOptions("new tensor", options, OPTIONS);
  if (options.requiresGrad) x.requiresGrad = true;
  return x;
}

/**
 * A tensor of the given values.
 *
 * Plain numbers become float32 (JavaScript cannot tell 1 from 1.0, so whole numbers too: ask for int64 by `dtype`), booleans
 * bool, bigints int64; typed arrays keep their type. Values are copied.
 * @param data a number, nested arrays of numbers, or a typed array
 * @param options.shape for flat data: the shape to give it
 * @throws {ShapeError} if the nesting is ragged
 * @example tensor([[1, 2], [3, 4]]) // [2, 2]
 */
export function tensor(data: TensorData, options: CreateOptions & { shape?: Shape } = {}): Tensor {
  const shape: number[] = [];
  for (let level: TensorData = data; isList(level); level = level[0] as TensorData) {
    shape.push(level.length);
    if (level.length === 0 || ArrayBuffer.isView(level)) break;
  }
  const dtype = options.dtype ?? inferDType(data);
  const out = allocate(shape, dtype);
  const count = write(data, 0, shape, dtype, elementsOfNew(out), 0);
  if (options.shape === undefined) return finish(out, options);
  checkShape("tensor", options.shape);
  if (elementCount(options.shape) !== count) {
    throw new ShapeError(`tensor: ${count} values do not fill the shape ${formatShape(options.shape)}`);
  }
  return finish(new Tensor(out.storage, dtype, options.shape, contiguousStrides(options.shape)), options);
}

/** Writes the values of `level`, which lies below `axis` others, from `at` on. @returns where the next ones go */
function write(level: TensorData, axis: number, shape: Shape, dtype: DType, out: TypedArray, at: number): number {
  if (axis === shape.length) {
    if (isList(level)) throw ragged(shape, axis);
    out[at] = convert(level, dtype) as never;
    return at + 1;
  }
  if (!isList(level) || level.length !== shape[axis]) throw ragged(shape, axis);
  let next = at;
  if (axis < shape.length - 1 || !(dtype === "float32" || dtype === "float64")) {
    for (let i = 0; i < level.length; i++) next = write(level[i] as TensorData, axis + 1, shape, dtype, out, next);
    return next;
  }
  // Plain numbers are most of all data. In a loop of their own they are never made objects, which is ten times as fast.
  for (let i = 0; i < level.length; i++) {
    const value = level[i];
    if (typeof value === "number") out[next++] = value;
    else next = write(value as TensorData, axis + 1, shape, dtype, out, next);
  }
  return next;
}

const isList = (data: TensorData): data is readonly TensorData[] | TypedArray =>
  Array.isArray(data) || ArrayBuffer.isView(data);

const ragged = (shape: Shape, axis: number): ShapeError =>
  new ShapeError(
    `tensor: the arrays are ragged: axis ${axis} does not have one length everywhere (the first branch says ${formatShape(shape)}); ` +
      "pad them to one length",
  );

function convert(value: TensorData, dtype: DType): number | bigint {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
    throw new DTypeError(`tensor: expected numbers, got ${value === null ? "null" : typeof value}`);
  }
  if (dtype === "bool") return Number(value) !== 0 ? 1 : 0;
  if (dtype !== "int64") return Number(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new DTypeError(`tensor: ${value} has no int64 form`);
  return typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));
}

/** The lowest dtype that holds all the values. */
function inferDType(data: TensorData): DType {
  if (ArrayBuffer.isView(data)) return dtypeOfArray(data);
  if (typeof data === "boolean") return "bool";
  if (typeof data === "bigint") return "int64";
  if (!Array.isArray(data) || data.length === 0) return DEFAULT_DTYPE;
  let dtype = inferDType(data[0]);
  for (let i = 1; i < data.length && dtype !== DEFAULT_DTYPE; i++) dtype = promote(dtype, inferDType(data[i]));
  return dtype;
}

/** All elements 0. */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  checkShape("zeros", shape);
  return finish(allocate([...shape], options.dtype ?? DEFAULT_DTYPE), options);
}

/** All elements 1. */
export const ones = (shape: Shape, options: CreateOptions = {}): Tensor => filled("ones", shape, 1, options);

/** All elements `value`; float32 unless `dtype` or a boolean or bigint value says otherwise. */
export const full = (shape: Shape, value: Element, options: CreateOptions = {}): Tensor =>
  filled("full", shape, value, options);

function filled(place: string, shape: Shape, value: Element, options: CreateOptions): Tensor {
  checkShape(place, shape);
  const dtype = options.dtype ?? inferDType(value);
  checkValue(place, value, dtype);
  const out = allocate([...shape], dtype);
  backend().fill(out, value);
  return finish(out, options);
}

/** Elements not set to anything in particular (here: 0). */
export const empty = (shape: Shape, options: CreateOptions = {}): Tensor => zeros(shape, options);

/** Shape and options of a tensor made like another. */
function like<O extends CreateOptions>(place: string, x: Tensor, options: O): [Shape, O] {
  checkTensor(place, x);
  return [x.shape, { dtype: x.dtype, ...options }];
}

/** All elements 0, in x's shape and dtype. */
export const zerosLike = (x: Tensor, options: CreateOptions = {}): Tensor => zeros(...like("zerosLike", x, options));
/** All elements 1, in x's shape and dtype. */
export const onesLike = (x: Tensor, options: CreateOptions = {}): Tensor => ones(...like("onesLike", x, options));
/** All elements `value`, in x's shape and dtype. */
export function fullLike(x: Tensor, value: Element, options: CreateOptions = {}): Tensor {
  const [shape, all] = like("fullLike", x, options);
  return full(shape, value, all);
}
/** Elements not set to anything in particular (here: 0), in x's shape and dtype. */
export const emptyLike = (x: Tensor, options: CreateOptions = {}): Tensor => empty(...like("emptyLike", x, options));

/** The identity matrix, or a rectangular one with ones on its diagonal. */
export function eye(rows: number, columns = rows, options: CreateOptions = {}): Tensor {
  checkShape("eye", [rows, columns]);
  const out = zeros([rows, columns], options.dtype === undefined ? {} : { dtype: options.dtype });
  const diagonal = new Tensor(out.storage, out.dtype, [Math.min(rows, columns)], [columns + 1]);
  backend().fill(diagonal, 1);
  return finish(out, options);
}

/** Fills a new tensor from a rule; the rule computes in double precision. */
function fromRule(count: number, dtype: DType, rule: (i: number) => number): Tensor {
  const out = allocate([count], dtype);
  const elements = elementsOfNew(out);
  if (elements instanceof BigInt64Array) for (let i = 0; i < count; i++) elements[i] = BigInt(Math.trunc(rule(i)));
  else for (let i = 0; i < count; i++) elements[i] = rule(i);
  return out;
}

/**
 * `start`, `start + step`, … below `end`: `arange(5)` is 0 … 4. int64 if all three are whole, else float32, as in PyTorch.
 */
export function arange(start: number, end?: number, step = 1, options: CreateOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  if (!Number.isFinite(from) || !Number.isFinite(to) || !Number.isFinite(step) || step === 0) {
    throw new ArgumentError(`arange: bounds must be finite and the step not 0, got ${from}, ${to}, ${step}`);
  }
  if ((to - from) * step < 0) throw new ArgumentError(`arange: a step of ${step} does not lead from ${from} to ${to}`);
  const whole = [from, to, step].every(Number.isInteger);
  const dtype = options.dtype ?? (whole ? "int64" : DEFAULT_DTYPE);
  const round = roundingOf(dtype);
  const count = Math.ceil((to - from) / step);
  // PyTorch counts in blocks of a 256-bit register, two at a time, each from its own first element; the rest one by one.
  const lanes = dtype === "float64" ? 4 : 8;
  const inBlocks = count - (count % (2 * lanes));
  const element = (i: number) => {
    const first = i < inBlocks ? i - (i % lanes) : i;
    return multiplyAdd(i - first, step, round(multiplyAdd(first, step, from)));
  };
  return finish(fromRule(count, dtype, isFloating(dtype) ? element : (i) => from + i * step), options);
}

const roundingOf = (dtype: DType): ((x: number) => number) => (dtype === "float32" ? Math.fround : (x) => x);

/** `steps` numbers from `start` to `end`, both included, evenly spaced. */
export function linspace(start: number, end: number, steps: number, options: CreateOptions = {}): Tensor {
  checkCount("linspace", steps);
  const dtype = options.dtype ?? DEFAULT_DTYPE;
  const round = roundingOf(dtype);
  const step = round((round(end) - round(start)) / Math.max(steps - 1, 1));
  // PyTorch counts the second half back from the end.
  const half = steps === 1 ? 1 : Math.floor(steps / 2);
  const element = (i: number) =>
    i < half ? multiplyAdd(i, step, round(start)) : multiplyAdd(i + 1 - steps, step, round(end));
  return finish(fromRule(steps, dtype, element), options);
}

/** `steps` numbers from `base^start` to `base^end`, evenly spaced in the exponent. */
export function logspace(start: number, end: number, steps: number, base = 10, options: CreateOptions = {}): Tensor {
  checkCount("logspace", steps);
  const step = (end - start) / Math.max(steps - 1, 1);
  return finish(
    fromRule(steps, options.dtype ?? DEFAULT_DTYPE, (i) => base ** (start + step * i)),
    options,
  );
}

function checkCount(place: string, steps: number, name = "steps"): void {
  if (!Number.isInteger(steps) || steps < 0)
    throw new ArgumentError(`${place}: ${name} must be a whole number ≥ 0, got ${steps}`);
}

type Floats = Float32Array | Float64Array;

function random(
  place: string,
  shape: Shape,
  options: RandomOptions,
  draw: (generator: Generator, out: Floats) => void,
): Tensor {
  checkShape(place, shape);
  const dtype = options.dtype ?? DEFAULT_DTYPE;
  if (!isFloating(dtype)) throw new DTypeError(`${place}: draws floating-point numbers, not ${dtype}; see randint`);
  const out = allocate([...shape], dtype);
  draw(options.generator ?? defaultGenerator, elementsOfNew(out) as Floats);
  return finish(out, options);
}

/** Uniform draws from [0, 1), as `torch.rand`. */
export const rand = (shape: Shape, options: RandomOptions = {}): Tensor =>
  random("rand", shape, options, (generator, out) => generator.fillUniform(out));

/** Standard normal draws, as `torch.randn`. */
export const randn = (shape: Shape, options: RandomOptions = {}): Tensor =>
  random("randn", shape, options, (generator, out) => generator.fillNormal(out));

/** Normal draws with a mean and a standard deviation, as `torch.normal`. */
export function normal(mean: number, std: number, shape: Shape, options: RandomOptions = {}): Tensor {
  if (typeof mean !== "number" || typeof std !== "number") {
    throw new ArgumentError(`normal: mean and std must be numbers, as normal(0, 1, [2, 3]), got ${mean} and ${std}`);
  }
  return random("normal", shape, options, (generator, out) => generator.fillNormal(out, mean, std));
}

/** Uniform draws from [0, 1), in x's shape and dtype. */
export const randLike = (x: Tensor, options: RandomOptions = {}): Tensor => rand(...like("randLike", x, options));
/** Standard normal draws, in x's shape and dtype. */
export const randnLike = (x: Tensor, options: RandomOptions = {}): Tensor => randn(...like("randnLike", x, options));

/** Whole draws, low ≤ draw < high, as `torch.randint`. int64. */
export function randint(
  low: number | bigint,
  high: number | bigint,
  shape: Shape,
  options: RandomOptions = {},
): Tensor {
  checkShape("randint", shape);
  const out = allocate([...shape], options.dtype ?? "int64");
  (options.generator ?? defaultGenerator).randint(elementsOfNew(out), low, high);
  return finish(out, options);
}

/** Whole draws, low ≤ draw < high, in x's shape and dtype. */
export function randintLike(
  x: Tensor,
  low: number | bigint,
  high: number | bigint,
  options: RandomOptions = {},
): Tensor {
  const [shape, all] = like("randintLike", x, options);
  return randint(low, high, shape, all);
}

/** 0 … n − 1 in random order, as `torch.randperm`. int64. */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  const order = (options.generator ?? defaultGenerator).randperm(n);
  return finish(
    fromRule(n, options.dtype ?? "int64", (i) => order[i]),
    options,
  );
}

/** 1 with the probability that x holds, else 0, as `torch.bernoulli`. */
export function bernoulli(x: Tensor, options: { readonly generator?: Generator } = {}): Tensor {
  checkTensor("bernoulli", x);
  checkOptions("bernoulli", options, ["generator"]);
  if (!isFloating(x.dtype)) throw new DTypeError(`bernoulli: expects probabilities, got ${x.dtype}`);
  const out = allocate(x.shape, x.dtype);
  const probabilities = allocate(x.shape, x.dtype);
  backend().copy(x, probabilities);
  (options.generator ?? defaultGenerator).bernoulli(elementsOfNew(out), elementsOfNew(probabilities) as Floats);
  return out;
}

/**
 * Draws of categories in proportion to weights, as `torch.multinomial`.
 * @param weights [categories] or [rows, categories], floating, finite, not negative, not all 0 in a row; they need not add up to 1
 * @param count draws a row
 * @param options.replacement whether a category can come again. Default false
 * @returns int64 [count] or [rows, count]
 * @throws {ArgumentError} for impossible weights, or more draws than categories without replacement
 */
export function multinomial(
  weights: Tensor,
  count: number,
  options: { readonly replacement?: boolean; readonly generator?: Generator } = {},
): Tensor {
  checkTensor("multinomial", weights);
  checkOptions("multinomial", options, ["replacement", "generator"]);
  const { replacement = false, generator = defaultGenerator } = options;
  if (!isFloating(weights.dtype)) {
    throw new DTypeError(`multinomial: weights are floating-point, got ${weights.dtype}; cast: x.to("float32")`);
  }
  if (weights.rank !== 1 && weights.rank !== 2) {
    throw new ShapeError(
      `multinomial: weights are [categories] or [rows, categories], got ${formatShape(weights.shape)}`,
    );
  }
  checkCount("multinomial", count, "count");
  const categories = weights.shape[weights.rank - 1];
  const given = allocate(weights.shape, weights.dtype);
  backend().copy(weights, given);
  const rows = elementsOfNew(given) as Floats;
  const out = allocate([...weights.shape.slice(0, -1), count], "int64");
  const drawn = elementsOfNew(out) as BigInt64Array;
  for (let row = 0; row < rows.length / categories; row++) {
    const of = rows.subarray(row * categories, (row + 1) * categories);
    multinomialDraws(generator, of, count, replacement).forEach((category, i) => {
      drawn[row * count + i] = BigInt(category);
    });
  }
  return out;
}
