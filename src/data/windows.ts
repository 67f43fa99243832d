/**
 * Windows of a series: what was seen, and what came next.
 *
 *   window n:  inputs  = steps n·stride … n·stride + inputSteps − 1
 *              targets = the `horizon` steps after them
 *
 * Both are strided views of the series: a thousand windows that overlap take no more memory than the series itself.
 */

import { movedim, narrow, unfold } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkCount } from "./samplers.ts";

export interface WindowOptions {
  /** Steps that a window shows. */
  readonly inputSteps: number;
  /** Steps to foretell after them. Default 1 */
  readonly horizon?: number;
  /** Steps from the start of one window to the start of the next. Default 1 */
  readonly stride?: number;
  /** Where the targets come from, if not from the series itself: a column of it, say. Has its steps (and its series). */
  readonly targets?: Tensor;
}

/**
 * All windows of a series.
 * @param series [T], [T, F] or, for several series of one length, [S, T, F]
 * @returns inputs [N, inputSteps], [N, inputSteps, F] or [S, N, inputSteps, F], and targets with `horizon` steps in their
 *   place; views, with N = ⌊(T − inputSteps − horizon) / stride⌋ + 1
 * @throws {ArgumentError} if the series is too short for one window
 * @example const [x, y] = windows(series, { inputSteps: 50, horizon: 1 }); // [500, 1] → x [450, 50, 1], y [450, 1, 1]
 */
export function windows(series: Tensor, options: WindowOptions): [inputs: Tensor, targets: Tensor] {
  checkOptions("windows", options, ["inputSteps", "horizon", "stride", "targets"]);
  const { inputSteps, horizon = 1, stride = 1, targets = series } = options;
  checkCount("windows", "inputSteps", inputSteps);
  checkCount("windows", "horizon", horizon);
  checkCount("windows", "stride", stride);
  checkTensor("windows", series);
  checkTensor("windows (targets)", targets);
  if (series.rank < 1 || series.rank > 3) {
    throw new ShapeError(
      `windows: a series is [T], [T, F] or, for several, [S, T, F], got ${formatShape(series.shape)}`,
    );
  }
  const axis = series.rank === 3 ? 1 : 0;
  const steps = series.shape[axis];
  const alike = targets.rank === series.rank && targets.shape.slice(0, axis + 1).every((n, i) => n === series.shape[i]);
  if (!alike) {
    throw new ShapeError(
      `windows: the targets ${formatShape(targets.shape)} must have the steps of the series ${formatShape(series.shape)}; ` +
        "they may differ in their last axis only",
    );
  }
  if (steps < inputSteps + horizon) {
    throw new ArgumentError(
      `windows: a series of ${steps} steps holds no window of ${inputSteps} + ${horizon}; take fewer inputSteps or a shorter horizon`,
    );
  }
  const cut = (x: Tensor, start: number, size: number, length: number) =>
    movedim(unfold(narrow(x, axis, start, length), axis, size, stride), -1, axis + 1);
  return [cut(series, 0, inputSteps, steps - horizon), cut(targets, inputSteps, horizon, steps - inputSteps)];
}
