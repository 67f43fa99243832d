/** One loop for every strided operation: runs over several views of one shape in step, row by row. */

import type { Shape } from "../../tensor/shape.ts";

export interface Operand {
  readonly strides: readonly number[];
  readonly offset: number;
}

/**
 * Calls `row(count, starts, steps)` for each run of elements along the innermost axis: `starts[i]` is where operand i's run
 * begins and `steps[i]` how far apart its elements lie. Neighbouring axes that every operand crosses evenly are joined
 * first, so contiguous operands make a single run.
 */
export function forEachRow(
  shape: Shape,
  operands: readonly Operand[],
  row: (count: number, starts: readonly number[], steps: readonly number[]) => void,
): void {
  const sizes: number[] = [];
  const strides: number[][] = operands.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis];
    if (size === 0) return;
    if (size === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && operands.every((operand, i) => strides[i][last] === operand.strides[axis] * size)) {
      sizes[last] *= size;
      for (let i = 0; i < operands.length; i++) strides[i][last] = operands[i].strides[axis];
    } else {
      sizes.push(size);
      for (let i = 0; i < operands.length; i++) strides[i].push(operands[i].strides[axis]);
    }
  }
  const starts = operands.map((operand) => operand.offset);
  if (sizes.length === 0) {
    row(1, starts, starts);
    return;
  }
  const inner = sizes.length - 1;
  const count = sizes[inner];
  const steps = strides.map((list) => list[inner]);
  const position = new Array<number>(inner).fill(0);
  for (;;) {
    row(count, starts, steps);
    let axis = inner - 1;
    for (; axis >= 0; axis--) {
      const wraps = ++position[axis] === sizes[axis];
      const move = wraps ? 1 - sizes[axis] : 1;
      for (let i = 0; i < starts.length; i++) starts[i] += move * strides[i][axis];
      if (!wraps) break;
      position[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** The shape and operands of a walk over all axes but one, and the size and steps of that one. */
export function withoutAxis(
  shape: Shape,
  axis: number,
  operands: readonly Operand[],
): { shape: Shape; operands: Operand[]; size: number; steps: number[] } {
  const drop = <T>(list: readonly T[]) => [...list.slice(0, axis), ...list.slice(axis + 1)];
  return {
    shape: drop(shape),
    operands: operands.map(({ strides, offset }) => ({ strides: drop(strides), offset })),
    size: shape.length === 0 ? 1 : shape[axis],
    steps: operands.map(({ strides }) => (shape.length === 0 ? 0 : strides[axis])),
  };
}
