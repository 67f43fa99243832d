/** The losses of PyTorch's run of the same lesson, and how far a run may be from them. */

import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { TRAINING_LOSS } from "../tolerances.ts";

export function recordedLosses(name: string): number[] {
  const url = new URL(`../fixtures/training-runs/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { losses: number[] }).losses;
}

/** Every loss is PyTorch's, as far as the run went. */
export function expectRecordedLosses(losses: readonly number[], recorded: readonly number[]): void {
  losses.forEach((loss, step) => {
    expect(Math.abs(loss / recorded[step] - 1), `at step ${step}`).toBeLessThanOrEqual(TRAINING_LOSS);
  });
}
