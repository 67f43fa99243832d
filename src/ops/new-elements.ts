/** The elements of a tensor that was just allocated, for filling it from JavaScript. */

import { backend } from "../backend/select.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** All of a new row-major tensor's elements, to be written. */
export function elementsOfNew(x: Tensor): TypedArray {
  return backend().elements(x.storage, x.dtype);
}
