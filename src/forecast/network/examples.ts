/** Windows and targets as tensors: what a network is trained and tested on. */

import { allocate } from "../../backend/allocate.ts";
import { elementsOfNew } from "../../ops/new-elements.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { WindowEncoder } from "../inputs.ts";

export interface Examples {
  /** The row of the last known value of each example. */
  readonly origins: Int32Array;
  /** [N, window, features] */
  readonly inputs: Tensor;
  /** [N, horizon] */
  readonly targets: Tensor;
}

/** The windows that end at `origins`, [N, window, features]. */
export function encodeInputs(encoder: WindowEncoder, columns: readonly Float64Array[], origins: Int32Array): Tensor {
  const size = encoder.target.state.window * encoder.features;
  const inputs = allocate([origins.length, encoder.target.state.window, encoder.features], "float32");
  const elements = elementsOfNew(inputs) as Float32Array;
  const one = new Float64Array(size);
  origins.forEach((origin, i) => {
    encoder.encodeInto(one, 0, columns, origin);
    elements.set(one, i * size);
  });
  return inputs;
}

/**
 * The examples at `origins`.
 * @param targetsAt what a perfect network would answer at an origin, [horizon]
 */
export function examplesAt(
  encoder: WindowEncoder,
  columns: readonly Float64Array[],
  origins: Int32Array,
  targetsAt: (origin: number) => Float64Array,
): Examples {
  const { horizon } = encoder.target.state;
  const targets = allocate([origins.length, horizon], "float32");
  const elements = elementsOfNew(targets) as Float32Array;
  origins.forEach((origin, i) => {
    elements.set(targetsAt(origin), i * horizon);
  });
  return { origins, inputs: encodeInputs(encoder, columns, origins), targets };
}
