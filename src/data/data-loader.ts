/**
 * Batches of a dataset, epoch after epoch, in PyTorch's orders.
 *
 * Every epoch draws from the random streams exactly what PyTorch's loader draws, so that whatever follows stays in step:
 *
 *   64 bits    a base seed, shuffled or not, at the moment the loop begins
 *   64 bits    with `shuffle`, the seed of the generator that permutes this epoch, when its first batch is asked for
 *
 * With an explicit `generator` the base seed and the permutations come from it, and one more permutation is consumed at the
 * end of an epoch.
 */

import { checkList } from "../tensor/check-list.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import type { Generator } from "../tensor/random/generator.ts";
import type { Collated } from "./collate.ts";
import { collate } from "./collate.ts";
import { Dataset, IterableDataset, ListDataset } from "./dataset.ts";
import { BatchSampler, checkCount, inBatches, RandomSampler, SequentialSampler, type Sized } from "./samplers.ts";

export interface DataLoaderOptions<Sample, Batch> {
  /** Samples in a batch; null for samples one by one, without a batch axis. Default 1 */
  readonly batchSize?: number | null;
  /** A new random order each epoch. Default false */
  readonly shuffle?: boolean;
  /** The order of the samples, instead of `shuffle`. */
  readonly sampler?: Iterable<number>;
  /** The samples of each batch, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  readonly batchSampler?: Iterable<readonly number[]>;
  /** Whether a last batch that is not full is left out. Default false */
  readonly dropLast?: boolean;
  /** Makes a batch of samples, PyTorch's `collate_fn`. Default: `collate`, and for tensors one gather each */
  readonly collate?: (samples: Sample[]) => Batch;
  /** The stream of the orders. Default: the one that `manualSeed` seeds */
  readonly generator?: Generator;
}

const OPTIONS = ["batchSize", "shuffle", "sampler", "batchSampler", "dropLast", "collate", "generator"];

