import { beforeAll, describe, expect, it } from "vitest";
import { type QuickRun, quickRun } from "./quick-run.ts";
import { expectRecordedLosses, recordedLosses } from "./recorded-losses.ts";

describe("sine to cosine", () => {
  let lesson: QuickRun;
  beforeAll(async () => {
    lesson = await quickRun("sine-to-cosine");
  });

  it("has PyTorch's loss at every step as the lesson has it", () => {
    const losses = lesson.metrics.losses as number[];
    expect(losses).toHaveLength(100);
    expectRecordedLosses(losses, recordedLosses("sine-to-cosine"));
  });

  it("hardly learns with SGD and reaches its mark with Adam", () => {
    expect(lesson.metrics.lessonLoss).toBeGreaterThan(0.56);
    expect(lesson.metrics.improvedLoss).toBeLessThanOrEqual(0.01);
    expect(lesson.metrics.reached).toBe(true);
  });

  it("is the same net with LSTMCell", () => {
    expect(lesson.metrics.cellApart).toBeLessThan(1e-5);
  });

  it("needs the state that it was trained with", () => {
    const { improvedLoss, zeroStateLoss, randomStateLoss } = lesson.metrics as unknown as Record<string, number>;
    expect(zeroStateLoss).toBeGreaterThan(10 * improvedLoss);
    expect(randomStateLoss).toBeGreaterThan(10 * improvedLoss);
    expect([...lesson.figures.keys()]).toEqual(["loss", "lesson", "improved"]);
  });
});
