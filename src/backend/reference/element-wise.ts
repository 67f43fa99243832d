/** The element-wise kernels: one function per element, applied along strided rows. */

import type { DType } from "../../tensor/dtype.ts";
import { broadcastStrides } from "../../tensor/shape.ts";
import type { BinaryKernel, Operand, Scalar, UnaryKernel, View } from "../backend.ts";
import { elementsOf, numbersOf } from "../cpu-storage.ts";
import { erf } from "./erf.ts";
import { forEachRow } from "./strided-loop.ts";

const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};

/** Half to even, as IEEE and PyTorch; Math.round takes halves up. */
function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const UNARY: Record<UnaryKernel, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0), // of NaN, too, as in PyTorch
  square: (x) => x * x,
  relu: (x) => (x < 0 ? 0 : x),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  trunc: Math.trunc,
  logicalNot: (x) => (x === 0 ? 1 : 0),
  bitwiseNot: (x) => ~x,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid,
  softplus: (x) => (x > 20 ? x : Math.log1p(Math.exp(x))),
  erf,
  isNaN: (x) => (Number.isNaN(x) ? 1 : 0),
  isFinite: (x) => (Number.isFinite(x) ? 1 : 0),
};

/** NaN wins, as in PyTorch. */
const maximum = (x: number, y: number): number => (x > y || Number.isNaN(x) ? x : y);
const minimum = (x: number, y: number): number => (x < y || Number.isNaN(x) ? x : y);

/** Python's %: the sign of the divisor. */
function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

/** ⌊x / y⌋ by way of the remainder, which is exact where the quotient is rounded up to a whole number: 1 // 0.1 is 9. */
function floorDivideNumbers(x: number, y: number): number {
  if (y === 0) return x / y;
  const rest = x % y;
  const quotient = (x - rest) / y;
  if (rest !== 0 && rest < 0 !== y < 0) return Math.round(quotient - 1);
  return quotient === 0 ? 0 * (x / y) : Math.round(quotient); // a zero has the sign of x / y
}

/** IEEE's power, where JavaScript has NaN: 1 to any power, and −1 to an infinite one. */
const power = (x: number, y: number): number =>
  x === 1 || y === 0 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) ? 1 : x ** y;

/** `y · (…)` with y the gradient and x what the function returned. */
const BINARY: Record<BinaryKernel, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: power,
  maximum,
  minimum,
  remainder,
  floorDivide: floorDivideNumbers,
  atan2: Math.atan2,
  eq: (x, y) => (x === y ? 1 : 0),
  ne: (x, y) => (x !== y ? 1 : 0),
  lt: (x, y) => (x < y ? 1 : 0),
  le: (x, y) => (x <= y ? 1 : 0),
  gt: (x, y) => (x > y ? 1 : 0),
  ge: (x, y) => (x >= y ? 1 : 0),
  logicalAnd: (x, y) => (x !== 0 && y !== 0 ? 1 : 0),
  logicalOr: (x, y) => (x !== 0 || y !== 0 ? 1 : 0),
  logicalXor: (x, y) => ((x !== 0) !== (y !== 0) ? 1 : 0),
  sigmoidGradient: (x, dy) => dy * x * (1 - x),
  tanhGradient: (x, dy) => dy * (1 - x * x),
  reluGradient: (x, dy) => (x <= 0 ? 0 : dy), // NaN lets it pass, as in PyTorch
};

/** Products of int32 need more bits than a double has, and a sum of two bools is a bool. */
const BINARY_INT32: Partial<typeof BINARY> = {
  mul: Math.imul,
  pow: (x, y) => Number(BigInt.asIntN(32, powerBigInt(BigInt(x), BigInt(y)))),
};
const BINARY_BOOL: Partial<typeof BINARY> = { add: (x, y) => x | y };

