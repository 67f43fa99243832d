/**
 * Packed rows: the steps of a padded batch without its padding. Step by step they hold the rows of the sequences that are
 * still running, the longest first: with lengths 3, 2, 1 the steps have 3, 2 and 1 rows, and the packed data 6.
 *
 *   padded  [T, B, …]   a b c      packed  [N, …]   a b c d e f     sizes  3, 2, 1
 *                       d e ·
 *                       f · ·
 */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate, viewOf } from "../backend/allocate.ts";
import type { Tensor } from "../tensor/tensor.ts";

const packOp = defineOp({
  name: "packRows",
  forward(kernels, padded: Tensor, sizes: readonly number[]) {
    const [steps, , ...rest] = padded.shape;
    const output = allocate([sizes.reduce((a, b) => a + b, 0), ...rest], padded.dtype);
    eachStep(padded, output, sizes, (from, to) => kernels.copy(from, to));
    return { output, saved: { sizes, steps } };
  },
  backward(_, dy, { sizes, steps }): Gradients {
    return [padOp(dy, sizes, steps, 0)];
  },
});

const padOp = defineOp({
  name: "padRows",
  forward(kernels, packed: Tensor, sizes: readonly number[], steps: number, value: number) {
    const output = allocate([steps, sizes[0], ...packed.shape.slice(1)], packed.dtype);
    if (value !== 0) kernels.fill(output, value);
    eachStep(output, packed, sizes, (to, from) => kernels.copy(from, to));
    return { output, saved: sizes };
  },
  backward(_, dy, sizes): Gradients {
    return [packOp(dy, sizes)];
  },
});

/** Visits the rows of each step, in the padded tensor and in the packed one. */
function eachStep(
  padded: Tensor,
  packed: Tensor,
  sizes: readonly number[],
  visit: (padded: Tensor, packed: Tensor) => void,
): void {
  const [stepStride, ...strides] = padded.strides;
  let row = 0;
  sizes.forEach((size, t) => {
    const shape = [size, ...packed.shape.slice(1)];
    visit(
      viewOf(padded, shape, strides, padded.offset + t * stepStride),
      viewOf(packed, shape, packed.strides, packed.offset + row * packed.strides[0]),
    );
    row += size;
  });
}

/**
 * `(padded [T, B, …], sizes [≤ T]) → [N, …]`: the rows that are no padding, step by step.
 * @param sizes rows at each step, never growing; N is their sum
 */
export const packRows = (padded: Tensor, sizes: readonly number[]): Tensor => packOp(padded, sizes);

/** `(packed [N, …], sizes) → [steps, B, …]`: the rows back in their places, `value` in all others. */
export const padRows = (packed: Tensor, sizes: readonly number[], steps: number, value = 0): Tensor =>
  padOp(packed, sizes, steps, value);
