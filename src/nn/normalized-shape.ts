/** The last axes of a tensor, over which layer norms normalise. */

import { ShapeError } from "../tensor/errors.ts";
import { formatShape, type Shape, sameShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";

/** A size or a list of sizes, as a list. */
export function normalizedShapeOf(place: string, shape: number | Shape): Shape {
  if (typeof shape !== "number" && !Array.isArray(shape)) {
    throw new ShapeError(
      `${place}: normalizedShape must be a size or a list of sizes, as 32 or [4, 8], got ${typeof shape}`,
    );
  }
  const list = typeof shape === "number" ? [shape] : [...shape];
  if (list.length === 0) throw new ShapeError(`${place}: normalizedShape must name at least one axis`);
  for (const size of list) checkSize(place, "normalizedShape", size);
  return list;
}

/** The axes, counted from the end. @throws {ShapeError} if x does not end with `shape` */
export function lastAxes(place: string, x: Tensor, shape: Shape): number[] {
  checkTensor(place, x);
  if (!Array.isArray(shape)) throw new ShapeError(`${place}: normalizedShape must be a list of sizes, as [32]`);
  if (!sameShape(x.shape.slice(x.rank - shape.length), shape) || x.rank < shape.length) {
    throw new ShapeError(
      `${place}: x must end with ${formatShape(shape)} (normalizedShape), got ${formatShape(x.shape)}`,
    );
  }
  return shape.map((_, i) => i - shape.length);
}
