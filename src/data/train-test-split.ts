/**
 * The past to learn from, the future to be judged by: a division in time order.
 *
 * Divide the series first and cut windows afterwards: windows cut first and divided later overlap, and the training part
 * then holds what the test part asks. `overlap` lets the test part begin with the last training steps, which are its past.
 */

import { narrow } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Dataset } from "./dataset.ts";
import { Subset } from "./subset.ts";

export interface SplitOptions {
  /** The test part: a fraction below 1 (rounded up to whole steps), or a number of steps. Default 0.25 */
  readonly testSize?: number;
  /** How many of the last training steps the test part repeats in front, as the past of its first window. Default 0 */
  readonly overlap?: number;
}

/**
 * @param data a series whose first axis is time (split into views), a dataset, or an array
 * @returns the training part, then the test part
 * @throws {ArgumentError} if a part would be empty, or the overlap longer than the training part
 * @example const [train, test] = trainTestSplit(series, { testSize: 24, overlap: 12 }); // [144, F] → [120, F], [36, F]
 */
export function trainTestSplit(data: Tensor, options?: SplitOptions): [train: Tensor, test: Tensor];
export function trainTestSplit<Sample>(
  data: Dataset<Sample>,
  options?: SplitOptions,
): [train: Subset<Sample>, test: Subset<Sample>];
export function trainTestSplit<Element>(
  data: readonly Element[],
  options?: SplitOptions,
): [train: Element[], test: Element[]];
export function trainTestSplit(
  data: Tensor | Dataset<unknown> | readonly unknown[],
  options: SplitOptions = {},
): [unknown, unknown] {
  checkOptions("trainTestSplit", options, ["testSize", "overlap"]);
  if (data instanceof Tensor && data.rank === 0) throw new ShapeError("trainTestSplit: a 0-d tensor has no time axis");
  const total = data instanceof Tensor ? data.shape[0] : data.length;
  const { testSize = 0.25, overlap = 0 } = options;
  const test = testSize < 1 ? Math.ceil(testSize * total - 1e-9) : testSize;
  if (!Number.isInteger(test) || test < 1 || test >= total) {
    throw new ArgumentError(
      `trainTestSplit: testSize must be a fraction below 1 or a number of steps that leaves both parts some of ${total}, got ${testSize}`,
    );
  }
  const cut = total - test;
  if (!Number.isInteger(overlap) || overlap < 0 || overlap > cut) {
    throw new ArgumentError(
      `trainTestSplit: overlap must be a whole number from 0 to the ${cut} training steps, got ${overlap}`,
    );
  }
  const part = (start: number, end: number) => {
    if (data instanceof Tensor) return narrow(data, 0, start, end - start);
    if (data instanceof Dataset)
      return new Subset(
        data,
        Array.from({ length: end - start }, (_, i) => start + i),
      );
    return data.slice(start, end);
  };
  return [part(0, cut), part(cut - overlap, total)];
}
