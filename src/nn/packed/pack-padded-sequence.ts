/** From a padded batch to a packed one and back. PyTorch's `torch.nn.utils.rnn`. */

import { tensor } from "../../ops/create.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { checkTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Lengths, lengthList } from "./lengths.ts";
import { PackedLayout } from "./packed-layout.ts";
import { PackedSequence } from "./packed-sequence.ts";

export interface PackOptions {
  /** Whether the padded batch is [B, T, …] instead of [T, B, …]. Default false */
  readonly batchFirst?: boolean;
  /** Whether the sequences must come longest first; false sorts them. Default true */
  readonly enforceSorted?: boolean;
}

/**
 * Drops the padding.
 * @param input   [T, B, …], or [B, T, …] if `batchFirst`; a T beyond the longest sequence is cut
 * @param lengths steps of each sequence, 1 … T
 * @throws {ArgumentError} for a length beyond the padding, or unsorted lengths unless `enforceSorted` is false
 */
export function packPaddedSequence(input: Tensor, lengths: Lengths, options: PackOptions = {}): PackedSequence {
  checkTensor("packPaddedSequence", input);
  checkOptions("packPaddedSequence", options, ["batchFirst", "enforceSorted"]);
  const { batchFirst = false, enforceSorted = true } = options;
  if (input.rank < 2) {
    throw new ShapeError(
      `packPaddedSequence: input must be ${batchFirst ? "[B, T, …]" : "[T, B, …]"}, got ${formatShape(input.shape)}`,
    );
  }
  const [B, T] = batchFirst ? input.shape : [input.shape[1], input.shape[0]];
  const list = lengthList("packPaddedSequence", lengths, B, T);
  const layout = enforceSorted ? sortedLayout("packPaddedSequence", list) : PackedLayout.byLength(list);
  return PackedSequence.ofLayout(layout.pack(input, batchFirst), layout);
}

/** @throws {ArgumentError} unless the lengths never grow */
export function sortedLayout(place: string, lengths: readonly number[]): PackedLayout {
  const grows = lengths.findIndex((length, b) => b > 0 && length > lengths[b - 1]);
  if (grows >= 0) {
    throw new ArgumentError(
      `${place}: the sequences must come longest first, but sequence ${grows} (${lengths[grows]} steps) is longer than ` +
        `the one before (${lengths[grows - 1]}); { enforceSorted: false } sorts them`,
    );
  }
  return new PackedLayout(lengths, null);
}

export interface PadPackedOptions {
  /** Whether to return [B, T, …] instead of [T, B, …]. Default false */
  readonly batchFirst?: boolean;
  /** What stands where there is no step. Default 0 */
  readonly paddingValue?: number;
  /** T, if not that of the longest sequence; at least that. */
  readonly totalLength?: number | null;
}

/**
 * Puts the padding back.
 * @returns the padded batch [T, B, …], or [B, T, …] if `batchFirst`, in the caller's order, and the lengths, int64 [B]
 * @throws {ArgumentError} if `totalLength` is shorter than the longest sequence
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options: PadPackedOptions = {},
): [padded: Tensor, lengths: Tensor] {
  if (!(sequence instanceof PackedSequence)) {
    throw new ArgumentError("padPackedSequence: expects a PackedSequence, as packPaddedSequence makes them");
  }
  checkOptions("padPackedSequence", options, ["batchFirst", "paddingValue", "totalLength"]);
  const { batchFirst = false, paddingValue = 0, totalLength = null } = options;
  const { layout } = sequence;
  const longest = layout.sizes.length;
  const steps = totalLength ?? longest;
  if (!Number.isSafeInteger(steps) || steps < longest) {
    throw new ArgumentError(
      `padPackedSequence: totalLength must be a whole number ≥ ${longest}, the steps of the longest sequence, got ${steps}`,
    );
  }
  const padded = layout.pad(sequence.data, { batchFirst, steps, value: paddingValue });
  return [padded, tensor([...layout.lengths], { dtype: "int64" })];
}
