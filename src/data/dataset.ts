/** What samples come from: a dataset knows how many it has and finds each by its number; an iterable one only comes in order. */

import { ArgumentError } from "../tensor/errors.ts";
import { type Collated, collate } from "./collate.ts";

/**
 * Samples by number.
 * @example
 * class Squares extends Dataset<[Tensor, Tensor]> {
 *   readonly length = 100;
 *   at(i: number): [Tensor, Tensor] { return [tensor([i]), tensor([i * i])]; }
 * }
 */
export abstract class Dataset<Sample> {
  /** How many samples there are. */
  abstract readonly length: number;

  /** Sample 0 ≤ `index` < `length`. */
  abstract at(index: number): Sample;

  /** Several samples as one batch. By default collated one by one; override it where a batch can be had at once. */
  batch(indices: readonly number[]): Collated<Sample> {
    return collate(indices.map((index) => this.at(index)));
  }

  *[Symbol.iterator](): Iterator<Sample> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** Samples in an order of their own, perhaps without end: read from a stream, made on the way. Extend it and write the iterator. */
export abstract class IterableDataset<Sample> implements Iterable<Sample> {
  abstract [Symbol.iterator](): Iterator<Sample>;
}

/** A plain array as a dataset. */
export class ListDataset<Sample> extends Dataset<Sample> {
  readonly samples: readonly Sample[];

  constructor(samples: readonly Sample[]) {
    super();
    this.samples = samples;
  }

  get length(): number {
    return this.samples.length;
  }

  at(index: number): Sample {
    return this.samples[wholeIndex("ListDataset", index, this.length)];
  }
}

/** An index counted from the front; negative ones count from the end. @throws {ArgumentError} if there is no such sample */
export function wholeIndex(place: string, index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new ArgumentError(`${place}.at: there is no sample ${index}; there are ${length}, counted from 0`);
  }
  return index < 0 ? index + length : index;
}
