/**
 * Functions whose result takes the place of their first argument: `x.clamp_(0, 1)` is `x.copy_(x.clamp(0, 1))`.
 *
 * The rules are those of every change in place (`in-place.ts`): not recorded, counted, refused where gradients are recorded.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { backend } from "../backend/select.ts";
import { isFloating, promote } from "../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { pow, type TensorOrNumber } from "./arithmetic.ts";
import { addcdiv, addcmul, lerp } from "./combine.ts";
import {
  abs,
  ceil,
  exp,
  floor,
  log,
  neg,
  reciprocal,
  relu,
  round,
  sigmoid,
  sqrt,
  square,
  tanh,
} from "./element-wise.ts";
import { prepareWrite } from "./in-place.ts";
import { type ClampLimits, clamp, clampLimits, maskedFill } from "./where.ts";

/** `x ← x ^ y`. */
export const pow_ = (x: Tensor, y: Tensor | number): Tensor => become("pow_", x, y, pow);
/** `x ← x + weight · (end − x)`: a step of the way to `end`. */
export const lerp_ = (x: Tensor, end: Tensor, weight: number | Tensor): Tensor =>
  become("lerp_", x, end, () => lerp(x, end, weight));
/** `x ← x + value · y · z`. */
export const addcmul_ = (x: Tensor, y: Tensor, z: Tensor, options: { readonly value?: number } = {}): Tensor =>
  become("addcmul_", x, y, () => addcmul(x, y, z, options));
/** `x ← x + value · y / z`. */
export const addcdiv_ = (x: Tensor, y: Tensor, z: Tensor, options: { readonly value?: number } = {}): Tensor =>
  become("addcdiv_", x, y, () => addcdiv(x, y, z, options));
/** Elements below `min` become `min`, those above `max` become `max`. */
export function clamp_(x: Tensor, min?: number | null | ClampLimits, max?: number | null): Tensor {
  const limits = clampLimits("clamp_", min, max);
  return become("clamp_", x, 0, () => clamp(x, limits));
}
/** Where the mask is true, elements become `value`. */
export const maskedFill_ = (x: Tensor, mask: Tensor, value: TensorOrNumber): Tensor =>
  become("maskedFill_", x, mask, () => maskedFill(x, mask, value));

/** x takes on the values of `f(x, y)`, which has to be of its shape and to fit into its dtype. */
function become<Y extends TensorOrNumber>(place: string, x: Tensor, y: Y, f: (x: Tensor, y: Y) => Tensor): Tensor {
  prepareWrite(place, x, y);
  const result = noGrad(() => f(x, y));
  if (!sameShape(result.shape, x.shape)) {
    throw new ShapeError(`${place}: the result is ${formatShape(result.shape)}, the tensor ${formatShape(x.shape)}`);
  }
  if (promote(x.dtype, result.dtype) !== x.dtype && isFloating(result.dtype) !== isFloating(x.dtype)) {
    throw new DTypeError(
      `${place}: the result is ${result.dtype}, it does not fit into ${x.dtype}; cast the tensor first`,
    );
  }
  backend().copy(result, x);
  return x;
}

const inPlace =
  (place: string, f: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor =>
    become(place, x, 0, f);

/** `x ← −x`. */
export const neg_ = inPlace("neg_", (x) => neg(x));
/** `x ← |x|`. */
export const abs_ = inPlace("abs_", (x) => abs(x));
/** `x ← x²`. */
export const square_ = inPlace("square_", (x) => square(x));
/** `x ← √x`. */
export const sqrt_ = inPlace("sqrt_", (x) => sqrt(x));
/** `x ← 1 / x`. */
export const reciprocal_ = inPlace("reciprocal_", (x) => reciprocal(x));
/** `x ← eˣ`. */
export const exp_ = inPlace("exp_", (x) => exp(x));
/** `x ← log x`. */
export const log_ = inPlace("log_", (x) => log(x));
/** Every element to the next whole number down. */
export const floor_ = inPlace("floor_", (x) => floor(x));
/** Every element to the next whole number up. */
export const ceil_ = inPlace("ceil_", (x) => ceil(x));
/** Every element to the nearest whole number, halves to the even one. */
export const round_ = inPlace("round_", (x) => round(x));
/** `x ← max(x, 0)`. */
export const relu_ = inPlace("relu_", (x) => relu(x));
/** `x ← σ(x)`. */
export const sigmoid_ = inPlace("sigmoid_", (x) => sigmoid(x));
/** `x ← tanh x`. */
export const tanh_ = inPlace("tanh_", (x) => tanh(x));
