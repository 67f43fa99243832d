/** Gathering and scattering along an axis by an index tensor. */

import type { View } from "../backend.ts";
import { elementsOf } from "../cpu-storage.ts";
import { forEachRow, withoutAxis } from "./strided-loop.ts";

export function gather(x: View, axis: number, index: View, out: View): void {
  const from = elementsOf(x);
  const at = elementsOf(index);
  const to = elementsOf(out);
  const walk = withoutAxis(index.shape, axis, [x, index, out]);
  const [sx, si, so] = walk.steps;
  forEachRow(walk.shape, walk.operands, (count, [x0, i0, o0], [dx, di, d]) => {
    for (let n = 0; n < count; n++) {
      for (let k = 0; k < walk.size; k++) {
        to[o0 + n * d + k * so] = from[x0 + n * dx + Number(at[i0 + n * di + k * si]) * sx] as never;
      }
    }
  });
}

export function scatterAdd(x: View, axis: number, index: View, out: View): void {
  const from = elementsOf(x);
  const at = elementsOf(index);
  const to = elementsOf(out);
  const walk = withoutAxis(index.shape, axis, [x, index, out]);
  const [sx, si, so] = walk.steps;
  forEachRow(walk.shape, walk.operands, (count, [x0, i0, o0], [dx, di, d]) => {
    for (let n = 0; n < count; n++) {
      for (let k = 0; k < walk.size; k++) {
        const target = o0 + n * d + Number(at[i0 + n * di + k * si]) * so;
        to[target] = ((to[target] as number) + (from[x0 + n * dx + k * sx] as number)) as never;
      }
    }
  });
}
