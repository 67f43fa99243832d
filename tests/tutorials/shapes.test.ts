import { zeros } from "refrain";
import { beforeAll, describe, expect, it } from "vitest";
import { oneHot, ShapeReport } from "../../tutorials/shapes/program.ts";
import { type QuickRun, quickRun } from "./quick-run.ts";

describe("shapes", () => {
  let lesson: QuickRun;
  beforeAll(async () => {
    lesson = await quickRun("shapes");
  });

  it("says o after hell", () => {
    expect(lesson.metrics.reached).toBe(true);
    expect(lesson.metrics.predicted).toBe("o");
    expect(lesson.metrics.manyToOneLoss).toBeLessThan(1e-3);
  });

  it("spells ello: the same l leads to l and then to o", () => {
    expect(lesson.metrics.spelled).toBe("ello");
  });

  it("learns from one example to say o after everything", () => {
    expect(lesson.metrics.elsewhere).toEqual({ hello: "o", eeee: "o", hhhh: "o" });
  });

  it("is its layer by hand, and its last step is its last state", () => {
    const { byHand, lastStep } = lesson.metrics.apart as Record<string, number>;
    expect(byHand).toBeLessThan(1e-6);
    expect(lastStep).toBe(0);
  });

  it("prints the shapes that the lesson is about, and refuses others", () => {
    const shapes = lesson.metrics.shapes as Record<string, number[]>;
    expect(shapes["RNN(5, 8): h of every step"]).toEqual([1, 10, 8]);
    expect(shapes["RNN(5, 8): h of the last step"]).toEqual([1, 1, 8]);
    expect(Object.keys(shapes)).toHaveLength(22);
    for (const [what, shape] of Object.entries(shapes)) {
      expect(lesson.lines).toContain(`${what.padEnd(48)} [${shape.join(", ")}]`);
    }
    expect(() => new ShapeReport(() => {}).expect("x", zeros([2, 3]), [3, 2])).toThrow("x is [2, 3], not [3, 2]");
  });

  it("writes a letter as a row with a single one", () => {
    expect(oneHot("hello").squeeze(0).toArray()).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
  });

  it("draws every step with the same weights", () => {
    const drawn = JSON.stringify(lesson.figures.get("many-to-many")?.spec);
    for (const weight of ["W", "U", "V"]) expect(drawn.split(`"text":"${weight}"`)).toHaveLength(5);
    expect([...lesson.figures.keys()]).toEqual(["many-to-one", "many-to-many", "loss", "states"]);
  });
});
