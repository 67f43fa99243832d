/** Elements repeated, shifted round, and parts of matrices. Each is a copy; gradients come from the ops it is made of. */

import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { checkShape, existingAxis, formatShape, type Shape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { sub } from "./arithmetic.ts";
import { ge, le } from "./comparison.ts";
import { arange, tensor } from "./create.ts";
import { indexSelect } from "./gather.ts";
import { cat } from "./join.ts";
import { readNumbers } from "./read.ts";
import { clone, expand, narrow, reshape, slice, unsqueeze } from "./views.ts";
import { where } from "./where.ts";

/**
 * The whole tensor `times[axis]` times along each axis; more numbers than axes add axes in front.
 * @example tensor([1, 2]).repeat(2, 3) // [[1, 2, 1, 2, 1, 2], [1, 2, 1, 2, 1, 2]]
 * @throws {ShapeError} for fewer numbers than axes
 */
export function repeat(x: Tensor, times: Shape): Tensor {
  checkTensor("repeat", x);
  checkShape("repeat", times);
  const lead = times.length - x.rank;
  if (lead < 0) {
    throw new ShapeError(
      `repeat: ${formatShape(x.shape)} has ${x.rank} axes, got ${times.length} numbers; give one an axis`,
    );
  }
  const sizes = [...new Array<number>(lead).fill(1), ...x.shape];
  const apart = reshape(
    x,
    sizes.flatMap((size) => [1, size]),
  );
  const spread = expand(
    apart,
    sizes.flatMap((size, axis) => [times[axis], size]),
  );
  const shape = sizes.map((size, axis) => times[axis] * size);
  const joined = reshape(spread, shape);
  return joined.storage === x.storage ? clone(joined) : joined;
}

/** As `repeat`, but fewer numbers than axes count from the last axis. */
export function tile(x: Tensor, times: Shape): Tensor {
  checkTensor("tile", x);
  return repeat(x, [...new Array<number>(Math.max(0, x.rank - times.length)).fill(1), ...times]);
}

/**
 * Every element `times` times in a row: along `dim`, or of the flattened tensor.
 * @param times a number, or an int64 [N] of one number for each element along `dim`
 */
export function repeatInterleave(x: Tensor, times: number | Tensor, dim?: number | null): Tensor {
  checkTensor("repeatInterleave", x);
  const [from, axis] =
    dim === undefined || dim === null ? [reshape(x, [-1]), 0] : [x, existingAxis("repeatInterleave", dim, x.rank)];
  const size = from.shape[axis];
  if (typeof times !== "number") checkTensor("repeatInterleave (times)", times);
  const counts = typeof times === "number" ? new Array<number>(size).fill(times) : readNumbers(times);
  if (counts.length !== size && counts.length !== 1) {
    throw new ShapeError(`repeatInterleave: ${counts.length} counts for the ${size} elements of axis ${axis}`);
  }
  const order: bigint[] = [];
  for (let i = 0; i < size; i++) {
    const count = counts[counts.length === 1 ? 0 : i];
    if (!Number.isInteger(count) || count < 0) {
      throw new ArgumentError(`repeatInterleave: counts are whole numbers ≥ 0, got ${count}`);
    }
    for (let k = 0; k < count; k++) order.push(BigInt(i));
  }
  return indexSelect(from, axis, tensor(order, { dtype: "int64" }));
}

/**
 * Elements moved on by `shifts` along `dims`; those that leave at the end come in at the front. Without `dims` the flattened
 * tensor is rolled.
 * @throws {ArgumentError} unless there are as many shifts as axes, all whole
 */
export function roll(x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | null): Tensor {
  checkTensor("roll", x);
  const by = typeof shifts === "number" ? [shifts] : shifts;
  if (!Array.isArray(by) || by.length === 0 || !by.every(Number.isInteger)) {
    throw new ArgumentError(`roll: shifts are whole numbers, got ${String(shifts)}`);
  }
  if (dims === undefined || dims === null) {
    if (by.length !== 1) throw new ArgumentError(`roll: ${by.length} shifts need as many axes in dims`);
    return reshape(rollAlong(reshape(x, [-1]), by[0], 0), x.shape);
  }
  const axes = (typeof dims === "number" ? [dims] : dims).map((dim) => existingAxis("roll", dim, x.rank));
  if (axes.length !== by.length) {
    throw new ArgumentError(`roll: as many shifts as axes expected, got ${by.length} and ${axes.length}`);
  }
  return axes.reduce((rolled, axis, i) => rollAlong(rolled, by[i], axis), x);
}

function rollAlong(x: Tensor, shift: number, axis: number): Tensor {
  const size = x.shape[axis];
  const on = size === 0 ? 0 : ((shift % size) + size) % size;
  if (on === 0) return clone(x);
  return cat([narrow(x, axis, size - on, on), narrow(x, axis, 0, size - on)], axis);
}

/** How far right of the diagonal each place of the last two axes lies: column − row, int64 [rows, columns]. */
function offDiagonal(place: string, x: Tensor): Tensor {
  checkTensor(place, x);
  if (x.rank < 2) throw new ShapeError(`${place}: expects a matrix or a batch of them, got ${formatShape(x.shape)}`);
  const [rows, columns] = x.shape.slice(-2);
  return sub(arange(columns), unsqueeze(arange(rows), 1));
}

function checkDiagonal(place: string, diagonal: number): void {
  if (Number.isInteger(diagonal)) return;
  throw new ArgumentError(`${place}: diagonal is a whole number, got ${String(diagonal)}`);
}

/** The lower triangle of the last two axes, 0 elsewhere. @param diagonal up to which diagonal; 0 is the main one, 1 the one above */
export function tril(x: Tensor, diagonal = 0): Tensor {
  checkDiagonal("tril", diagonal);
  return where(le(offDiagonal("tril", x), diagonal), x, 0);
}

/** The upper triangle of the last two axes, 0 elsewhere. @param diagonal from which diagonal on; 0 is the main one, 1 the one above */
export function triu(x: Tensor, diagonal = 0): Tensor {
  checkDiagonal("triu", diagonal);
  return where(ge(offDiagonal("triu", x), diagonal), x, 0);
}

/** The diagonal of a matrix, [M, N] → [K]; a vector as the diagonal of a square matrix, [K] → [K, K]. @param diagonal as for tril */
export function diag(x: Tensor, diagonal = 0): Tensor {
  checkTensor("diag", x);
  checkDiagonal("diag", diagonal);
  if (x.rank === 1) {
    const size = x.shape[0] + Math.abs(diagonal);
    const row = Math.max(-diagonal, 0);
    const column = Math.max(diagonal, 0);
    const middle = expand(unsqueeze(x, 0), [x.shape[0], x.shape[0]]);
    const square = padded(padded(middle, row, size - row - x.shape[0], 0), column, size - column - x.shape[0], 1);
    const at = offDiagonal("diag", square);
    return where(le(at, diagonal), where(ge(at, diagonal), square, 0), 0);
  }
  if (x.rank !== 2) throw new ShapeError(`diag: expects a vector or a matrix, got ${formatShape(x.shape)}`);
  const [rows, columns] = x.shape;
  const [row, column] = [Math.max(-diagonal, 0), Math.max(diagonal, 0)];
  const count = Math.max(0, Math.min(rows - row, columns - column));
  const flat = reshape(x, [-1]);
  const start = row * columns + column;
  const end = count === 0 ? start : start + (count - 1) * (columns + 1) + 1;
  return clone(slice(flat, 0, start, end, columns + 1));
}

/** `before` and `after` copies of an edge along `axis`; what stands there is of no matter. */
function padded(x: Tensor, before: number, after: number, axis: number): Tensor {
  if (before + after === 0 || x.shape[axis] === 0) return x;
  const edge = narrow(x, axis, 0, 1);
  const grown = (count: number) =>
    expand(
      edge,
      edge.shape.map((n, i) => (i === axis ? count : n)),
    );
  return cat([grown(before), x, grown(after)], axis);
}

/**
 * The differences of neighbours along `dim`, `n` times over: each time one element fewer.
 * @throws {ArgumentError} unless n ≥ 0 is whole
 */
export function diff(x: Tensor, n = 1, dim = -1): Tensor {
  checkTensor("diff", x);
  if (!Number.isInteger(n) || n < 0) throw new ArgumentError(`diff: n must be a whole number ≥ 0, got ${n}`);
  const axis = existingAxis("diff", dim, x.rank);
  let out = x;
  for (let i = 0; i < n && out.shape[axis] > 0; i++) {
    const size = out.shape[axis];
    out = sub(narrow(out, axis, 1, size - 1), narrow(out, axis, 0, size - 1));
  }
  return out;
}