/** int64 arithmetic is exact and wraps at 64 bits when stored. */
const UNARY_BIGINT: Partial<Record<UnaryKernel, (x: bigint) => bigint>> = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  square: (x) => x * x,
  relu: (x) => (x < 0n ? 0n : x),
  floor: (x) => x,
  ceil: (x) => x,
  round: (x) => x,
  trunc: (x) => x,
  bitwiseNot: (x) => ~x,
};

/** xʸ modulo 2^64. */
function powerBigInt(x: bigint, y: bigint): bigint {
  if (y < 0n) return x === 1n ? 1n : x === -1n ? (y % 2n === 0n ? 1n : -1n) : 0n;
  let product = 1n;
  for (let base = x, rest = y; rest > 0n; rest >>= 1n) {
    if (rest & 1n) product = BigInt.asIntN(64, product * base);
    base = BigInt.asIntN(64, base * base);
  }
  return product;
}

const floorDivide = (x: bigint, y: bigint): bigint => {
  const quotient = x / y;
  return x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient;
};

const BINARY_BIGINT: Partial<Record<BinaryKernel, (x: bigint, y: bigint) => bigint | number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  pow: powerBigInt,
  maximum: (x, y) => (x > y ? x : y),
  minimum: (x, y) => (x < y ? x : y),
  remainder: (x, y) => x - floorDivide(x, y) * y,
  floorDivide,
  eq: (x, y) => (x === y ? 1 : 0),
  ne: (x, y) => (x !== y ? 1 : 0),
  lt: (x, y) => (x < y ? 1 : 0),
  le: (x, y) => (x <= y ? 1 : 0),
  gt: (x, y) => (x > y ? 1 : 0),
  ge: (x, y) => (x >= y ? 1 : 0),
  logicalAnd: (x, y) => (x !== 0n && y !== 0n ? 1 : 0),
  logicalOr: (x, y) => (x !== 0n || y !== 0n ? 1 : 0),
  logicalXor: (x, y) => ((x !== 0n) !== (y !== 0n) ? 1 : 0),
};

/** Whether the kernel has an exact int64 form; the others are computed in floating point. */
export const hasBigInt = (kernel: UnaryKernel | BinaryKernel): boolean =>
  kernel in UNARY_BIGINT || kernel in BINARY_BIGINT;

export function fill(out: View, value: Scalar): void {
  const data = elementsOf(out);
  let element: number | bigint = out.dtype === "bool" ? Number(Boolean(value)) : Number(value);
  if (out.dtype === "int64") element = typeof value === "bigint" ? value : BigInt(Math.trunc(element));
  const stored = element as never;
  forEachRow(out.shape, [out], (count, [start], [step]) => {
    if (step === 1) data.fill(stored, start, start + count);
    else for (let i = 0, at = start; i < count; i++, at += step) data[at] = stored;
  });
}

/** Casts to whole numbers truncate, to bool compare with zero, as in PyTorch. */
export function copy(x: View, out: View): void {
  const from = elementsOf(x);
  const to = elementsOf(out);
  const source = { strides: broadcastStrides(x.shape, x.strides, out.shape), offset: x.offset };
  const cast = castElement(x, out);
  forEachRow(out.shape, [source, out], (count, [i0, o0], [di, d]) => {
    if (cast === null) {
      if (di === 1 && d === 1) (to as Float64Array).set((from as Float64Array).subarray(i0, i0 + count), o0);
      else for (let n = 0, i = i0, o = o0; n < count; n++, i += di, o += d) to[o] = from[i] as never;
    } else {
      for (let n = 0, i = i0, o = o0; n < count; n++, i += di, o += d) to[o] = cast(from[i] as never) as never;
    }
  });
}

function castElement(x: View, out: View): ((value: never) => number | bigint) | null {
  const from = x.dtype;
  const to = out.dtype;
  if (from === to) return null;
  if (to === "bool") return (value: number | bigint) => (Number(value) !== 0 ? 1 : 0);
  if (to === "int64") return (value: number) => BigInt(Number.isFinite(value) ? Math.trunc(value) : 0);
  if (from === "int64")
    return (value: bigint) => Number(to === "int32" || to === "uint8" ? BigInt.asIntN(32, value) : value);
  return (value: number) => value;
}

