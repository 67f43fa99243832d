/** Filling a tensor of any layout in the order of memory, as PyTorch draws: the numbers follow memory, not the axes. */

import { allocate, viewOf } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { elementsOfNew } from "./new-elements.ts";

/** The axes from the one with the widest strides to the one with the narrowest: the order of memory. */
export const memoryOrder = (x: Tensor): number[] =>
  x.shape.map((_, axis) => axis).sort((a, b) => x.strides[b] - x.strides[a] || a - b);

/** x with its axes in that order, as a view. */
export const permuted = (x: Tensor, axes: readonly number[]): Tensor =>
  viewOf(
    x,
    axes.map((axis) => x.shape[axis]),
    axes.map((axis) => x.strides[axis]),
  );

/** Lets `draw` fill as many elements as x has, and puts them into x in the order of memory. */
export function drawInto(x: Tensor, draw: (out: TypedArray) => void): Tensor {
  const target = permuted(x, memoryOrder(x));
  const drawn = allocate(target.shape, x.dtype);
  draw(elementsOfNew(drawn));
  x.storage.version++;
  backend().copy(drawn, target);
  return x;
}
