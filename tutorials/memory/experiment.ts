/** What the experiments of this lesson have in common. */

import { Generator, tensor } from "refrain";
import type { TutorialContext } from "../tutorial.ts";
import type { Sequence } from "./training.ts";

export type ExperimentContext = Pick<TutorialContext, "quick" | "print" | "figure"> & { readonly seed: number };

export interface Outcome {
  /** In words: what has to be reached. */
  readonly mark: string;
  readonly reached: boolean;
  readonly [figure: string]: unknown;
}

/** "Say the next value" at every step of a series of N + 1 values: inputs [N, 1] and targets [N, 1]. */
export function nextValue(series: Float64Array): Sequence {
  const values = tensor(series).float().unsqueeze(1); // [N + 1, 1]
  return { inputs: values.slice(0, 0, -1), targets: values.slice(0, 1) };
}

/** A stream for noise that is not the one that initial weights come from: they would be the noise itself, scaled. */
export const noiseGenerator = (seed: number): Generator => new Generator(1_000_000 + seed);

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};
