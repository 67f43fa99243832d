import { backend } from "refrain";
import { describe, expect, it } from "vitest";
import { sine, train, windowsOf } from "../../tutorials/sine-lstm/program.ts";
import { quickRun } from "./quick-run.ts";
import { expectRecordedLosses, recordedLosses } from "./recorded-losses.ts";

const recorded = recordedLosses("sine-lstm");

describe("sine-lstm", () => {
  it("has PyTorch's losses from the first epoch on", () => {
    const [x, y] = windowsOf(sine());
    expect(x.shape).toEqual([40, 460, 1]);
    const { losses } = train(x.slice(1, 0, 450), y.slice(0, 0, 450), { seed: 1, epochs: 2, print: () => {} });
    expectRecordedLosses(losses, recorded);
  });

  // The reference backend walks an epoch of this size in seconds: 50 of them are no quick run there.
  it.skipIf(backend().name === "reference")("reaches its mark, also on phases it never saw", async () => {
    const { metrics, lines, figures } = await quickRun("sine-lstm");
    expectRecordedLosses(metrics.losses as number[], recorded);
    expect(metrics.losses).toHaveLength(50);
    expect(metrics.reached).toBe(true);
    expect(metrics.finalLoss).toBeLessThanOrEqual(1e-3);
    expect(metrics.unseenRmse).toBeLessThan(0.5 * (metrics.naiveRmse as number));
    expect(metrics.predicted).toHaveLength(10);
    expect(lines).toContain("the last 10 values and their predictions");
    expect([...figures.keys()]).toEqual(["loss", "last-ten"]);
  });

  it("is tested on windows that it was trained on: the sine repeats", () => {
    const [x] = windowsOf(sine());
    const last = x.slice(1, 450).toTypedArray() as Float32Array;
    const trained = x.slice(1, 400, 410).toTypedArray() as Float32Array;
    expect(Math.max(...last.map((value, i) => Math.abs(value - trained[i])))).toBeLessThan(1e-6);
  });
});
