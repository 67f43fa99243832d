/** Whether tensors hold the same numbers, exactly or nearly. */

import { checkOptions } from "../tensor/check-options.ts";
import { isFloating } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import { sameShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq, isfinite, isnan, le, logicalAnd, logicalOr } from "./comparison.ts";
import { abs } from "./element-wise.ts";
import { item } from "./read.ts";
import { all } from "./reductions.ts";
import { detach } from "./views.ts";

export interface CloseOptions {
  /** Allowed difference in proportion to |y|. Default 1e-5. */
  readonly rtol?: number;
  /** Allowed difference besides. Default 1e-8. */
  readonly atol?: number;
  /** Whether NaN counts as close to NaN. Default false. */
  readonly equalNan?: boolean;
}

/**
 * Where `|x − y| ≤ atol + rtol · |y|`; infinities are close to themselves. bool, the shape both broadcast to.
 * @throws {DTypeError} if the dtypes differ
 */
export function isclose(x: Tensor, y: Tensor, options: CloseOptions = {}): Tensor {
  return closeFor("isclose", x, y, options);
}

function closeFor(place: string, x: Tensor, y: Tensor, options: CloseOptions): Tensor {
  checkTensor(place, x);
  checkTensor(place, y);
  checkOptions(place, options, ["rtol", "atol", "equalNan"]);
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  if (!(rtol >= 0 && atol >= 0)) {
    throw new ArgumentError(`${place}: tolerances ≥ 0 expected, got rtol ${rtol} and atol ${atol}`);
  }
  if (x.dtype !== y.dtype) {
    throw new DTypeError(`${place}: the tensors are ${x.dtype} and ${y.dtype}; cast one: y.to("${x.dtype}")`);
  }
  const [a, b] = [detach(x), detach(y)];
  const same = eq(a, b);
  const equal = equalNan && isFloating(x.dtype) ? logicalOr(same, logicalAnd(isnan(a), isnan(b))) : same;
  if (rtol === 0 && atol === 0) return equal;
  const [p, q] = isFloating(x.dtype) ? [a, b] : [cast(a, "float64"), cast(b, "float64")];
  const difference = abs(sub(p, q));
  return logicalOr(equal, logicalAnd(isfinite(difference), le(difference, add(mul(abs(q), rtol), atol))));
}

/** Whether all elements are close, by the measure of `isclose`. */
export const allclose = (x: Tensor, y: Tensor, options: CloseOptions = {}): boolean =>
  item(all(closeFor("allclose", x, y, options))) === 1;

/** Whether both have one shape and the same elements; NaN is equal to nothing. */
export function equal(x: Tensor, y: Tensor): boolean {
  checkTensor("equal", x);
  checkTensor("equal", y);
  return sameShape(x.shape, y.shape) && item(all(eq(detach(x), detach(y)))) === 1;
}
