/** Which row of a packed batch belongs to which sequence: lengths, the order by length, and the rows at each step. */

import { tensor } from "../../ops/create.ts";
import { indexSelect } from "../../ops/gather.ts";
import { packRows, padRows } from "../../ops/packed.ts";
import { transpose } from "../../ops/views.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export class PackedLayout {
  /** Steps of each sequence, in the caller's order. */
  readonly lengths: readonly number[];
  /** Which of the caller's sequences stands at each place of the packed batch; null: they are in order already. */
  readonly order: readonly number[] | null;
  /** Rows at each step. */
  readonly sizes: readonly number[];

  constructor(lengths: readonly number[], order: readonly number[] | null) {
    this.lengths = lengths;
    this.order = order;
    const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
    this.sizes = Array.from({ length: longest }, (_, t) => lengths.filter((length) => length > t).length);
  }

  /** Longest first; sequences of one length stay in order, as PyTorch's sort on the CPU keeps them. */
  static byLength(lengths: readonly number[]): PackedLayout {
    const order = lengths.map((_, b) => b).sort((a, b) => lengths[b] - lengths[a]);
    return new PackedLayout(lengths, order);
  }

  /** The layout with `sizes[t]` rows at step t. */
  static ofSizes(sizes: readonly number[], order: readonly number[] | null): PackedLayout {
    const places = Array.from({ length: sizes[0] }, (_, place) => sizes.filter((size) => size > place).length);
    return new PackedLayout(order === null ? places : inverse(order).map((place) => places[place]), order);
  }

  /** @param padded [T, B, …], or [B, T, …] if `batchFirst`, in the caller's order @returns [N, …] */
  pack(padded: Tensor, batchFirst: boolean): Tensor {
    const timeMajor = batchFirst ? transpose(padded, 0, 1) : padded;
    return packRows(this.order === null ? timeMajor : pick(timeMajor, this.order), this.sizes);
  }

  /** @param data [N, …] @returns [steps, B, …], or [B, steps, …] if `batchFirst`, in the caller's order */
  pad(data: Tensor, options: { batchFirst: boolean; steps: number; value?: number }): Tensor {
    const inPlaces = padRows(data, this.sizes, options.steps, options.value ?? 0);
    const padded = this.order === null ? inPlaces : pick(inPlaces, inverse(this.order));
    return options.batchFirst ? transpose(padded, 0, 1) : padded;
  }
}

const pick = (timeMajor: Tensor, sequences: readonly number[]): Tensor =>
  indexSelect(timeMajor, 1, tensor([...sequences], { dtype: "int64" }));

/** Where each number stands: `inverse(order)[order[i]] = i`. */
export function inverse(order: readonly number[]): number[] {
  const places = new Array<number>(order.length);
  order.forEach((number, place) => {
    places[number] = place;
  });
  return places;
}
