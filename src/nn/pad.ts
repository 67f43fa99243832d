/** Lengthening the last axis on both sides. */

import { full, tensor } from "../ops/create.ts";
import { indexSelect } from "../ops/gather.ts";
import { cat } from "../ops/join.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";

/** What stands beyond the ends: a constant, the mirrored series, its end values, or its other end. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/**
 * @param x      [..., L]
 * @param before elements in front @param after elements behind
 * @param options.value for mode constant. Default 0
 * @returns [..., before + L + after]
 */
export function pad(
  x: Tensor,
  [before, after]: readonly [before: number, after: number],
  options: { mode?: PadMode; value?: number } = {},
): Tensor {
  const { mode = "constant", value = 0 } = options;
  if (x.rank === 0) throw new ShapeError("pad: a 0-d tensor has no axis to lengthen");
  checkSize("pad", "before", before, 0);
  checkSize("pad", "after", after, 0);
  if (before === 0 && after === 0) return x;
  const axis = x.rank - 1;
  const L = x.shape[axis];
  if (mode === "constant") {
    const lead = x.shape.slice(0, -1);
    const side = (size: number) => (size === 0 ? [] : [full([...lead, size], value, { dtype: x.dtype })]);
    return cat([...side(before), x, ...side(after)], axis);
  }
  const place = PLACE[mode];
  if (place === undefined)
    throw new ArgumentError(`pad: mode must be constant, reflect, replicate or circular, got "${mode}"`);
  const most = mode === "reflect" ? L - 1 : mode === "circular" ? L : Number.POSITIVE_INFINITY;
  if (Math.max(before, after) > most || L === 0) {
    throw new ShapeError(
      `pad: mode ${mode} adds at most ${most} on a side of ${formatShape(x.shape)}, got ${before} and ${after}`,
    );
  }
  const places = Array.from({ length: before + L + after }, (_, i) => place(i - before, L));
  return indexSelect(x, axis, tensor(places, { dtype: "int64" }));
}

/** Which element of a series of length L stands at place i, which may lie outside. */
const PLACE: Partial<Record<PadMode, (i: number, L: number) => number>> = {
  reflect: (i, L) => (i < 0 ? -i : i >= L ? 2 * (L - 1) - i : i),
  replicate: (i, L) => Math.min(Math.max(i, 0), L - 1),
  circular: (i, L) => (i + L) % L,
};
