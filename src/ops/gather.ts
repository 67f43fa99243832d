/** Picking elements along an axis by an index tensor, and adding them back. */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { DTypeError, ShapeError } from "../tensor/errors.ts";
import { existingAxis, formatShape, normalizeAxis, type Shape, sameShape } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { add, maximum } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { ge } from "./comparison.ts";
import { elementsOfNew } from "./new-elements.ts";
import { readNumbers } from "./read.ts";
import { narrow, reshape } from "./views.ts";
import { where } from "./where.ts";

const gatherOp = defineOp({
  name: "gather",
  forward(kernels, x: Tensor, axis: number, index: Tensor) {
    const output = allocate(index.shape, x.dtype);
    kernels.gather(x, axis, index, output);
    return { output, saved: { shape: x.shape, axis, index } };
  },
  backward(_, dy, { shape, axis, index }) {
    return [scatterAlong(dy, axis, index, shape)];
  },
});

const scatterOp = defineOp({
  name: "scatterAdd",
  forward(kernels, x: Tensor, axis: number, index: Tensor, shape: Shape) {
    const output = allocate(shape, x.dtype);
    kernels.scatterAdd(x, axis, index, output);
    return { output, saved: { axis, index } };
  },
  backward(_, dy, { axis, index }) {
    return [gatherOp(dy, axis, index)];
  },
});

/** `out[…, i, …] = x[…, index[…, i, …], …]`; the index is trusted. */
export const gatherAlong = (x: Tensor, dim: number, index: Tensor): Tensor =>
  gatherOp(x, normalizeAxis("gather", dim, x.rank), index);

/** A tensor of zeros of `shape`, with x's elements added where `index` says; the index is trusted. */
export const scatterAlong = (x: Tensor, dim: number, index: Tensor, shape: Shape): Tensor =>
  scatterOp(x, normalizeAxis("scatterAdd", dim, x.rank), index, shape);

/**
 * Elements of `x` along `dim`, chosen by `index`: `out[i][j] = x[index[i][j]][j]` for dim 0.
 * @param index int64 or int32, of x's rank, no larger than x along the other axes
 * @returns a tensor of index's shape
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  checkTensor("gather", x);
  const axis = normalizeAxis("gather", dim, x.rank);
  checkIndex("gather", index, x.shape, axis);
  return gatherOp(x, axis, cast(index, "int64"));
}

/**
 * `x` with `source` added where `index` says along `dim`.
 * @param index int64 or int32, of source's rank and no larger than source
 * @param source of x's dtype
 */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  checkTensor("scatterAdd", x);
  const axis = normalizeAxis("scatterAdd", dim, x.rank);
  checkIndex("scatterAdd", index, x.shape, axis);
  checkSource("scatterAdd", x, index, source);
  const used = narrowTo(source, index.shape);
  return scatterIntoOp(x, axis, cast(index, "int64"), used);
}

const scatterIntoOp = defineOp({
  name: "scatterAddTo",
  forward(kernels, x: Tensor, axis: number, index: Tensor, source: Tensor) {
    const output = allocate(x.shape, x.dtype);
    kernels.copy(x, output);
    kernels.scatterAdd(source, axis, index, output);
    return { output, saved: { axis, index } };
  },
  backward(_, dy, { axis, index }) {
    return [dy, null, null, gatherOp(dy, axis, index)];
  },
});

/**
 * `x` with `source` in the places that `index` names along `dim`; where several go to one place the last one stays. As
 * `scatterAdd`, but replacing.
 * @param index int64 or int32, of x's rank
 * @param source of x's dtype and no smaller than index, or a number
 */
export function scatter(x: Tensor, dim: number, index: Tensor, source: Tensor | number): Tensor {
  checkTensor("scatter", x);
  const axis = normalizeAxis("scatter", dim, x.rank);
  checkIndex("scatter", index, x.shape, axis);
  if (source instanceof Tensor) checkSource("scatter", x, index, source);
  const winners = lastWriters(x.shape, axis, index);
  const written = ge(winners, 0);
  if (!(source instanceof Tensor)) return where(written, source, x);
  const from = reshape(narrowTo(source, index.shape), [-1]);
  if (from.elementCount === 0) return where(written, 0, x);
  const chosen = gatherOp(from, 0, reshape(maximum(winners, 0), [-1]));
  return where(written, reshape(chosen, x.shape), x);
}

/** For every place of `shape` the last element of `index`, counted row-major, that names it; -1 where none does. */
function lastWriters(shape: Shape, axis: number, index: Tensor): Tensor {
  const out = allocate(shape, "int64");
  const writers = elementsOfNew(out) as BigInt64Array;
  writers.fill(-1n);
  const strides = out.strides;
  readNumbers(index).forEach((target, flat) => {
    let at = 0;
    for (let i = index.rank - 1, rest = flat; i >= 0; i--) {
      at += (i === axis ? target : rest % index.shape[i]) * strides[i];
      rest = Math.floor(rest / index.shape[i]);
    }
    writers[at] = BigInt(flat);
  });
  return out;
}

/**
 * `x` with the rows of `source` added along `dim` to the rows that `index` names, times `alpha`.
 * @param index [N], int64 or int32
 * @param source x's shape with N along `dim`
 */
export function indexAdd(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: { readonly alpha?: number } = {},
): Tensor {
  checkTensor("indexAdd", x);
  checkOptions("indexAdd", options, ["alpha"]);
  const axis = existingAxis("indexAdd", dim, x.rank);
  checkIndexDType("indexAdd", index);
  if (index.rank !== 1) {
    throw new ShapeError(`indexAdd: the index must have one axis, got ${formatShape(index.shape)}`);
  }
  checkTensor("indexAdd (source)", source);
  const expected = x.shape.map((n, i) => (i === axis ? index.shape[0] : n));
  if (!sameShape(source.shape, expected)) {
    throw new ShapeError(`indexAdd: the source must be ${formatShape(expected)}, got ${formatShape(source.shape)}`);
  }
  checkRange("indexAdd", index, x.shape[axis]);
  const added = addRows(cast(source, x.dtype), axis, readNumbers(index), x.shape);
  return add(x, added, options);
}

