/** Choosing between two tensors, element by element. */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { isFloating, scalarAs } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { broadcastShapes, formatShape, type Shape } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { castOperand, commonDType, maximum, minimum, type TensorOrNumber } from "./arithmetic.ts";
import { cast } from "./cast.ts";
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
 * @param condition a bool tensor (or uint8, where anything but 0 is true)
 */
export function where(condition: Tensor, x: TensorOrNumber, y: TensorOrNumber): Tensor {
  checkTensor("where", condition);
  if (condition.dtype !== "bool" && condition.dtype !== "uint8") {
    throw new DTypeError(
      `where: the condition must be a bool tensor, got ${condition.dtype}; compare first, as in x.gt(0)`,
    );
  }
  const dtype = commonDType("where", x, y);
  return whereOp(condition, castOperand(x, dtype), castOperand(y, dtype));
}

/** x where the mask is false, `value` where it is true. */
export function maskedFill(x: Tensor, mask: Tensor, value: TensorOrNumber): Tensor {
  checkTensor("maskedFill", x);
  checkTensor("maskedFill", mask);
  if (value instanceof Tensor && value.rank > 0) {
    throw new ShapeError(`maskedFill: the value must be a number or 0-d, got ${formatShape(value.shape)}; use where`);
  }
  if (mask.dtype !== "bool") {
    throw new DTypeError(`maskedFill: the mask must be a bool tensor, got ${mask.dtype}; compare first, as in x.gt(0)`);
  }
  broadcastShapes("maskedFill", x.shape, mask.shape);
  return where(mask, value instanceof Tensor ? cast(value, x.dtype) : value, x);
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

export interface ClampLimits {
  readonly min?: number | null;
  readonly max?: number | null;
}

/** `clamp(x, 0, 1)` and `clamp(x, { min: 0, max: 1 })` as limits. @throws {ArgumentError} without any limit */
export function clampLimits(
  place: string,
  min: number | null | undefined | ClampLimits,
  max: number | null | undefined,
): { min: number | null; max: number | null } {
  const named = typeof min === "object" && min !== null && !(min instanceof Tensor);
  if (named) checkOptions(place, min, ["min", "max"]);
  if (named && max !== undefined) throw new ArgumentError(`${place}: limits come once, as (min, max) or { min, max }`);
  const limits = named ? min : { min: min as number | null | undefined, max };
  for (const limit of [limits.min, limits.max]) {
    if (limit === undefined || limit === null || typeof limit === "number") continue;
    const cure = (limit as unknown) instanceof Tensor ? "; for tensors use maximum and minimum" : "";
    throw new ArgumentError(
      `${place}: a limit is a number, got ${limit === Object(limit) ? "a tensor" : limit}${cure}`,
    );
  }
  if ((limits.min ?? null) === null && (limits.max ?? null) === null) {
    throw new ArgumentError(`${place}: give a limit: { min }, { max } or both`);
  }
  return { min: limits.min ?? null, max: limits.max ?? null };
}

/**
 * Elements below `min` become `min`, those above `max` become `max`; either may be left out, but not both.
 * @throws {ArgumentError} without any limit
 * @example x.clamp(0, 1); x.clamp({ min: 0 }); x.clamp(null, 5)
 */
export function clamp(x: Tensor, min?: number | null | ClampLimits, max?: number | null): Tensor {
  checkTensor("clamp", x);
  const limits = clampLimits("clamp", min, max);
  if (isFloating(x.dtype)) {
    const limit = (value: number) => Number(scalarAs(x.dtype, value));
    return clampOp(x, limit(limits.min ?? Number.NEGATIVE_INFINITY), limit(limits.max ?? Number.POSITIVE_INFINITY));
  }
  const raised = limits.min === null ? x : maximum(x, limits.min);
  return limits.max === null ? raised : minimum(raised, limits.max);
}
