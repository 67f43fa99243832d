/**
 * Arithmetic with two operands. Shapes broadcast and dtypes promote as in PyTorch; either operand may be a plain number.
 */

import { defineOp } from "../autograd/define-op.ts";
import { allocateOutput } from "../backend/allocate.ts";
import type { BinaryKernel } from "../backend/backend.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { type DType, floatingDType, isFloating, promote, promoteWithScalar, scalarAs } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import { broadcastShapes, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { eq, gt, lt } from "./comparison.ts";
import { log, neg, square } from "./element-wise.ts";
import { readNumbers } from "./read.ts";
import { sumTo } from "./reductions.ts";
import { where } from "./where.ts";

export type TensorOrNumber = Tensor | number | bigint;

export interface AlphaOptions {
  /** What y is multiplied by first. Default 1. */
  readonly alpha?: number;
}

/** Gradients of x and y for output `out`, before they are summed over broadcast axes; null where not needed. */
type Rule = (
  dy: Tensor,
  x: TensorOrNumber,
  y: TensorOrNumber,
  out: Tensor,
  needs: readonly boolean[],
) => readonly [Tensor | null, Tensor | null];

interface Saved {
  x: TensorOrNumber;
  y: TensorOrNumber;
  out: Tensor;
}

/**
 * An op on two operands of one dtype.
 * @param keep what the rule reads besides dy, so that nothing else is kept alive
 */
function defineBinary(kernel: BinaryKernel, keep: { x?: boolean; y?: boolean; out?: boolean }, rule: Rule) {
  const op = defineOp({
    name: kernel,
    forward(kernels, x: TensorOrNumber, y: TensorOrNumber) {
      const shape =
        x instanceof Tensor ? (y instanceof Tensor ? broadcastShapes(kernel, x.shape, y.shape) : x.shape) : shapeOf(y);
      const output = allocateOutput(shape, (x instanceof Tensor ? x : (y as Tensor)).dtype);
      kernels.binary(kernel, x, y, output);
      const shapes = [shapeOf(x), shapeOf(y)] as const;
      const saved: Saved & { shapes: readonly [Shape, Shape] } = {
        x: keep.x || typeof x !== "object" ? x : 0,
        y: keep.y || typeof y !== "object" ? y : 0,
        out: keep.out ? output : EMPTY,
        shapes,
      };
      return { output, saved };
    },
    backward(_, dy, { x, y, out, shapes }, { needs }) {
      const [dx, dyy] = rule(dy, x, y, out, needs);
      return [dx === null ? null : sumTo(dx, shapes[0]), dyy === null ? null : sumTo(dyy, shapes[1])];
    },
  });
  return (x: TensorOrNumber, y: TensorOrNumber, dtype: DType = commonDType(kernel, x, y)): Tensor =>
    op(castOperand(x, dtype), castOperand(y, dtype));
}

const EMPTY = null as unknown as Tensor; // stands where a rule declared that it does not read the output
const shapeOf = (x: TensorOrNumber): Shape => (x instanceof Tensor ? x.shape : []);

/** A tensor cast to `dtype`, or a number as one of its elements would hold it. */
export const castOperand = (x: TensorOrNumber, dtype: DType): TensorOrNumber =>
  x instanceof Tensor ? cast(x, dtype) : scalarAs(dtype, x);

/** The dtype both operands are brought to. @throws {DTypeError} if neither is a tensor */
export function commonDType(place: string, x: unknown, y: unknown): DType {
  if (x instanceof Tensor) {
    if (y instanceof Tensor) return x.dtype === y.dtype ? x.dtype : promoteTensors(x, y);
    return promoteWithScalar(x.dtype, checkNumber(place, y));
  }
  if (y instanceof Tensor) return promoteWithScalar(y.dtype, checkNumber(place, x));
  throw new DTypeError(`${place}: one of the two operands must be a tensor, got ${typeof x} and ${typeof y}`);
}

