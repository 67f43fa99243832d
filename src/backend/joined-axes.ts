/** Views with as few axes as possible, for kernels that take one, two or four. */

import { broadcastStrides, type Shape } from "../tensor/shape.ts";
import type { View } from "./backend.ts";

export interface JoinedAxes {
  /** Sizes above 1; empty for a single element. */
  readonly sizes: number[];
  /** Per operand, its stride along each of them. */
  readonly strides: number[][];
}

/**
 * Broadcasts the operands to `shape`, drops axes of size 1 and joins neighbours that every operand crosses evenly: contiguous operands
 * make a single axis.
 */
export function joinAxes(shape: Shape, operands: readonly View[]): JoinedAxes {
  const sizes: number[] = [];
  const full = operands.map((view) => broadcastStrides(view.shape, view.strides, shape));
  const strides: number[][] = operands.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis];
    if (size === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && full.every((each, i) => strides[i][last] === each[axis] * size)) {
      sizes[last] *= size;
      for (let i = 0; i < operands.length; i++) strides[i][last] = full[i][axis];
    } else {
      sizes.push(size);
      for (let i = 0; i < operands.length; i++) strides[i].push(full[i][axis]);
    }
  }
  return { sizes, strides };
}
