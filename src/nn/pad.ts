/** Lengthening axes on both sides. */

import { full, tensor } from "../ops/create.ts";
import { indexSelect } from "../ops/gather.ts";
import { cat } from "../ops/join.ts";
import { contiguous, transpose } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";

/** What stands beyond the ends: a constant, the mirrored series, its end values, or its other end. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/**
 * @param x     [..., L]
 * @param sides elements in front and behind of the last axis; in mode constant then of the axis before it, and so on
 * @param options.value for mode constant. Default 0
 * @returns [..., front + L + behind]
 * @example pad(x, [2, 0]); pad(x, [0, 0, 1, 0]) // two steps in front of the last axis; one in front of that before it
 */
export function pad(
  x: Tensor,
  sides: readonly number[],
  options: { readonly mode?: PadMode; readonly value?: number } = {},
): Tensor {
  checkTensor("pad", x);
  checkOptions("pad", options, ["mode", "value"]);
  const { mode = "constant", value = 0 } = options;
  if (x.rank === 0) throw new ShapeError("pad: a 0-d tensor has no axis to lengthen");
  if (!Array.isArray(sides) || sides.length === 0 || sides.length % 2 !== 0 || sides.length > 2 * x.rank) {
    throw new ShapeError(
      `pad: sides are pairs [front, behind, …] of at most ${x.rank} axes, the last one first, got ${JSON.stringify(sides)}`,
    );
  }
  if (sides.length === 2) return padLast(x, sides[0], sides[1], mode, value);
  if (mode !== "constant") throw new ShapeError(`pad: mode ${mode} lengthens the last axis alone, give it one pair`);
  let padded = x;
  for (let i = 0; i < sides.length; i += 2) {
    const axis = x.rank - 1 - i / 2;
    padded = transpose(padLast(transpose(padded, axis, -1), sides[i], sides[i + 1], mode, value), axis, -1);
  }
  return contiguous(padded);
}

function padLast(x: Tensor, before: number, after: number, mode: PadMode, value: number): Tensor {
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
