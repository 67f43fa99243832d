/**
 * Norms of vectors: `p` says which.
 *
 *   p = 2 (and "fro")   √Σ x²              p = 1   Σ |x|
 *   p = ±∞              max or min of |x|  p = 0   how many are not 0
 *   any other p         (Σ |x|ᵖ)^(1/p)
 *
 * As PyTorch's `Tensor.norm`, gradients at 0 included: there they are 0.
 */

import { floatingDType } from "../tensor/dtype.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { along, REDUCE_OPTIONS, type ReduceOptions } from "./along.ts";
import { pow } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq, ne } from "./comparison.ts";
import { abs, square } from "./element-wise.ts";
import { amax, amin } from "./extremes.ts";
import { root, sum } from "./reductions.ts";
import { where } from "./where.ts";

export interface NormOptions extends ReduceOptions {
  /** Which norm. Default 2. */
  readonly p?: number | "fro";
}

/**
 * The norm of the elements, or along `dim`.
 * @param p as PyTorch's first argument: 2 by default, any number, ±Infinity, "fro"; or all options by name
 * @example x.norm(); x.norm(1); x.norm(2, 0, { keepdim: true }); x.norm({ dim: 0 })
 */
export function norm(
  x: Tensor,
  p: number | "fro" | NormOptions = 2,
  dim?: number | readonly number[] | null,
  options?: { readonly keepdim?: boolean },
): Tensor {
  const named = typeof p === "object" && p !== null;
  if (named && dim !== undefined) throw new ArgumentError("norm: options come once, as norm({ p, dim, keepdim })");
  const reading = named
    ? along<NormOptions>("norm", x, p, undefined, [...REDUCE_OPTIONS, "p"])
    : along<NormOptions>("norm", x, dim, options);
  const { axes, keepdim } = reading;
  const which = named ? (reading.options.p ?? 2) : p;
  const power = which === "fro" ? 2 : which;
  if (typeof power !== "number" || Number.isNaN(power)) {
    throw new ArgumentError(`norm: p must be a number, Infinity, -Infinity or "fro", got ${String(which)}`);
  }
  return ofPower(cast(x, floatingDType(x.dtype)), power, { dim: axes, keepdim });
}

function ofPower(x: Tensor, p: number, over: ReduceOptions): Tensor {
  if (p === 2) return root(sum(square(x), over));
  if (p === 1) return sum(abs(x), over);
  if (p === 0) return sum(cast(ne(x, 0), x.dtype), over);
  if (p === Number.POSITIVE_INFINITY) return amax(abs(x), over);
  if (p === Number.NEGATIVE_INFINITY) return amin(abs(x), over);
  return powerAwayFromZero(sum(powerAwayFromZero(abs(x), p), over), 1 / p);
}

/** x ^ p, whose slope at 0 is taken as 0 where it would not be finite. */
function powerAwayFromZero(x: Tensor, p: number): Tensor {
  if (p < 0) return pow(x, p);
  const zero = eq(x, 0);
  return where(zero, 0, pow(where(zero, 1, x), p));
}
