/** The layouts that the C++ kernels take as they are; all others are the reference's. */

import type { View } from "./backend.ts";

/** Elements of float32 that lie side by side, at least one of them. */
export function isPlain(view: View): boolean {
  if (view.dtype !== "float32") return false;
  let expected = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const size = view.shape[axis];
    if (size === 0) return false;
    if (size === 1) continue;
    if (view.strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** A float32 matrix with elements in it and no negative stride. */
export function isMatrix({ dtype, shape, strides }: View): boolean {
  return dtype === "float32" && shape[0] > 0 && shape[1] > 0 && strides[0] >= 0 && strides[1] >= 0;
}
