/** Tensors side by side: sample i is row i of each. */

import { willRecord } from "../autograd/define-op.ts";
import { tensor } from "../ops/create.ts";
import { indexSelect } from "../ops/gather.ts";
import { select } from "../ops/views.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Collated } from "./collate.ts";
import { Dataset, wholeIndex } from "./dataset.ts";
import { gatherRows } from "./gather-rows.ts";

type Tensors = readonly Tensor[];
/** One tensor for each that the dataset was given. */
export type TensorSample<T extends Tensors> = { -readonly [K in keyof T]: Tensor };

/** Tensors side by side, as `torch.utils.data.TensorDataset`: sample i is row i of each. */
export class TensorDataset<T extends Tensors> extends Dataset<TensorSample<T>> {
  readonly tensors: T;
  readonly length: number;

  /**
   * @param tensors all with the same size along axis 0; they may be views, and are not copied
   * @throws {ShapeError} if the sizes differ
   * @example new TensorDataset(x, y) // x [N, T, F], y [N, 1]; sample i is [x[i], y[i]]
   */
  constructor(...tensors: T) {
    super();
    if (tensors.length === 0) throw new ArgumentError("TensorDataset: expects at least one tensor");
    tensors.forEach((each, i) => {
      if (!(each instanceof Tensor)) throw new ArgumentError(`TensorDataset: argument ${i} is not a tensor`);
      if (each.rank === 0) throw new ShapeError(`TensorDataset: tensor ${i} has no axis to count samples along`);
    });
    const shapes = tensors.map(({ shape }) => formatShape(shape)).join(", ");
    if (tensors.some(({ shape }) => shape[0] !== tensors[0].shape[0])) {
      throw new ShapeError(`TensorDataset: axis 0 counts the samples and must be the same in all, got ${shapes}`);
    }
    this.tensors = tensors;
    this.length = tensors[0].shape[0];
  }

  /** Row `index` of every tensor, as views. */
  at(index: number): TensorSample<T> {
    const row = wholeIndex("TensorDataset", index, this.length);
    return this.tensors.map((each) => select(each, 0, row)) as TensorSample<T>;
  }

  /** The rows of a batch, gathered at once from each tensor. */
  override batch(indices: readonly number[]): Collated<TensorSample<T>> {
    const rows = indices.map((index) => wholeIndex("TensorDataset", index, this.length));
    const take = (each: Tensor) =>
      willRecord(each) ? indexSelect(each, 0, tensor(rows, { dtype: "int64" })) : gatherRows(each, rows);
    return this.tensors.map(take) as unknown as Collated<TensorSample<T>>;
  }
}