/** As in PyTorch, a 0-d tensor does not lift the dtype of one with axes inside the same category. */
function promoteTensors(x: Tensor, y: Tensor): DType {
  if (x.rank === 0 && y.rank > 0) return promoteZeroDim(y.dtype, x.dtype);
  if (y.rank === 0 && x.rank > 0) return promoteZeroDim(x.dtype, y.dtype);
  return promote(x.dtype, y.dtype);
}

const CATEGORY: Record<DType, number> = { bool: 0, uint8: 1, int32: 1, int64: 1, float32: 2, float64: 2 };
const promoteZeroDim = (withAxes: DType, zeroDim: DType): DType =>
  CATEGORY[withAxes] >= CATEGORY[zeroDim] ? withAxes : promote(withAxes, zeroDim);

function checkNumber(place: string, value: unknown): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw new DTypeError(
    `${place}: an operand must be a tensor or a number, got ${value === null ? "null" : typeof value}`,
  );
}

const addOp = defineBinary("add", {}, (dy) => [dy, dy]);
const subOp = defineBinary("sub", {}, (dy, _x, _y, _out, needs) => [dy, needs[1] ? neg(dy) : null]);
const mulOp = defineBinary("mul", { x: true, y: true }, (dy, x, y, _out, needs) => [
  needs[0] ? mul(dy, y) : null,
  needs[1] ? mul(dy, x) : null,
]);
const divOp = defineBinary("div", { y: true, out: true }, (dy, _x, y, out, needs) => [
  needs[0] ? div(dy, y) : null,
  needs[1] ? neg(div(mul(dy, out), y)) : null,
]);
const powOp = defineBinary("pow", { x: true, y: true, out: true }, (dy, x, y, out, needs) => [
  needs[0] ? powGradientOfBase(dy, x as Tensor, y) : null,
  needs[1] ? powGradientOfExponent(dy, x, y as Tensor, out) : null,
]);
const maximumOp = defineBinary("maximum", { x: true, y: true }, (dy, x, y) => shareByOrder(dy, x, y, gt));
const minimumOp = defineBinary("minimum", { x: true, y: true }, (dy, x, y) => shareByOrder(dy, x, y, lt));
const remainderOp = defineBinary("remainder", { x: true, y: true }, (dy, x, y, _out, needs) => [
  dy,
  needs[1] ? neg(mul(dy, floorDivide(x, y))) : null,
]);
const floorDivideOp = defineBinary("floorDivide", {}, () => [null, null]);
const atan2Op = defineBinary("atan2", { x: true, y: true }, (dy, y, x, _out, needs) => {
  const scale = div(dy, add(squared(y), squared(x)));
  return [needs[0] ? mul(scale, x) : null, needs[1] ? neg(mul(scale, y)) : null];
});

const squared = (x: TensorOrNumber): TensorOrNumber => (x instanceof Tensor ? square(x) : Number(x) ** 2);

/** d(xʸ)/dx = y x^(y − 1), and 0 where y is 0. */
function powGradientOfBase(dy: Tensor, x: Tensor, y: TensorOrNumber): Tensor {
  if (y instanceof Tensor) return where(eq(y, 0), 0, mul(dy, mul(y, pow(x, sub(y, 1)))));
  if (Number(y) === 0) return mul(dy, 0);
  return mul(dy, mul(pow(x, Number(y) - 1), Number(y)));
}

/** d(xʸ)/dy = xʸ log x, and 0 where x is 0. */
function powGradientOfExponent(dy: Tensor, x: TensorOrNumber, y: Tensor, out: Tensor): Tensor {
  if (x instanceof Tensor) return where(eq(x, 0), 0, mul(dy, mul(out, log(x))));
  if (Number(x) === 0) return mul(mul(dy, 0), y);
  return mul(dy, mul(out, Math.log(Number(x))));
}

/** The gradient goes to the operand that did not lose, half to each at a tie; beside a NaN, to both. */
function shareByOrder(
  dy: Tensor,
  x: TensorOrNumber,
  y: TensorOrNumber,
  wins: (x: TensorOrNumber, y: TensorOrNumber) => Tensor,
): readonly [Tensor, Tensor] {
  const shared = where(eq(x, y), mul(dy, 0.5), dy);
  return [where(wins(y, x), 0, shared), where(wins(x, y), 0, shared)];
}