function checkSource(place: string, x: Tensor, index: Tensor, source: Tensor): void {
  checkTensor(`${place} (source)`, source);
  if (source.dtype !== x.dtype) {
    throw new DTypeError(`${place}: the source is ${source.dtype}, x ${x.dtype}; cast it: source.to("${x.dtype}")`);
  }
  if (source.rank !== index.rank || index.shape.some((size, i) => size > source.shape[i])) {
    throw new ShapeError(
      `${place}: the index ${formatShape(index.shape)} asks for more than the source ${formatShape(source.shape)} has`,
    );
  }
}

/** The first elements of x along every axis, as many as `shape` says. */
const narrowTo = (x: Tensor, shape: Shape): Tensor =>
  shape.reduce((used, size, axis) => (size === used.shape[axis] ? used : narrow(used, axis, 0, size)), x);

function checkIndexDType(place: string, index: Tensor): void {
  checkTensor(`${place} (index)`, index);
  if (index.dtype !== "int64" && index.dtype !== "int32") {
    throw new DTypeError(`${place}: the index must be int64 or int32, got ${index.dtype}; cast it: index.to("int64")`);
  }
}

function checkIndex(place: string, index: Tensor, shape: Shape, axis: number): void {
  checkIndexDType(place, index);
  if (index.rank !== shape.length) {
    throw new ShapeError(
      `${place}: the index has ${index.rank} axes ${formatShape(index.shape)}, the tensor ${shape.length} ${formatShape(shape)}; ` +
        "they must have equally many (unsqueeze the index)",
    );
  }
  index.shape.forEach((size, i) => {
    if (i !== axis && size > shape[i]) {
      throw new ShapeError(
        `${place}: the index is larger than the tensor along axis ${i}: ${size} against ${shape[i]}`,
      );
    }
  });
  checkRange(place, index, shape.length === 0 ? 1 : shape[axis]);
}

/** @throws {ShapeError} naming the first index that lies outside 0 … size − 1 */
export function checkRange(place: string, index: Tensor, size: number): void {
  for (const value of readNumbers(index)) {
    if (value < 0 || value >= size) {
      throw new ShapeError(`${place}: index ${value} is out of range for a size of ${size}`);
    }
  }
}

/**
 * Rows of `x` along `dim`, in the order of `index`; rows may repeat.
 * @param index [N], int64 or int32
 */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  checkTensor("indexSelect", x);
  const axis = existingAxis("indexSelect", dim, x.rank);
  checkIndexDType("indexSelect", index);
  if (index.rank > 1) {
    throw new ShapeError(`indexSelect: the index must have one axis, got ${formatShape(index.shape)}`);
  }
  checkRange("indexSelect", index, x.shape[axis]);
  return selectRows(x, axis, cast(index, "int64"));
}

const selectRows = defineOp({
  name: "indexSelect",
  forward(kernels, x: Tensor, axis: number, index: Tensor) {
    const count = index.elementCount;
    const shape = x.shape.map((n, i) => (i === axis ? count : n));
    const output = allocate(shape, x.dtype);
    const rows = readNumbers(index);
    for (let i = 0; i < count; i++) kernels.copy(row(x, axis, rows[i]), row(output, axis, i));
    return { output, saved: { axis, rows, shape: x.shape } };
  },
  backward(_, dy, { axis, rows, shape }): Gradients {
    return [addRows(dy, axis, rows, shape)];
  },
});

const addRows = defineOp({
  name: "indexAdd",
  forward(kernels, x: Tensor, axis: number, rows: readonly number[], shape: Shape) {
    const output = allocate(shape, x.dtype);
    rows.forEach((to, i) => {
      kernels.accumulate(row(x, axis, i), row(output, axis, to), 1);
    });
    return { output, saved: { axis, rows } };
  },
  backward(kernels, dy, { axis, rows }): Gradients {
    const index = allocate([rows.length], "int64");
    (kernels.elements(index.storage, "int64") as BigInt64Array).set(rows.map(BigInt));
    return [selectRows(dy, axis, index)];
  },
});

/** One slice across `axis`, as a view. */
function row(x: Tensor, axis: number, at: number) {
  return {
    storage: x.storage,
    dtype: x.dtype,
    shape: x.shape.filter((_, i) => i !== axis),
    strides: x.strides.filter((_, i) => i !== axis),
    offset: x.offset + at * x.strides[axis],
  };
}

/**
 * Ones at the classes, zeros elsewhere.
 * @param x class indices, int64, any shape
 * @param classes number of classes; default: the largest index plus one
 * @returns int64 [...shape, classes]
 */
export function oneHot(x: Tensor, classes = -1): Tensor {
  checkTensor("oneHot", x);
  if (x.dtype !== "int64" && x.dtype !== "int32") {
    throw new DTypeError(`oneHot: classes must be int64, got ${x.dtype}; cast them: x.to("int64")`);
  }
  const values = readNumbers(x);
  const count = classes === -1 ? values.reduce((a, b) => Math.max(a, b), -1) + 1 : classes;
  checkRange("oneHot", x, count);
  const out = allocate([...x.shape, count], "int64");
  const data = backend().elements(out.storage, "int64") as BigInt64Array;
  values.forEach((value, i) => {
    data[i * count + value] = 1n;
  });
  return out;
}
