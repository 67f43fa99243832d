import { readFileSync } from "node:fs";
import type { Figure } from "refrain/figure";
import { DataSource, findTutorial, type TutorialMetrics } from "refrain-tutorials";
import { beforeAll, describe, expect, it } from "vitest";
import { TRAINING_LOSS } from "../tolerances.ts";

/** The losses of the same program in PyTorch, step by step. */
const recorded: number[] = JSON.parse(
  readFileSync(new URL("../fixtures/training-runs/noisy-sine.json", import.meta.url), "utf8"),
).losses;

/** On the reference backend the whole lesson takes minutes. */
const PATIENCE_MS = 240_000;

interface Lesson {
  readonly metrics: TutorialMetrics;
  readonly lines: readonly string[];
  readonly figures: ReadonlyMap<string, Figure>;
}

async function lesson(quick: boolean, seed: number | null = null): Promise<Lesson> {
  const lines: string[] = [];
  const figures = new Map<string, Figure>();
  const program = await findTutorial("noisy-sine")!.load();
  const metrics = await program.run({
    quick,
    seed,
    options: {},
    data: new DataSource([]),
    print: (line) => void lines.push(line),
    file: async () => {},
    figure: async (file, figure) => void figures.set(file, figure),
    animation: async () => {},
  });
  return { metrics, lines, figures };
}

interface Layer {
  readonly data?: { readonly values: readonly { readonly x: number; readonly y: number }[] };
  readonly encoding?: { readonly color?: { readonly datum?: string } };
}

/** The points of a figure's line, by the beginning of its name. */
function lineOf({ spec }: Figure, name: string) {
  const { layer } = spec as unknown as { layer: readonly Layer[] };
  return layer.find(({ encoding }) => encoding?.color?.datum?.startsWith(name))!.data!.values;
}

describe("the noisy sine", () => {
  let full: Lesson;
  beforeAll(async () => {
    full = await lesson(false);
  }, PATIENCE_MS);

  it("has PyTorch's loss at every 50th step, and prints it", () => {
    const losses = full.metrics.losses as number[];
    expect(losses).toHaveLength(10);
    losses.forEach((loss, i) => {
      expect(Math.abs(loss / recorded[50 * i] - 1), `at step ${50 * i}`).toBeLessThanOrEqual(TRAINING_LOSS);
      const printed = full.lines[i].match(/^step +(\d+) {2}loss (\d\.\d+)$/)!;
      expect(Number(printed[1])).toBe(50 * i);
      expect(Number(printed[2])).toBeCloseTo(recorded[50 * i], 4);
    });
    expect(Math.abs((full.metrics.finalLoss as number) / recorded[499] - 1)).toBeLessThanOrEqual(TRAINING_LOSS);
  });

  it("reaches its mark: close to the noise that nobody can forecast, and below naive", () => {
    const { reached, testRmse, naiveRmse } = full.metrics;
    expect(reached).toBe(true);
    expect(testRmse).toBeLessThanOrEqual(0.13);
    expect(testRmse).toBeGreaterThan(0.08);
    expect(testRmse).toBeLessThan(naiveRmse as number);
  });

  it("draws the loss, the 90 test predictions and the 200 steps on its own", () => {
    expect([...full.figures.keys()]).toEqual(["loss", "test-predictions", "recursive-forecast"]);
    expect(lineOf(full.figures.get("test-predictions")!, "RNN")).toHaveLength(90);
    const recursive = full.figures.get("recursive-forecast")!;
    expect(lineOf(recursive, "the series")).toHaveLength(500);
    const own = lineOf(recursive, "RNN, fed with its own forecasts");
    expect(own.map(({ x }) => x)).toEqual(Array.from({ length: 200 }, (_, i) => 359 + 50 + i));
  });

  it("is a sine still after 200 steps on its own: it neither dies out nor runs away", () => {
    const values = lineOf(full.figures.get("recursive-forecast")!, "RNN, fed").map(({ y }) => y);
    const last = values.slice(-100); // one period is 99.8 steps
    expect(Math.max(...last)).toBeGreaterThan(0.5);
    expect(Math.min(...last)).toBeLessThan(-0.5);
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(1.5);
  });

  it("is shorter in a hurry, with the same first losses", async () => {
    const quick = await lesson(true);
    expect(quick.metrics.losses).toEqual((full.metrics.losses as number[]).slice(0, 3));
    expect(quick.metrics.reached).toBe(true);
  });

  it("is another with another seed", async () => {
    const other = await lesson(true, 2);
    expect((other.metrics.losses as number[])[0]).not.toBe((full.metrics.losses as number[])[0]);
  });
});