export function unary(kernel: UnaryKernel, x: View, out: View): void {
  if (x.dtype === "int64") {
    const f = UNARY_BIGINT[kernel] ?? ((value: bigint) => UNARY[kernel](Number(value)));
    const from = elementsOf(x) as BigInt64Array;
    const to = elementsOf(out);
    forEachRow(out.shape, [x, out], (count, [i0, o0], [di, d]) => {
      for (let n = 0, i = i0, o = o0; n < count; n++, i += di, o += d) to[o] = f(from[i]) as never;
    });
    return;
  }
  const f = kernel === "square" && x.dtype === "int32" ? (value: number) => Math.imul(value, value) : UNARY[kernel];
  const from = numbersOf(x);
  const to = numbersOf(out);
  forEachRow(out.shape, [x, out], (count, [i0, o0], [di, d]) => {
    for (let n = 0, i = i0, o = o0; n < count; n++, i += di, o += d) to[o] = f(from[i]);
  });
}

const SINGLE = { strides: [] as readonly number[], offset: 0 };

/** A scalar operand reads as a one-element array that every element of the other meets. */
function operandArray(operand: Operand, exact: boolean, out: View) {
  if (typeof operand === "object") {
    return {
      data: elementsOf(operand),
      at: { strides: broadcastStrides(operand.shape, operand.strides, out.shape), offset: operand.offset },
    };
  }
  const data = exact ? BigInt64Array.of(BigInt(operand)) : Float64Array.of(Number(operand));
  return { data, at: { ...SINGLE, strides: out.shape.map(() => 0) } };
}

export function binary(kernel: BinaryKernel, x: Operand, y: Operand, out: View): void {
  const exact = isInt64(x) || isInt64(y);
  const a = operandArray(x, exact, out);
  const b = operandArray(y, exact, out);
  const f = (exact ? BINARY_BIGINT[kernel] : onNumbers(kernel, out.dtype)) as unknown as (x: never, y: never) => never;
  const { data: p } = a;
  const { data: q } = b;
  const to = elementsOf(out);
  forEachRow(out.shape, [a.at, b.at, out], (count, [i0, j0, o0], [di, dj, d]) => {
    for (let n = 0, i = i0, j = j0, o = o0; n < count; n++, i += di, j += dj, o += d) {
      to[o] = f(p[i] as never, q[j] as never);
    }
  });
}

function onNumbers(kernel: BinaryKernel, dtype: DType): (x: number, y: number) => number {
  const special = dtype === "int32" || dtype === "uint8" ? BINARY_INT32 : dtype === "bool" ? BINARY_BOOL : null;
  return special?.[kernel] ?? BINARY[kernel];
}

const isInt64 = (operand: Operand): boolean => typeof operand === "object" && operand.dtype === "int64";

export function where(condition: View, x: Operand, y: Operand, out: View): void {
  const exact = out.dtype === "int64";
  const a = operandArray(x, exact, out);
  const b = operandArray(y, exact, out);
  const c = operandArray(condition, false, out);
  const to = elementsOf(out);
  forEachRow(out.shape, [c.at, a.at, b.at, out], (count, [c0, i0, j0, o0], [dc, di, dj, d]) => {
    for (let n = 0, k = c0, i = i0, j = j0, o = o0; n < count; n++, k += dc, i += di, j += dj, o += d) {
      to[o] = (c.data[k] ? a.data[i] : b.data[j]) as never;
    }
  });
}

export function accumulate(x: View, out: View, scale: number): void {
  const from = numbersOf(x);
  const to = numbersOf(out);
  forEachRow(out.shape, [x, out], (count, [i0, o0], [di, d]) => {
    for (let n = 0, i = i0, o = o0; n < count; n++, i += di, o += d) to[o] += scale * from[i];
  });
}
