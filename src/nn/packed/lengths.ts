/** How many steps each sequence of a padded batch has. */

import { readNumbers } from "../../ops/read.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";

/** One whole number for each sequence; as a tensor [B]. */
export type Lengths = readonly number[] | Tensor;

/**
 * The lengths as numbers.
 * @param B sequences in the batch
 * @param T steps of the padded batch
 * @throws {ShapeError} unless there are B of them
 * @throws {ArgumentError} unless each is a whole number, 1 … T
 */
export function lengthList(place: string, lengths: Lengths, B: number, T: number): readonly number[] {
  if (lengths instanceof Tensor && lengths.rank !== 1) {
    throw new ShapeError(`${place}: lengths must be [B], got ${formatShape(lengths.shape)}`);
  }
  if (!(lengths instanceof Tensor) && !Array.isArray(lengths)) {
    throw new ArgumentError(`${place}: lengths must be a list, one a sequence, as [5, 3], got ${typeof lengths}`);
  }
  const list = lengths instanceof Tensor ? readNumbers(lengths) : lengths;
  if (list.length !== B) throw new ShapeError(`${place}: ${list.length} lengths for a batch of ${B}`);
  list.forEach((length, b) => {
    if (!Number.isInteger(length) || length < 1 || length > T) {
      throw new ArgumentError(
        `${place}: lengths[${b}] must be a whole number from 1 to the ${T} steps of the padded batch, got ${length}`,
      );
    }
  });
  return list;
}
