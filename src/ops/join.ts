/** Joining tensors and taking them apart. */

import { defineOp, type Gradients } from "../autograd/define-op.ts";
import { allocate, viewOf } from "../backend/allocate.ts";
import { promote } from "../tensor/dtype.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { checkShape, existingAxis, formatShape, normalizeAxis, sameShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { narrow, unsqueeze } from "./views.ts";

const catOp = defineOp({
  name: "cat",
  forward(kernels, axis: number, ...tensors: Tensor[]) {
    const sizes = tensors.map((tensor) => tensor.shape[axis]);
    const shape = [...tensors[0].shape];
    shape[axis] = sizes.reduce((a, b) => a + b, 0);
    const output = allocate(shape, tensors[0].dtype);
    let at = 0;
    for (const tensor of tensors) {
      kernels.copy(tensor, viewOf(output, tensor.shape, output.strides, at * output.strides[axis]));
      at += tensor.shape[axis];
    }
    return { output, saved: { axis, sizes } };
  },
  backward(_, dy, { axis, sizes }, { needs }): Gradients {
    let at = 0;
    const parts = sizes.map((size, i) => {
      const part = needs[i + 1] ? narrow(dy, axis, at, size) : null;
      at += size;
      return part;
    });
    return [null, ...parts];
  },
});

function checkTensors(place: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors)) throw new ArgumentError(`${place}: expects a list of tensors, as ${place}([x, y])`);
  if (tensors.length === 0) throw new ArgumentError(`${place}: expects at least one tensor`);
  for (const tensor of tensors) checkTensor(place, tensor);
}

/** The tensors one after another along `dim`; all other axes must agree. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors("cat", tensors);
  const [first] = tensors;
  if (first.rank === 0) throw new ShapeError("cat: 0-d tensors cannot be joined; use stack");
  const axis = normalizeAxis("cat", dim, first.rank);
  tensors.forEach((tensor, i) => {
    const fits = tensor.rank === first.rank && tensor.shape.every((size, k) => k === axis || size === first.shape[k]);
    if (!fits) {
      throw new ShapeError(
        `cat: tensor ${i} is ${formatShape(tensor.shape)}, the first is ${formatShape(first.shape)}; all axes but ${axis} must agree`,
      );
    }
  });
  const dtype = tensors.map((tensor) => tensor.dtype).reduce(promote);
  return catOp(axis, ...tensors.map((tensor) => cast(tensor, dtype)));
}

/** The tensors side by side along a new axis `dim`; all shapes must agree. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors("stack", tensors);
  const axis = normalizeAxis("stack", dim, tensors[0].rank + 1);
  tensors.forEach((tensor, i) => {
    if (!sameShape(tensor.shape, tensors[0].shape)) {
      throw new ShapeError(
        `stack: tensor ${i} is ${formatShape(tensor.shape)}, the first is ${formatShape(tensors[0].shape)}; all shapes must agree`,
      );
    }
  });
  return cat(
    tensors.map((tensor) => unsqueeze(tensor, axis)),
    axis,
  );
}

/** Pieces along `dim` of `sizes`, or of one size with a shorter last piece. Views. */
export function split(x: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] {
  checkTensor("split", x);
  const axis = existingAxis("split", dim, x.rank);
  const total = x.shape[axis];
  let list: readonly number[];
  if (typeof sizes === "number") {
    if (!Number.isInteger(sizes) || sizes < 1)
      throw new ArgumentError(`split: the size must be a whole number ≥ 1, got ${sizes}`);
    list = Array.from({ length: Math.max(1, Math.ceil(total / sizes)) }, (_, i) => Math.min(sizes, total - i * sizes));
  } else {
    list = sizes;
    checkShape("split", list);
    if (list.reduce((a, b) => a + b, 0) !== total) {
      throw new ShapeError(`split: the sizes ${formatShape(list)} must add up to ${total}, the size of axis ${axis}`);
    }
  }
  let at = 0;
  return list.map((size) => {
    const piece = narrow(x, axis, at, size);
    at += size;
    return piece;
  });
}

/** At most `chunks` pieces of equal size along `dim`, the last one perhaps shorter. Views. */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  checkTensor("chunk", x);
  if (!Number.isInteger(chunks) || chunks < 1)
    throw new ArgumentError(`chunk: expects a whole number ≥ 1, got ${chunks}`);
  const axis = existingAxis("chunk", dim, x.rank);
  return split(x, Math.max(1, Math.ceil(x.shape[axis] / chunks)), axis);
}

const unbindOp = defineOp({
  name: "unbind",
  forward(_, x: Tensor, axis: number) {
    const without = (sizes: readonly number[]) => sizes.filter((_, i) => i !== axis);
    const shape = without(x.shape);
    const strides = without(x.strides);
    const output = Array.from({ length: x.shape[axis] }, (_, i) =>
      viewOf(x, shape, strides, x.offset + i * x.strides[axis]),
    );
    return { output, saved: { axis, shape, dtype: x.dtype } };
  },
  backward(_, dys, { axis, shape, dtype }): Gradients {
    return [
      stack(
        dys.map((dy) => dy ?? allocate(shape, dtype)),
        axis,
      ),
    ];
  },
});

/** The slices along `dim`, without that axis. Views. */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  checkTensor("unbind", x);
  return unbindOp(x, existingAxis("unbind", dim, x.rank));
}
