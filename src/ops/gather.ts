/** Picking elements along an axis by an index tensor, and adding them back. */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { DTypeError, ShapeError } from "../tensor/errors.ts";
import { existingAxis, formatShape, normalizeAxis, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { readNumbers } from "./read.ts";
import { narrow } from "./views.ts";

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
  const axis = normalizeAxis("scatterAdd", dim, x.rank);
  checkIndex("scatterAdd", index, x.shape, axis);
  if (source.dtype !== x.dtype) {
    throw new DTypeError(`scatterAdd: the source is ${source.dtype}, x ${x.dtype}; cast it: source.to("${x.dtype}")`);
  }
  if (source.rank !== index.rank || index.shape.some((size, i) => size > source.shape[i])) {
    throw new ShapeError(
      `scatterAdd: the index ${formatShape(index.shape)} asks for more than the source ${formatShape(source.shape)} has`,
    );
  }
  let used = source;
  index.shape.forEach((size, i) => {
    if (size !== used.shape[i]) used = narrow(used, i, 0, size);
  });
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

function checkIndexDType(place: string, index: Tensor): void {
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
