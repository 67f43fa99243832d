import { readFileSync } from "node:fs";
import { backend } from "refrain";
import { describe, expect, it } from "vitest";
import { TRAINING_LOSS } from "../tolerances.ts";
import * as runs from "./training-runs.ts";

/** The losses that PyTorch had, step by step. */
function recordedLosses(name: string): number[] {
  const url = new URL(`../fixtures/training-runs/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { losses: number[] }).losses;
}

/** `onReference`: how many steps the reference backend walks, where all of them would take it minutes. */
const RUNS = [
  { name: "noisy-sine", run: runs.noisySine, onReference: 250 },
  { name: "sine-lstm", run: runs.sineLstm, onReference: 2 },
  { name: "stock-window", run: runs.stockWindow, onReference: 500 },
  { name: "learning-a-sine", run: runs.learningASine, onReference: 1000 },
  { name: "sine-to-cosine", run: runs.sineToCosine, onReference: 100 },
  { name: "nikkei-gru", run: runs.nikkeiGru, onReference: 123 },
].map(({ name, run, onReference }) => {
  const recorded = recordedLosses(name);
  const all = recorded.length;
  const steps = backend().name === "reference" ? onReference : all;
  const extent = steps === all ? `all ${all} steps` : `the first ${steps} of ${all} steps, on the reference backend`;
  return { name: `${name}, ${extent}`, run, losses: recorded.slice(0, steps) };
});

describe("a training run has PyTorch's loss at every step", () => {
  it.each(RUNS)("$name", ({ run, losses }) => {
    const own = run();
    const apart = losses.map((loss) => Math.abs(Number(own.next().value) / loss - 1));
    const worst = apart.reduce((most, relative, step) => (relative <= apart[most] ? most : step), 0);
    expect(apart[worst], `at step ${worst}`).toBeLessThanOrEqual(TRAINING_LOSS);
  });
});
