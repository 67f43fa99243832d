import { renderAnimation } from "refrain-render";
import { beforeAll, describe, expect, it } from "vitest";
import { type QuickRun, quickRun } from "./quick-run.ts";
import { expectRecordedLosses, recordedLosses } from "./recorded-losses.ts";

/** On the reference backend 1000 steps take a while. */
const PATIENCE_MS = 240_000;

describe("learning a sine", () => {
  let lesson: QuickRun;
  beforeAll(async () => {
    lesson = await quickRun("learning-a-sine");
  }, PATIENCE_MS);

  it("has PyTorch's loss at every one of its 1000 steps", () => {
    const losses = lesson.metrics.stepLosses as number[];
    expect(losses).toHaveLength(1000);
    expectRecordedLosses(losses, recordedLosses("learning-a-sine"));
  });

  it("gives each epoch the mean over all its samples, not the last batch's", () => {
    const steps = lesson.metrics.stepLosses as number[];
    (lesson.metrics.losses as number[]).forEach((loss, epoch) => {
      const own = steps.slice(5 * epoch, 5 * epoch + 5);
      expect(loss).toBeCloseTo(own.reduce((sum, each) => sum + each) / 5, 12);
    });
  });

  it("becomes a sine: far from it at first, nearer than the noise at last", () => {
    const apart = lesson.metrics.curveRmseByEpoch as Record<string, number>;
    expect(apart["10"]).toBeGreaterThan(0.6);
    expect(lesson.metrics.curveRmse).toBeLessThanOrEqual(0.3);
    expect(lesson.metrics.reached).toBe(true);
  });

  it("draws a series of six pictures and an animation of twenty in one file", async () => {
    expect(lesson.figures.get("becoming-a-sine")?.spec.concat).toHaveLength(6);
    const frames = lesson.animations.get("becoming-a-sine") ?? [];
    expect(frames.map((frame) => frame.title)).toEqual(Array.from({ length: 20 }, (_, i) => `epoch ${10 * i + 10}`));
    const html = await renderAnimation(frames);
    expect(html.split("<figure ")).toHaveLength(21);
    expect(html).not.toMatch(/<(link|img|iframe)\b|src=/);
  });
});
