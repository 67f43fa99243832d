/**
 * In which order samples are visited. Every pass over a sampler is a new order; draws are PyTorch's, made when they are
 * needed and not before, so that the streams stay in step even when a pass is left half way.
 */

import { checkList } from "../tensor/check-list.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import { Generator } from "../tensor/random/generator.ts";
import { multinomial } from "../tensor/random/multinomial.ts";

/** Something with a number of samples: a dataset, an array. */
export interface Sized {
  readonly length: number;
}

/** An order of samples (or, for a batch sampler, of batches). Extend it for an order of your own. */
export abstract class Sampler<Item = number> implements Iterable<Item> {
  /** How many items a pass gives. */
  abstract readonly length: number;
  abstract [Symbol.iterator](): Iterator<Item>;
}

/** 0, 1, 2, … */
export class SequentialSampler extends Sampler {
  readonly dataSource: Sized;

  constructor(dataSource: Sized) {
    super();
    checkList("SequentialSampler", "samples, or a Dataset", dataSource);
    this.dataSource = dataSource;
  }

  get length(): number {
    return this.dataSource.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.dataSource.length; i++) yield i;
  }
}

export interface RandomSamplerOptions {
  /** Whether a sample can come again. Default false */
  readonly replacement?: boolean;
  /** How many are drawn. Default: as many as there are */
  readonly numSamples?: number;
  /** The stream of the orders. Default: each pass has a generator of its own, seeded from the one that `manualSeed` seeds */
  readonly generator?: Generator;
}

/** All samples in random order. */
export class RandomSampler extends Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: Generator | null;
  readonly #numSamples: number | null;

  constructor(dataSource: Sized, options: RandomSamplerOptions = {}) {
    super();
    checkOptions("RandomSampler", options, ["replacement", "numSamples", "generator"]);
    checkList("RandomSampler", "samples, or a Dataset", dataSource);
    this.dataSource = dataSource;
    this.replacement = options.replacement ?? false;
    this.generator = options.generator ?? null;
    this.#numSamples = options.numSamples ?? null;
    checkCount("RandomSampler", "numSamples", this.length);
  }

  get length(): number {
    return this.#numSamples ?? this.dataSource.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    const { dataSource, length } = this;
    const generator = this.generator ?? new Generator(defaultGenerator.random64() & (2n ** 63n - 1n));
    if (this.replacement) {
      for (let left = length; left > 0; left -= 32) {
        yield* generator.randint(new Int32Array(Math.min(left, 32)), 0, dataSource.length);
      }
      return;
    }
    const passes = Math.floor(length / dataSource.length);
    for (let pass = 0; pass < passes; pass++) yield* generator.randperm(dataSource.length);
    // Drawn even where nothing is left to fill: an explicit generator moves on by one more order, as in PyTorch.
    yield* generator.randperm(dataSource.length).subarray(0, length % dataSource.length);
  }
}

/** The given indices in random order. */
export class SubsetRandomSampler extends Sampler {
  readonly indices: readonly number[];
  readonly generator: Generator;

  /** @param options.generator the stream of the orders. Default: the one that `manualSeed` seeds */
  constructor(indices: Iterable<number>, options: { generator?: Generator } = {}) {
    super();
    checkOptions("SubsetRandomSampler", options, ["generator"]);
    checkList("SubsetRandomSampler", "indices, as [0, 2]", indices);
    this.indices = [...indices];
    this.generator = options.generator ?? defaultGenerator;
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const i of this.generator.randperm(this.indices.length)) yield this.indices[i];
  }
}

export interface WeightedRandomSamplerOptions {
  /** Whether a sample can come again. Default true */
  readonly replacement?: boolean;
  /** Default: the generator that `manualSeed` seeds */
  readonly generator?: Generator;
}

/** Samples drawn in proportion to their weights: to see rare ones more often. */
export class WeightedRandomSampler extends Sampler {
  /** One for each sample; they need not add up to 1. */
  readonly weights: Float64Array;
  readonly length: number;
  readonly replacement: boolean;
  readonly generator: Generator;

  /**
   * @param weights    one for each sample, finite and not negative
   * @param numSamples how many are drawn in a pass
   * @throws {ArgumentError} for more draws than samples without replacement
   */
  constructor(weights: ArrayLike<number>, numSamples: number, options: WeightedRandomSamplerOptions = {}) {
    super();
    checkOptions("WeightedRandomSampler", options, ["replacement", "generator"]);
    checkList("WeightedRandomSampler", "weights, one for each sample", weights);
    this.weights = Float64Array.from(weights);
    this.length = checkCount("WeightedRandomSampler", "numSamples", numSamples);
    this.replacement = options.replacement ?? true;
    this.generator = options.generator ?? defaultGenerator;
    const bad = this.weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
    if (bad !== -1) {
      throw new ArgumentError(
        `WeightedRandomSampler: weights must be finite and ≥ 0, weight ${bad} is ${this.weights[bad]}`,
      );
    }
    if (!this.replacement && numSamples > this.weights.length) {
      throw new ArgumentError(
        `WeightedRandomSampler: ${numSamples} samples cannot be drawn from ${this.weights.length} without replacement`,
      );
    }
  }

  *[Symbol.iterator](): Iterator<number> {
    yield* multinomial(this.generator, this.weights, this.length, this.replacement);
  }
}

/** Another sampler's items in batches. */
export class BatchSampler extends Sampler<number[]> {
  readonly sampler: Iterable<number>;
  readonly batchSize: number;
  readonly dropLast: boolean;

  /**
   * @param sampler   the order of the samples
   * @param batchSize samples in a batch
   * @param dropLast  whether a last batch that is not full is left out. Default false
   */
  constructor(sampler: Iterable<number>, batchSize: number, dropLast = false) {
    super();
    checkList("BatchSampler", "indices, or a sampler", sampler);
    this.sampler = sampler;
    this.batchSize = checkCount("BatchSampler", "batchSize", batchSize);
    if (typeof dropLast !== "boolean") {
      throw new ArgumentError(`BatchSampler: dropLast must be true or false, got ${typeof dropLast}`);
    }
    this.dropLast = dropLast;
  }

  get length(): number {
    const { length } = this.sampler as Partial<Sized>;
    if (length === undefined) throw new ArgumentError("BatchSampler: its sampler does not know its length");
    return this.dropLast ? Math.floor(length / this.batchSize) : Math.ceil(length / this.batchSize);
  }

  [Symbol.iterator](): Iterator<number[]> {
    return inBatches(this.sampler, this.batchSize, this.dropLast);
  }
}

/** Items in lists of `size`; the last, shorter one unless it is dropped. */
export function* inBatches<Item>(items: Iterable<Item>, size: number, dropLast: boolean): IterableIterator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0 && !dropLast) yield batch;
}

/** @returns the count @throws {ArgumentError} unless it is a whole number ≥ 1 */
export function checkCount(place: string, name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ArgumentError(`${place}: ${name} must be a whole number ≥ 1, got ${String(value)}`);
  }
  return value;
}