/** `x + alpha · y`. */
export function add(x: TensorOrNumber, y: TensorOrNumber, options?: AlphaOptions): Tensor {
  return addOp(x, options === undefined ? y : times("add", y, options));
}

/** `x − alpha · y`. @throws {DTypeError} for bool tensors, which have no difference: use logicalXor */
export function sub(x: TensorOrNumber, y: TensorOrNumber, options?: AlphaOptions): Tensor {
  if ([x, y].some((operand) => operand instanceof Tensor && operand.dtype === "bool")) {
    throw new DTypeError("sub: bool tensors cannot be subtracted; use logicalXor or cast them first");
  }
  return subOp(x, options === undefined ? y : times("sub", y, options));
}

function refuseBool(place: string, x: TensorOrNumber, y: TensorOrNumber): void {
  if (commonDType(place, x, y) === "bool") throw new DTypeError(`${place}: bool tensors have none; cast them first`);
}

/** Whole numbers have no infinity to answer a division by 0 with. */
function refuseZeroDivisor(place: string, x: TensorOrNumber, y: TensorOrNumber): void {
  if (isFloating(commonDType(place, x, y))) return;
  if (y instanceof Tensor ? readNumbers(y).includes(0) : Number(y) === 0) {
    throw new ArgumentError(`${place}: whole numbers are divided by 0; cast to float32 first to get inf and nan`);
  }
}

function times(place: string, y: TensorOrNumber, options: AlphaOptions): TensorOrNumber {
  checkOptions(place, options, ["alpha"]);
  const { alpha = 1 } = options;
  if (alpha === 1) return y;
  return y instanceof Tensor ? mul(y, alpha) : Number(y) * alpha;
}

/** `x · y`, element by element. */
export const mul = (x: TensorOrNumber, y: TensorOrNumber): Tensor => mulOp(x, y);

/** `x / y`; whole numbers divide to float32. */
export function div(x: TensorOrNumber, y: TensorOrNumber): Tensor {
  return divOp(x, y, floatingDType(commonDType("div", x, y)));
}

/** `xʸ`. @throws {ArgumentError} for whole numbers to a negative power, which is not whole: cast them to float32 first */
export function pow(x: TensorOrNumber, y: TensorOrNumber): Tensor {
  refuseBool("pow", x, y);
  if (!(y instanceof Tensor) && y < 0 && !isFloating(commonDType("pow", x, y))) {
    throw new ArgumentError(`pow: whole numbers to the power ${y} are not whole; cast first: x.to("float32")`);
  }
  return powOp(x, y);
}
/** The larger of the two; NaN wins. */
export const maximum = (x: TensorOrNumber, y: TensorOrNumber): Tensor => maximumOp(x, y);
/** The smaller of the two; NaN wins. */
export const minimum = (x: TensorOrNumber, y: TensorOrNumber): Tensor => minimumOp(x, y);

/** `x − y ⌊x / y⌋`, with the sign of the divisor: Python's %. @throws {ArgumentError} for whole numbers divided by 0 */
export function remainder(x: TensorOrNumber, y: TensorOrNumber): Tensor {
  refuseBool("remainder", x, y);
  refuseZeroDivisor("remainder", x, y);
  return remainderOp(x, y);
}

/** `⌊x / y⌋`: Python's //. @throws {ArgumentError} for whole numbers divided by 0 */
export function floorDivide(x: TensorOrNumber, y: TensorOrNumber): Tensor {
  refuseBool("floorDivide", x, y);
  refuseZeroDivisor("floorDivide", x, y);
  return floorDivideOp(x, y);
}

/** The angle of the point (x, y), from −π to π. */
export function atan2(y: TensorOrNumber, x: TensorOrNumber): Tensor {
  return atan2Op(y, x, floatingDType(commonDType("atan2", y, x)));
}
