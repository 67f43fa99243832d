/**
 * Many samples made into one batch, as PyTorch's `default_collate`: what stands at the same place in every sample is joined
 * along a new first axis.
 */

import { tensor } from "../ops/create.ts";
import { stack } from "../ops/join.ts";
import { checkList } from "../tensor/check-list.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** What a batch of samples is: tensors and numbers become a tensor, texts a list, tuples and records keep their form. */
export type Collated<Sample> = Sample extends Tensor | TypedArray | number | bigint | boolean
  ? Tensor
  : Sample extends string
    ? string[]
    : Sample extends readonly unknown[] | Record<string, unknown>
      ? { -readonly [Key in keyof Sample]: Collated<Sample[Key]> }
      : Sample extends object
        ? { -readonly [Key in keyof Sample]: Collated<Sample[Key]> }
        : never;

/**
 * Tensors and typed arrays are stacked, numbers become a float32 tensor [batch] (bigints int64, booleans bool), texts stay a
 * list; tuples and records are collated place by place.
 * @throws {ShapeError} if tensors at one place have several shapes: pad them, or give the loader a `collate` of its own
 */
export function collate<Sample>(samples: readonly Sample[]): Collated<Sample> {
  checkList("collate", "samples", samples);
  if (samples.length === 0) throw new ArgumentError("collate: a batch needs at least one sample");
  return collateAny(samples, "") as Collated<Sample>;
}

function collateAny(samples: readonly unknown[], place: string): unknown {
  const [first] = samples;
  if (first instanceof Tensor) return collateTensors(samples as Tensor[], place);
  if (ArrayBuffer.isView(first)) {
    return collateTensors(
      (samples as TypedArray[]).map((sample) => tensor(sample)),
      place,
    );
  }
  if (typeof first === "number" || typeof first === "bigint" || typeof first === "boolean") {
    return tensor(samples as number[]);
  }
  if (typeof first === "string") return [...samples];
  if (Array.isArray(first)) {
    const lists = samples as unknown[][];
    const odd = lists.findIndex((list) => list.length !== first.length);
    if (odd !== -1) {
      throw new ArgumentError(
        `collate: sample ${odd}${place} has ${lists[odd].length} parts, the first has ${first.length}; ` +
          "give the loader a collate of its own",
      );
    }
    return first.map((_, i) =>
      collateAny(
        lists.map((list) => list[i]),
        `${place}[${i}]`,
      ),
    );
  }
  if (typeof first === "object" && first !== null) {
    const records = samples as Record<string, unknown>[];
    const entries = Object.keys(first).map((key) => [
      key,
      collateAny(
        records.map((record) => record[key]),
        `${place}.${key}`,
      ),
    ]);
    return Object.fromEntries(entries);
  }
  const got = first === null ? "null" : typeof first;
  throw new ArgumentError(
    `collate: samples${place} are ${got}; expected tensors, numbers, texts, or tuples and records of them`,
  );
}

function collateTensors(tensors: readonly Tensor[], place: string): Tensor {
  const [first] = tensors;
  const odd = tensors.findIndex((each) => !sameShape(each.shape, first.shape));
  if (odd !== -1) {
    throw new ShapeError(
      `collate: sample ${odd}${place} is ${formatShape(tensors[odd].shape)}, the first is ${formatShape(first.shape)}; ` +
        "pad them to one shape, or give the loader a collate of its own",
    );
  }
  return stack(tensors);
}
