/**
 * A batch out of a tensor: equally shaped pieces, wherever they begin, copied side by side.
 *
 * Pieces may overlap, as windows of a series do; only the batch is ever copied, never the tensor behind it.
 */

import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { elementsOfNew } from "../ops/new-elements.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** From this many elements on a piece is worth a copy of its own; smaller ones are gathered element by element. */
const WORTH_A_COPY = 12;

/** Where one piece lies: its shape and strides; its offset is given for each. */
export interface PieceLayout {
  readonly shape: Shape;
  readonly strides: readonly number[];
}

/**
 * @param x       the tensor whose storage holds the pieces
 * @param piece   their common shape and strides
 * @param offsets where each begins in the storage, in elements; trusted
 * @returns [offsets.length, ...piece.shape], a storage of its own
 */
export function gatherPieces(x: Tensor, piece: PieceLayout, offsets: readonly number[]): Tensor {
  const count = offsets.length;
  const output = allocate([count, ...piece.shape], x.dtype);
  if (output.elementCount === 0) return output;
  const kernels = backend();
  const { storage, dtype } = x;
  const step = evenStep(offsets);
  if (step !== null) {
    kernels.copy(new Tensor(storage, dtype, output.shape, [step, ...piece.strides], offsets[0]), output);
    return output;
  }
  const size = elementCount(piece.shape);
  if (size >= WORTH_A_COPY) {
    const place = output.strides.slice(1);
    for (let i = 0; i < count; i++) {
      kernels.copy(
        { storage, dtype, shape: piece.shape, strides: piece.strides, offset: offsets[i] },
        { storage: output.storage, dtype, shape: piece.shape, strides: place, offset: i * size },
      );
    }
    return output;
  }
  // Seen with a step of one element along axis 0, every piece is a row whose number is its offset.
  const index = allocate([count], "int64");
  const rows = elementsOfNew(index) as BigInt64Array;
  let last = 0;
  for (let i = 0; i < count; i++) {
    rows[i] = BigInt(offsets[i]);
    if (offsets[i] > last) last = offsets[i];
  }
  kernels.gather(
    new Tensor(storage, dtype, [last + 1, ...piece.shape], [1, ...piece.strides], 0),
    0,
    new Tensor(index.storage, "int64", output.shape, [1, ...piece.shape.map(() => 0)]),
    output,
  );
  return output;
}

/** The distance between neighbours if it is the same everywhere, else null. */
function evenStep(offsets: readonly number[]): number | null {
  if (offsets.length === 1) return 0;
  const step = offsets[1] - offsets[0];
  for (let i = 2; i < offsets.length; i++) if (offsets[i] - offsets[i - 1] !== step) return null;
  return step;
}

/** Rows of `x` along its first axis, in the order given, without recording it. */
export function gatherRows(x: Tensor, rows: readonly number[]): Tensor {
  const [stride] = x.strides;
  return gatherPieces(
    x,
    { shape: x.shape.slice(1), strides: x.strides.slice(1) },
    rows.map((row) => x.offset + row * stride),
  );
}
