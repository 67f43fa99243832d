/**
 * A batch of sequences of unequal length without its padding, as PyTorch's `PackedSequence`. RNN, LSTM and GRU take and
 * return it; most programs are simpler with the `lengths` option of those layers, which computes the same.
 */

import { cast } from "../../ops/cast.ts";
import { tensor } from "../../ops/create.ts";
import { readNumbers } from "../../ops/read.ts";
import { detach } from "../../ops/views.ts";
import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { inverse, PackedLayout } from "./packed-layout.ts";

/**
 * A batch of sequences without its padding: rows of all sequences, step by step. As
 * `torch.nn.utils.rnn.PackedSequence`; made by packPaddedSequence and packSequence.
 */
export class PackedSequence {
  /** The rows of all sequences, step by step, longest sequence first: [N, …], N the sum of the lengths. */
  readonly data: Tensor;
  /** Rows at each step, int64 [T]. */
  readonly batchSizes: Tensor;
  /** Which of the caller's sequences stands at each place, int64 [B]; null if they came sorted. */
  readonly sortedIndices: Tensor | null;
  /** At which place each of the caller's sequences stands, int64 [B]; null if they came sorted. */
  readonly unsortedIndices: Tensor | null;
  readonly #layout: PackedLayout;

  /**
   * Usually made by `packSequence` or `packPaddedSequence`.
   * @throws {ShapeError} if the rows of `data` are not as many as `batchSizes` adds up to
   */
  constructor(data: Tensor, batchSizes: Tensor, sortedIndices: Tensor | null = null) {
    const sizes = readNumbers(batchSizes);
    if (
      batchSizes.rank !== 1 ||
      sizes.length === 0 ||
      sizes.some((size, t) => !(size > 0 && size <= (sizes[t - 1] ?? size)))
    ) {
      throw new ArgumentError(
        `PackedSequence: batchSizes are the rows at each step, above 0 and never growing, got ${formatShape(sizes)}`,
      );
    }
    const rows = sizes.reduce((a, b) => a + b, 0);
    if (data.shape[0] !== rows) {
      throw new ShapeError(`PackedSequence: the steps have ${rows} rows together, data is ${formatShape(data.shape)}`);
    }
    const order = sortedIndices === null ? null : readNumbers(sortedIndices);
    if (order !== null && !isOrder(order, sizes[0])) {
      throw new ArgumentError(
        `PackedSequence: sortedIndices must name each of the ${sizes[0]} sequences once, got ${formatShape(order)}`,
      );
    }
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = order === null ? null : tensor(inverse(order), { dtype: "int64" });
    this.#layout = PackedLayout.ofSizes(sizes, order);
  }

  /** The packed rows of a layout. */
  static ofLayout(data: Tensor, layout: PackedLayout): PackedSequence {
    const int64 = (numbers: readonly number[]) => tensor([...numbers], { dtype: "int64" });
    return new PackedSequence(data, int64(layout.sizes), layout.order === null ? null : int64(layout.order));
  }

  /** For the layers: lengths, order and sizes as plain numbers. */
  get layout(): PackedLayout {
    return this.#layout;
  }

  /** Steps of each sequence, in the caller's order. */
  get lengths(): readonly number[] {
    return this.#layout.lengths;
  }

  /** Other rows under the same layout: `packed.with(embedding.forward(packed.data))`. */
  with(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices);
  }

  /** As another dtype. */
  to(dtype: DType): PackedSequence {
    return this.with(cast(this.data, dtype));
  }

  /** The same rows, cut off from the graph. */
  detach(): PackedSequence {
    return this.with(detach(this.data));
  }

  /** So that `const [data, batchSizes] = packed` reads as in PyTorch. */
  *[Symbol.iterator](): Generator<Tensor | null, void, undefined> {
    yield this.data;
    yield this.batchSizes;
    yield this.sortedIndices;
    yield this.unsortedIndices;
  }
}

const isOrder = (order: readonly number[], count: number): boolean =>
  order.length === count && new Set(order).size === count && order.every((i) => i >= 0 && i < count);
