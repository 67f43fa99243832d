/** From a list of sequences to one batch, padded or packed, and back. PyTorch's `torch.nn.utils.rnn`. */

import { full } from "../../ops/create.ts";
import { cat, stack, unbind } from "../../ops/join.ts";
import { narrow, transpose } from "../../ops/views.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import { checkTensor, type Tensor } from "../../tensor/tensor.ts";
import { type Lengths, lengthList } from "./lengths.ts";
import { padPackedSequence, sortedLayout } from "./pack-padded-sequence.ts";
import { PackedLayout } from "./packed-layout.ts";
import { PackedSequence } from "./packed-sequence.ts";

export interface PadOptions {
  /** Whether to return [B, T, …] instead of [T, B, …]. Default false */
  readonly batchFirst?: boolean;
  /** What stands where there is no step. Default 0 */
  readonly paddingValue?: number;
  /** Which end of a short sequence is padded. Default right: layers with `lengths` need it there */
  readonly paddingSide?: "right" | "left";
}

/**
 * Sequences side by side, the short ones padded to the longest.
 * @param sequences each [length, …], alike but for their lengths
 * @returns [T, B, …], or [B, T, …] if `batchFirst`
 */
export function padSequence(sequences: readonly Tensor[], options: PadOptions = {}): Tensor {
  checkOptions("padSequence", options, ["batchFirst", "paddingValue", "paddingSide"]);
  const { batchFirst = false, paddingValue = 0, paddingSide = "right" } = options;
  if (paddingSide !== "right" && paddingSide !== "left") {
    throw new ArgumentError(`padSequence: paddingSide must be "right" or "left", got "${String(paddingSide)}"`);
  }
  const lengths = checkSequences("padSequence", sequences);
  const longest = Math.max(...lengths);
  const padded = sequences.map((sequence, b) => {
    if (lengths[b] === longest) return sequence;
    const padding = full([longest - lengths[b], ...sequence.shape.slice(1)], paddingValue, { dtype: sequence.dtype });
    return cat(paddingSide === "right" ? [sequence, padding] : [padding, sequence], 0);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

/**
 * The sequences of a padded batch, each with its own length.
 * @param padded [T, B, …], or [B, T, …] if `batchFirst`; padded on the right
 */
export function unpadSequence(padded: Tensor, lengths: Lengths, options: { batchFirst?: boolean } = {}): Tensor[] {
  checkTensor("unpadSequence", padded);
  checkOptions("unpadSequence", options, ["batchFirst"]);
  if (padded.rank < 2)
    throw new ShapeError(`unpadSequence: padded must be [T, B, …], got ${formatShape(padded.shape)}`);
  const batchMajor = options.batchFirst ? padded : transpose(padded, 0, 1);
  const list = lengthList("unpadSequence", lengths, batchMajor.shape[0], batchMajor.shape[1]);
  return unbind(batchMajor).map((sequence, b) => narrow(sequence, 0, 0, list[b]));
}

/**
 * Packs a list of sequences.
 * @param sequences each [length, …], alike but for their lengths
 * @param options.enforceSorted whether they must come longest first; false sorts them. Default true
 */
export function packSequence(sequences: readonly Tensor[], options: { enforceSorted?: boolean } = {}): PackedSequence {
  checkOptions("packSequence", options, ["enforceSorted"]);
  const lengths = checkSequences("packSequence", sequences);
  const empty = lengths.indexOf(0);
  if (empty >= 0) throw new ShapeError(`packSequence: sequence ${empty} has no steps`);
  const layout =
    (options.enforceSorted ?? true) ? sortedLayout("packSequence", lengths) : PackedLayout.byLength(lengths);
  return PackedSequence.ofLayout(layout.pack(padSequence(sequences), false), layout);
}

/** The sequences of a packed batch, in the caller's order. */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed);
  return unpadSequence(padded, lengths);
}

/** @returns their lengths */
function checkSequences(place: string, sequences: readonly Tensor[]): number[] {
  if (!Array.isArray(sequences) || sequences.length === 0) {
    throw new ArgumentError(`${place}: expects a list of at least one sequence`);
  }
  const [first] = sequences;
  for (const sequence of sequences) checkTensor(place, sequence);
  sequences.forEach((sequence, b) => {
    if (sequence.rank === 0 || !sameShape(sequence.shape.slice(1), first.shape.slice(1))) {
      throw new ShapeError(
        `${place}: sequences may differ in their first axis only; sequence 0 is ${formatShape(first.shape)}, ` +
          `sequence ${b} ${formatShape(sequence.shape)}`,
      );
    }
    if (sequence.dtype !== first.dtype) {
      throw new DTypeError(`${place}: sequence 0 is ${first.dtype}, sequence ${b} ${sequence.dtype}; cast one of them`);
    }
  });
  return sequences.map((sequence) => sequence.shape[0]);
}
