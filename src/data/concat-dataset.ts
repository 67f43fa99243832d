/** Datasets one after another, seen as one. */

import { checkList } from "../tensor/check-list.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Dataset, ListDataset, wholeIndex } from "./dataset.ts";

/**
 * Several datasets, one after another: sample i of the whole is counted through them. As
 * `torch.utils.data.ConcatDataset`.
 */
export class ConcatDataset<Sample> extends Dataset<Sample> {
  readonly datasets: readonly Dataset<Sample>[];
  /** Where each dataset ends, counted over all of them. */
  readonly cumulativeSizes: readonly number[];

  /** @example new ConcatDataset([new WindowDataset(first, options), new WindowDataset(second, options)]) */
  constructor(datasets: Iterable<Dataset<Sample> | readonly Sample[]>) {
    super();
    checkList("ConcatDataset", "datasets, as [first, second]", datasets);
    this.datasets = Array.from(datasets, (each) => (each instanceof Dataset ? each : new ListDataset(each)));
    if (this.datasets.length === 0) throw new ArgumentError("ConcatDataset: expects at least one dataset");
    let end = 0;
    this.cumulativeSizes = this.datasets.map((dataset) => {
      end += dataset.length;
      return end;
    });
  }

  get length(): number {
    return this.cumulativeSizes[this.cumulativeSizes.length - 1];
  }

  at(index: number): Sample {
    const whole = wholeIndex("ConcatDataset", index, this.length);
    const which = this.cumulativeSizes.findIndex((end) => whole < end);
    return this.datasets[which].at(which === 0 ? whole : whole - this.cumulativeSizes[which - 1]);
  }
}
