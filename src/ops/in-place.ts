/**
 * Changing tensors in place. Every write counts up the storage's version, so that backward notices when something it had
 * saved was overwritten.
 *
 * These are not recorded: a tensor that takes part in gradients may be changed only under `noGrad`, as optimisers do.
 */

import { isGradEnabled, noGrad } from "../autograd/grad-mode.ts";
import { backend } from "../backend/select.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { type DType, isFloating, promote, promoteWithScalar, scalarAs } from "../tensor/dtype.ts";
import { ArgumentError, AutogradError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { broadcastShapes, formatShape, sameShape } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { type AlphaOptions, mul } from "./arithmetic.ts";
import { cast } from "./cast.ts";

/** @throws {AutogradError} where a change in place would have to be recorded */
export function refuseRecorded(place: string, x: Tensor, other?: unknown): void {
  if (isGradEnabled() && (x.requiresGrad || (other instanceof Tensor && other.requiresGrad))) {
    throw new AutogradError(
      `${place}: a tensor that takes part in gradients cannot be changed in place while they are recorded; ` +
        `wrap the change in noGrad(() => …), or use the form without underscore (${place.replace(/_$/, "")})`,
    );
  }
}

/** @throws {ArgumentError} for a tensor in which several elements are one place in memory, as after expand */
export function refuseOverlap(place: string, x: Tensor): void {
  if (!x.shape.some((size, axis) => size > 1 && x.strides[axis] === 0)) return;
  throw new ArgumentError(
    `${place}: elements of this expanded tensor share memory, a change to one would change others; clone() it first`,
  );
}

/** What every change in place begins with: it is allowed, `other` fits, and the storage counts one more version. */
export function prepareWrite(place: string, x: Tensor, other?: Tensor | number | bigint | boolean): void {
  checkTensor(place, x);
  refuseRecorded(place, x, other);
  refuseOverlap(place, x);
  if (other instanceof Tensor && !sameShape(broadcastShapes(place, x.shape, other.shape), x.shape)) {
    throw new ShapeError(`${place}: ${formatShape(other.shape)} does not broadcast to ${formatShape(x.shape)}`);
  }
  x.storage.version++;
}

/** @throws {DTypeError} for a value that no element of `dtype` can hold */
export function checkValue(place: string, value: unknown, dtype: DType): void {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
    throw new DTypeError(
      `${place}: the value must be a number or a boolean, got ${value === null ? "null" : typeof value}`,
    );
  }
  if (typeof value === "number" && !Number.isFinite(value) && dtype !== "bool" && !isFloating(dtype)) {
    throw new DTypeError(`${place}: ${value} has no ${dtype} form`);
  }
}

/** Every element becomes `value`. */
export function fill_(x: Tensor, value: number | bigint | boolean): Tensor {
  checkTensor("fill_", x);
  checkValue("fill_", value, x.dtype);
  prepareWrite("fill_", x);
  backend().fill(x, value);
  return x;
}

/** Every element becomes 0. */
export const zero_ = (x: Tensor): Tensor => fill_(x, 0);

/** The elements of `source`, which broadcasts, cast to x's dtype. */
export function copy_(x: Tensor, source: Tensor): Tensor {
  checkTensor("copy_", source);
  prepareWrite("copy_", x, source);
  // A source that shares x's memory is read before any of it is overwritten.
  backend().copy(source.storage === x.storage ? separate(source) : source, x);
  return x;
}

function separate(x: Tensor): Tensor {
  const kernels = backend();
  const bytes = kernels.elements(x.storage, "uint8").slice();
  return new Tensor(kernels.adopt(bytes.buffer as ArrayBuffer), x.dtype, x.shape, x.strides, x.offset);
}

function defineInPlace(place: string, kernel: "add" | "sub" | "mul" | "div") {
  return (x: Tensor, y: Tensor | number | bigint): Tensor => {
    if (!(y instanceof Tensor) && typeof y !== "number" && typeof y !== "bigint") {
      throw new DTypeError(`${place}: an operand must be a tensor or a number, got ${y === null ? "null" : typeof y}`);
    }
    prepareWrite(place, x, y);
    if (!isFloating(x.dtype) && kernel === "div") {
      throw new DTypeError(`${place}: quotients are not whole, they do not fit into ${x.dtype}; use x.div(y)`);
    }
    if (!(y instanceof Tensor)) {
      if (promoteWithScalar(x.dtype, y) !== x.dtype)
        throw new DTypeError(`${place}: ${y} does not fit into ${x.dtype}; cast the tensor first`);
      backend().binary(kernel, x, scalarAs(x.dtype, y), x);
      return x;
    }
    if (!isFloating(x.dtype) && (isFloating(y.dtype) || (x.dtype === "bool" && y.dtype !== "bool"))) {
      throw new DTypeError(
        `${place}: the result of ${x.dtype} and ${y.dtype} does not fit into ${x.dtype}; cast the tensor first`,
      );
    }
    const other = y.storage === x.storage ? separate(y) : y;
    const dtype = promote(x.dtype, y.dtype);
    if (dtype === x.dtype || y.rank === 0) {
      backend().binary(kernel, x, cast(other, x.dtype), x);
    } else {
      const exact = noGrad(() => cast(x, dtype));
      backend().binary(kernel, exact, cast(other, dtype), exact);
      backend().copy(exact, x);
    }
    return x;
  };
}

const addPlain = defineInPlace("add_", "add");
const subPlain = defineInPlace("sub_", "sub");

const scaled = (place: string, y: Tensor | number | bigint, options: AlphaOptions | undefined) => {
  if (options === undefined) return y;
  checkOptions(place, options, ["alpha"]);
  const { alpha = 1 } = options;
  if (alpha === 1) return y;
  return y instanceof Tensor ? noGrad(() => mul(y, alpha)) : Number(y) * alpha;
};

/** `x ← x + alpha · y`; y broadcasts to x. @example weight.add_(weight.grad, { alpha: -0.1 }) */
export const add_ = (x: Tensor, y: Tensor | number | bigint, options?: AlphaOptions): Tensor => {
  refuseRecorded("add_", x, y);
  return addPlain(x, scaled("add_", y, options));
};
/** `x ← x − alpha · y`; y broadcasts to x. */
export const sub_ = (x: Tensor, y: Tensor | number | bigint, options?: AlphaOptions): Tensor => {
  refuseRecorded("sub_", x, y);
  return subPlain(x, scaled("sub_", y, options));
};
/** `x ← x · y`; y broadcasts to x. */
export const mul_ = defineInPlace("mul_", "mul");
/** `x ← x / y`; y broadcasts to x. @throws {DTypeError} for a tensor of whole numbers */
export const div_ = defineInPlace("div_", "div");
