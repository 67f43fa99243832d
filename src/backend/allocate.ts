/** New tensors on the backend in use. */

import { bytesPerElement, type DType } from "../tensor/dtype.ts";
import { contiguousStrides, elementCount, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { backend } from "./select.ts";
import { SMALL_BYTES } from "./small-storages.ts";

/** A row-major tensor of zeros, for a kernel to write into. Its storage belongs to the garbage collector. */
export function allocate(shape: Shape, dtype: DType): Tensor {
  const storage = backend().allocate(elementCount(shape) * bytesPerElement(dtype));
  return new Tensor(storage, dtype, shape, contiguousStrides(shape));
}

/** A row-major tensor for an output, contents undefined: for a kernel that writes every element. Its storage is the collector's, too. */
export function allocateOutput(shape: Shape, dtype: DType): Tensor {
  const storage = backend().allocateUnfilled(elementCount(shape) * bytesPerElement(dtype));
  return new Tensor(storage, dtype, shape, contiguousStrides(shape));
}

/**
 * A row-major tensor for a gradient, contents undefined. Its storage comes from the pool, and goes back there when the gradient is forgotten
 * and nobody has seen it (`Tensor.dropGrad`).
 */
export function allocateGradient(shape: Shape, dtype: DType): Tensor {
  const byteLength = elementCount(shape) * bytesPerElement(dtype);
  if (byteLength <= SMALL_BYTES) return allocate(shape, dtype);
  return new Tensor(backend().borrow(byteLength), dtype, shape, contiguousStrides(shape));
}

/** `x` itself if it is row-major, else a row-major copy. Not recorded. */
export function toContiguous(x: Tensor): Tensor {
  if (x.isContiguous) return x;
  const out = allocate(x.shape, x.dtype);
  backend().copy(x, out);
  return out;
}

/** The same storage under another shape; not recorded. */
export function viewOf(x: Tensor, shape: Shape, strides: readonly number[], offset = x.offset): Tensor {
  return new Tensor(x.storage, x.dtype, shape, strides, offset);
}