/**
 * @example
 * const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 32, shuffle: true });
 * for (const [xs, ys] of loader) { … } // xs [32, …], ys [32, …]
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements Iterable<Batch> {
  readonly dataset: Dataset<Sample> | IterableDataset<Sample>;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly generator: Generator | null;
  /** The order of the samples; null for an iterable dataset or with a `batchSampler`. */
  readonly sampler: Iterable<number> | null;
  /** The samples of each batch; null for an iterable dataset or with `batchSize: null`. */
  readonly batchSampler: Iterable<readonly number[]> | null;
  readonly #collate: ((samples: Sample[]) => Batch) | null;

  /**
   * @param dataset where the samples come from; a plain array of samples is one
   * @throws {ArgumentError} for options that contradict one another or do not exist
   */
  constructor(
    dataset: Dataset<Sample> | IterableDataset<Sample> | readonly Sample[],
    options: DataLoaderOptions<Sample, Batch> = {},
  ) {
    checkOptions("DataLoader", options, OPTIONS);
    this.dataset =
      dataset instanceof Dataset || dataset instanceof IterableDataset
        ? dataset
        : new ListDataset(checkArray<Sample>(dataset));
    checkCombination(options, this.dataset instanceof IterableDataset);
    const { batchSize = 1, shuffle = false, sampler, batchSampler, generator } = options;
    if (sampler !== undefined) checkList("DataLoader (sampler)", "indices, or a sampler", sampler);
    if (batchSampler !== undefined) checkList("DataLoader (batchSampler)", "lists of indices", batchSampler);
    for (const [name, value] of Object.entries({ shuffle, dropLast: options.dropLast ?? false })) {
      if (typeof value !== "boolean") {
        throw new ArgumentError(`DataLoader: ${name} must be true or false, got ${typeof value}`);
      }
    }
    if (options.collate !== undefined && typeof options.collate !== "function") {
      throw new ArgumentError(`DataLoader: collate must be a function of samples, got ${typeof options.collate}`);
    }
    this.batchSize = batchSampler !== undefined || batchSize === null ? null : batchSize;
    if (this.batchSize !== null) checkCount("DataLoader", "batchSize", this.batchSize);
    this.dropLast = options.dropLast ?? false;
    this.generator = generator ?? null;
    this.#collate = options.collate ?? null;
    if (this.dataset instanceof IterableDataset || batchSampler !== undefined) {
      this.sampler = null;
      this.batchSampler = batchSampler ?? null;
      return;
    }
    const shuffled = () => new RandomSampler(this.dataset as Dataset<Sample>, generator ? { generator } : {});
    this.sampler = sampler ?? (shuffle ? shuffled() : new SequentialSampler(this.dataset));
    this.batchSampler = this.batchSize === null ? null : new BatchSampler(this.sampler, this.batchSize, this.dropLast);
  }

  /**
   * How many batches an epoch has.
   * @throws {ArgumentError} for an iterable dataset or a sampler that does not know its length
   */
  get length(): number {
    if (this.dataset instanceof IterableDataset) {
      const count = lengthOf(this.dataset, "its iterable dataset");
      if (this.batchSize === null) return count;
      return this.dropLast ? Math.floor(count / this.batchSize) : Math.ceil(count / this.batchSize);
    }
    return lengthOf(this.batchSampler ?? this.sampler, "its sampler");
  }

  /** One epoch. The base seed is drawn here, before the first batch is asked for. */
  [Symbol.iterator](): IterableIterator<Batch> {
    (this.generator ?? defaultGenerator).random64();
    return this.#batches();
  }

  *#batches(): IterableIterator<Batch> {
    const { dataset, batchSize, batchSampler } = this;
    const make = this.#collate;
    if (dataset instanceof IterableDataset) {
      if (batchSize === null) yield* dataset as unknown as Iterable<Batch>;
      else {
        for (const samples of inBatches(dataset, batchSize, this.dropLast)) {
          yield make === null ? (collate(samples) as unknown as Batch) : make(samples);
        }
      }
    } else if (batchSampler === null) {
      for (const index of this.sampler as Iterable<number>) yield dataset.at(index) as unknown as Batch;
    } else {
      for (const indices of batchSampler) {
        yield make === null
          ? (dataset.batch(indices) as unknown as Batch)
          : make(indices.map((index) => dataset.at(index)));
      }
    }
  }
}

function checkCombination(options: DataLoaderOptions<never, unknown>, iterable: boolean): void {
  const { shuffle = false, sampler, batchSampler, dropLast = false, batchSize = 1 } = options;
  const refuse = (what: string) => {
    throw new ArgumentError(`DataLoader: ${what}`);
  };
  if (iterable && (shuffle || sampler !== undefined || batchSampler !== undefined)) {
    refuse("an iterable dataset comes in its own order: leave out shuffle, sampler and batchSampler");
  }
  if (sampler !== undefined && shuffle) refuse("a sampler and shuffle both set the order: give one of them");
  if (batchSampler !== undefined && (batchSize !== 1 || shuffle || sampler !== undefined || dropLast)) {
    refuse("a batchSampler makes the batches alone: leave out batchSize, shuffle, sampler and dropLast");
  }
  if (batchSize === null && dropLast) refuse("with batchSize null there are no batches, and none to drop");
  if (batchSize === null && options.collate !== undefined) {
    refuse("with batchSize null there are no batches to collate; change the samples in the dataset");
  }
}

function checkArray<Sample>(dataset: unknown): readonly Sample[] {
  if (Array.isArray(dataset)) return dataset;
  throw new ArgumentError(
    "DataLoader: the dataset must be a Dataset, an IterableDataset or an array of samples; tensors make one by new TensorDataset(x, y)",
  );
}

function lengthOf(sized: unknown, name: string): number {
  const { length } = sized as Partial<Sized>;
  if (typeof length === "number") return length;
  throw new ArgumentError(`DataLoader.length: ${name} does not know its length`);
}
