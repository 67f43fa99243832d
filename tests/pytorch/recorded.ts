/** Tensors as the fixtures record them, and how far a computed one may be from them. */

import { readFileSync } from "node:fs";
import type { Tensor } from "refrain";
import { expect } from "vitest";
import { FLOAT32_OF_MAXIMUM, FLOAT64_OF_MAXIMUM } from "../tolerances.ts";

/** Shape and row-major values. */
export interface Recorded {
  shape: number[];
  values: number[];
}

/** The cases of `tests/fixtures/<path>.json`. */
export function casesOf<C>(path: string): C[] {
  const url = new URL(`../fixtures/${path}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { cases: C[] }).cases;
}

/** The largest difference, as a share of the largest recorded value. */
export function differenceOfMaximum(computed: Tensor, { values }: Recorded): number {
  const own = computed.toTypedArray();
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = values.reduce((most, value, i) => Math.max(most, Math.abs(Number(own[i]) - value)), 0);
  return apart === 0 ? 0 : apart / largest;
}

/** Asserts that shape and values are the recorded ones, within the tolerance of the dtype. */
export function expectRecorded(name: string, computed: Tensor | null, recorded: Recorded): void {
  expect(computed, `${name} exists`).not.toBeNull();
  if (computed === null) return;
  expect([...computed.shape], `shape of ${name}`).toEqual(recorded.shape);
  const tolerance = computed.dtype === "float64" ? FLOAT64_OF_MAXIMUM : FLOAT32_OF_MAXIMUM;
  expect(differenceOfMaximum(computed, recorded), name).toBeLessThanOrEqual(tolerance);
}
