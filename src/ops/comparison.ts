/** Comparisons and logic: bool tensors out, no gradients. Shapes broadcast, dtypes promote. */

import { allocate } from "../backend/allocate.ts";
import type { BinaryKernel } from "../backend/backend.ts";
import { backend } from "../backend/select.ts";
import { broadcastShapes } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { castOperand, commonDType, type TensorOrNumber } from "./arithmetic.ts";

function compare(kernel: BinaryKernel, x: TensorOrNumber, y: TensorOrNumber): Tensor {
  const dtype = commonDType(kernel, x, y);
  const shape = broadcastShapes(kernel, x instanceof Tensor ? x.shape : [], y instanceof Tensor ? y.shape : []);
  const output = allocate(shape, "bool");
  backend().binary(kernel, castOperand(x, dtype), castOperand(y, dtype), output);
  return output;
}

/** Where x = y; NaN equals nothing. bool. */
export const eq = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("eq", x, y);
/** Where x ≠ y. bool. */
export const ne = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("ne", x, y);
/** Where x < y. bool. */
export const lt = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("lt", x, y);
/** Where x ≤ y. bool. */
export const le = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("le", x, y);
/** Where x > y. bool. */
export const gt = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("gt", x, y);
/** Where x ≥ y. bool. */
export const ge = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("ge", x, y);
/** Where neither is 0. bool. */
export const logicalAnd = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("logicalAnd", x, y);
/** Where one at least is not 0. bool. */
export const logicalOr = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("logicalOr", x, y);
/** Where just one is not 0. bool. */
export const logicalXor = (x: TensorOrNumber, y: TensorOrNumber): Tensor => compare("logicalXor", x, y);

function test(kernel: "logicalNot" | "isNaN" | "isFinite", x: Tensor): Tensor {
  checkTensor(kernel, x);
  const output = allocate(x.shape, "bool");
  backend().unary(kernel, x, output);
  return output;
}

/** Where x is 0. bool. */
export const logicalNot = (x: Tensor): Tensor => test("logicalNot", x);
/** True where an element is NaN. */
export const isnan = (x: Tensor): Tensor => test("isNaN", x);
/** True where an element is neither NaN nor infinite. */
export const isfinite = (x: Tensor): Tensor => test("isFinite", x);
/** True where an element is infinite, of either sign. */
export const isinf = (x: Tensor): Tensor => logicalNot(logicalOr(isfinite(x), isnan(x)));
