/** Some of a dataset's samples, and the random division into such parts. */

import { checkList } from "../tensor/check-list.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import type { Generator } from "../tensor/random/generator.ts";
import type { Collated } from "./collate.ts";
import { Dataset, ListDataset, wholeIndex } from "./dataset.ts";

/**
 * Some of a dataset's samples, in the order of `indices`. As `torch.utils.data.Subset`.
 * @throws {ArgumentError} for an index out of range, when it is asked for
 */
export class Subset<Sample> extends Dataset<Sample> {
  readonly dataset: Dataset<Sample>;
  /** Which samples of `dataset`, in this order. */
  readonly indices: readonly number[];

  constructor(dataset: Dataset<Sample> | readonly Sample[], indices: Iterable<number>) {
    super();
    if (!(dataset instanceof Dataset)) checkList("Subset", "samples, or a Dataset", dataset);
    this.dataset = dataset instanceof Dataset ? dataset : new ListDataset(dataset);
    checkList("Subset", "indices, as [0, 2]", indices);
    this.indices = [...indices];
  }

  get length(): number {
    return this.indices.length;
  }

  at(index: number): Sample {
    return this.dataset.at(this.indices[wholeIndex("Subset", index, this.length)]);
  }

  override batch(indices: readonly number[]): Collated<Sample> {
    return this.dataset.batch(indices.map((index) => this.indices[wholeIndex("Subset", index, this.length)]));
  }
}

/**
 * A dataset divided at random into parts that do not overlap, as `random_split`. For series use `trainTestSplit`: a random
 * division of overlapping windows shows the training part what the test part asks.
 * @param lengths sizes that add up to the dataset's, or fractions that add up to 1; fractions of samples are cut down, and
 *                what is left over goes to the parts in turn, one each
 * @param options.generator the stream to draw from. Default: the one that `manualSeed` seeds
 * @throws {ArgumentError} if the parts do not add up
 */
export function randomSplit<Sample>(
  dataset: Dataset<Sample> | readonly Sample[],
  lengths: readonly number[],
  options: { generator?: Generator } = {},
): Subset<Sample>[] {
  if (!(dataset instanceof Dataset)) checkList("randomSplit", "samples, or a Dataset", dataset);
  if (!Array.isArray(lengths)) throw new ArgumentError("randomSplit: lengths are a list, as [80, 20] or [0.8, 0.2]");
  checkOptions("randomSplit", options, ["generator"]);
  const total = dataset.length;
  const sizes = sizesOf(lengths, total);
  const order = (options.generator ?? defaultGenerator).randperm(total);
  let at = 0;
  return sizes.map((size) => {
    const part = order.subarray(at, at + size);
    at += size;
    return new Subset(dataset, part);
  });
}

function sizesOf(lengths: readonly number[], total: number): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  const shown = `[${lengths.join(", ")}]`;
  if (lengths.length === 0 || lengths.some((length) => !(length >= 0))) {
    throw new ArgumentError(`randomSplit: lengths must be sizes or fractions ≥ 0, got ${shown}`);
  }
  if (Math.abs(sum - 1) <= 1e-9) {
    const sizes = lengths.map((fraction) => Math.floor(total * fraction));
    const rest = total - sizes.reduce((a, b) => a + b, 0);
    for (let i = 0; i < rest; i++) sizes[i % sizes.length]++;
    return sizes;
  }
  if (sum !== total || !lengths.every(Number.isInteger)) {
    throw new ArgumentError(
      `randomSplit: the lengths ${shown} add up to ${sum}; give sizes that add up to ${total}, or fractions that add up to 1`,
    );
  }
  return [...lengths];
}
