/** Functions of one tensor, element by element, each with its derivative beside it. */

import { defineOp } from "../autograd/define-op.ts";
import { allocateOutput } from "../backend/allocate.ts";
import type { UnaryKernel } from "../backend/backend.ts";
import { floatingDType } from "../tensor/dtype.ts";
import { DTypeError } from "../tensor/errors.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { reluGradient, sigmoidGradient, tanhGradient } from "./activation-gradients.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";

/** The gradient dx from dy, and from x or y = f(x), whichever the formula needs. */
type Rule = (dy: Tensor, kept: Tensor) => Tensor | null;

function defineUnary(kernel: UnaryKernel, keep: "x" | "y" | "nothing", rule: Rule, keepsInteger = false) {
  const op = defineOp({
    name: kernel,
    forward(kernels, x: Tensor) {
      const output = allocateOutput(x.shape, x.dtype);
      kernels.unary(kernel, x, output);
      return { output, saved: keep === "x" ? x : keep === "y" ? output : null };
    },
    backward(_, dy, kept) {
      return [rule(dy, kept as Tensor)];
    },
  });
  return (x: Tensor): Tensor => {
    checkTensor(kernel, x);
    if (keepsInteger && x.dtype === "bool") throw new DTypeError(`${kernel}: a bool tensor has none; cast it first`);
    return op(keepsInteger ? x : cast(x, floatingDType(x.dtype)));
  };
}

const zero: Rule = (dy) => mul(dy, 0);

/** −x. @throws {DTypeError} for bools */
export const neg = defineUnary("neg", "nothing", (dy) => neg(dy), true);
/** |x|; its slope at 0 is 0. @throws {DTypeError} for bools */
export const abs = defineUnary("abs", "x", (dy, x) => mul(dy, sign(x)), true);
/** −1, 0 or 1. @throws {DTypeError} for bools */
export const sign = defineUnary("sign", "nothing", zero, true);
/** x². @throws {DTypeError} for bools */
export const square = defineUnary("square", "x", (dy, x) => mul(dy, mul(x, 2)), true);
/** The next whole number down. */
export const floor = defineUnary("floor", "nothing", zero, true);
/** The next whole number up. */
export const ceil = defineUnary("ceil", "nothing", zero, true);
/** To the nearest whole number, halves to the even one. */
export const round = defineUnary("round", "nothing", zero, true);
/** The next whole number towards 0. */
export const trunc = defineUnary("trunc", "nothing", zero, true);
/** max(x, 0); its slope at 0 is 0. */
export const relu = defineUnary("relu", "y", (dy, y) => reluGradient(y, dy), true);

/** eˣ; whole numbers give float32, as in all functions below. */
export const exp = defineUnary("exp", "y", (dy, y) => mul(dy, y));
/** eˣ − 1, exact near 0. */
export const expm1 = defineUnary("expm1", "y", (dy, y) => mul(dy, add(y, 1)));
/** The natural logarithm; NaN below 0. */
export const log = defineUnary("log", "x", (dy, x) => div(dy, x));
/** log(1 + x), exact near 0. */
export const log1p = defineUnary("log1p", "x", (dy, x) => div(dy, add(x, 1)));
/** The logarithm to base 2. */
export const log2 = defineUnary("log2", "x", (dy, x) => div(dy, mul(x, Math.LN2)));
/** The logarithm to base 10. */
export const log10 = defineUnary("log10", "x", (dy, x) => div(dy, mul(x, Math.LN10)));
/** √x; NaN below 0. */
export const sqrt = defineUnary("sqrt", "y", (dy, y) => div(dy, mul(y, 2)));
/** 1 / √x. */
export const rsqrt = defineUnary("rsqrt", "y", (dy, y) => mul(mul(dy, -0.5), mul(y, square(y))));
/** 1 / x. */
export const reciprocal = defineUnary("reciprocal", "y", (dy, y) => neg(mul(dy, square(y))));
/** sin x, x in radians. */
export const sin = defineUnary("sin", "x", (dy, x) => mul(dy, cos(x)));
/** cos x, x in radians. */
export const cos = defineUnary("cos", "x", (dy, x) => neg(mul(dy, sin(x))));
/** tan x, x in radians. */
export const tan = defineUnary("tan", "y", (dy, y) => mul(dy, add(square(y), 1)));
/** The angle in radians whose sine is x. */
export const asin = defineUnary("asin", "x", (dy, x) => mul(dy, rsqrt(sub(1, square(x)))));
/** The angle in radians whose cosine is x. */
export const acos = defineUnary("acos", "x", (dy, x) => neg(mul(dy, rsqrt(sub(1, square(x))))));
/** The angle in radians whose tangent is x. */
export const atan = defineUnary("atan", "x", (dy, x) => div(dy, add(square(x), 1)));
/** sinh x. */
export const sinh = defineUnary("sinh", "x", (dy, x) => mul(dy, cosh(x)));
/** cosh x. */
export const cosh = defineUnary("cosh", "x", (dy, x) => mul(dy, sinh(x)));
/** tanh x. */
export const tanh = defineUnary("tanh", "y", (dy, y) => tanhGradient(y, dy));
/** σ(x) = 1 / (1 + e^(−x)) */
export const sigmoid = defineUnary("sigmoid", "y", (dy, y) => sigmoidGradient(y, dy));
/** log(1 + eˣ); x itself above 20, as in PyTorch. */
export const softplus = defineUnary("softplus", "x", (dy, x) => mul(dy, sigmoid(x)));
/** The error function, 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf = defineUnary("erf", "x", (dy, x) => mul(mul(dy, 2 / Math.sqrt(Math.PI)), exp(neg(square(x)))));
