/** Choosing between two tensors, element by element. */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import { isFloating, scalarAs } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import { broadcastShapes, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { castOperand, commonDType, maximum, minimum, type TensorOrNumber } from "./arithmetic.ts";
import { sumTo } from "./reductions.ts";

const whereOp = defineOp({
  name: "where",
  forward(kernels, condition: Tensor, x: TensorOrNumber, y: TensorOrNumber) {
    const shapeOf = (v: TensorOrNumber): Shape => (v instanceof Tensor ? v.shape : []);
    const both = broadcastShapes("where", shapeOf(x), shapeOf(y));
    const dtype = (x instanceof Tensor ? x : (y as Tensor)).dtype;
    const output = allocate(broadcastShapes("where", condition.shape, both), dtype);
    kernels.where(condition, x, y, output);
    return { output, saved: { condition, shapes: [shapeOf(x), shapeOf(y)] as const } };
  },
  backward(_, dy, { condition, shapes }, { needs }): Gradients {
    return [
      null,
      needs[1] ? sumTo(whereOp(condition, dy, 0), shapes[0]) : null,
      needs[2] ? sumTo(whereOp(condition, 0, dy), shapes[1]) : null,
    ];
  },
});

/**
 * `condition ? x : y` for every element; all three broadcast.
 * @param condition a bool tensor
 */
export function where(condition: Tensor, x: TensorOrNumber, y: TensorOrNumber): Tensor {
  if (condition.dtype !== "bool") {
    throw new DTypeError(
      `where: the condition must be a bool tensor, got ${condition.dtype}; compare first, as in x.gt(0)`,
    );
  }
  const dtype = commonDType("where", x, y);
  return whereOp(condition, castOperand(x, dtype), castOperand(y, dtype));
}

/** x where the mask is false, `value` where it is true. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  if (mask.dtype !== "bool") {
    throw new DTypeError(`maskedFill: the mask must be a bool tensor, got ${mask.dtype}; compare first, as in x.gt(0)`);
  }
  broadcastShapes("maskedFill", x.shape, mask.shape);
  return where(mask, value, x);
}

const clampOp = defineOp({
  name: "clamp",
  forward(kernels, x: Tensor, min: number, max: number) {
    const output = allocate(x.shape, x.dtype);
    kernels.binary("maximum", x, min, output);
    kernels.binary("minimum", output, max, output);
    return { output, saved: { x, min, max } };
  },
  backward(kernels, dy, { x, min, max }) {
    // The gradient passes at the edges too, as in PyTorch.
    const inside = allocate(x.shape, "bool");
    const below = allocate(x.shape, "bool");
    kernels.binary("ge", x, min, inside);
    kernels.binary("le", x, max, below);
    kernels.binary("logicalAnd", inside, below, inside);
    return [whereOp(inside, dy, 0)];
  },
});

/**
 * Elements below `min` become `min`, those above `max` become `max`; either may be left out, but not both.
 * @throws {ArgumentError} without any limit
 */
export function clamp(x: Tensor, limits: { min?: number; max?: number }): Tensor {
  const { min, max } = limits;
  if (min === undefined && max === undefined) {
    throw new ArgumentError("clamp: give a limit: { min }, { max } or both");
  }
  if (isFloating(x.dtype)) {
    const limit = (value: number) => Number(scalarAs(x.dtype, value));
    return clampOp(x, limit(min ?? Number.NEGATIVE_INFINITY), limit(max ?? Number.POSITIVE_INFINITY));
  }
  const raised = min === undefined ? x : maximum(x, min);
  return max === undefined ? raised : minimum(raised, max);
}
