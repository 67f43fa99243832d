import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arange, backend, cat, rand, randn, type Tensor, tensor, zeros } from "refrain";
import type { Checkpoint } from "refrain/io";
import { loadCheckpoint, saveCheckpoint } from "refrain/io";
import { describe, expect, it } from "vitest";
import {
  CheckpointError,
  CheckpointFile,
  type Checkpoints,
} from "../../tutorials/fashion-completion/checkpoint-file.ts";
import { PLACES } from "../../tutorials/fashion-completion/fashion-mnist.ts";
import { LinearMap } from "../../tutorials/fashion-completion/linear-map.ts";
import { errorByRow, errorOf, lowerHalves } from "../../tutorials/fashion-completion/lower-half.ts";
import { pixels, RowLSTM } from "../../tutorials/fashion-completion/row-lstm.ts";
import { type TrainingPlan, train } from "../../tutorials/fashion-completion/training.ts";
import { TRAINING_LOSS } from "../tolerances.ts";
import { clearFolders, drawnFiles, drawnPictures, folderOf } from "./drawn-clothes.ts";
import { quickRun } from "./quick-run.ts";
import { recordedLosses } from "./recorded-losses.ts";

clearFolders();

const drawn = (count: number, first = 0): Tensor => tensor(drawnPictures(count, first)).reshape(count, 28, 28);

const PLAN: TrainingPlan = {
  images: drawn(36),
  test: pixels(drawn(14, 36)),
  shown: pixels(drawn(10, 36)),
  hidden: 16,
  epochs: 3,
  seed: 1,
  fingerprint: "drawn",
};
const SILENT = { print: () => {}, epoch: async () => {} };

describe("the lower half of pictures", () => {
  const images = rand([5, 28, 28]);
  const repeat = (rows: Tensor) => rows.select(1, -1);

  it("drawn by repetition is the last given row, or the row before where the true rows are given", async () => {
    const own = await lowerHalves(repeat, images, "own");
    expect(own.toArray()).toEqual(images.narrow(1, 13, 1).expand([5, 14, 28]).toArray());
    const fromTrue = await lowerHalves(repeat, images, "true");
    expect(fromTrue.toArray()).toEqual(images.narrow(1, 13, 14).toArray());
  });

  it("drawn from own rows does not change when the true lower half does", async () => {
    const model = new RowLSTM(8);
    const next = (rows: Tensor) => model.forward(rows);
    const others = cat([images.narrow(1, 0, 14), rand([5, 14, 28])], 1);
    const [a, b] = [await lowerHalves(next, images, "own"), await lowerHalves(next, others, "own")];
    expect(b.toArray()).toEqual(a.toArray());
    expect((await lowerHalves(next, others, "true")).toArray()).not.toEqual(
      (await lowerHalves(next, images, "true")).toArray(),
    );
  });

  it("begins with the same row either way, and every window shows 14 rows", async () => {
    const model = new RowLSTM(8);
    const next = (rows: Tensor) => {
      expect(rows.shape).toEqual([5, 14, 28]);
      return model.forward(rows);
    };
    const [own, fromTrue] = [await lowerHalves(next, images, "unbounded"), await lowerHalves(next, images, "true")];
    expect(own.select(1, 0).toArray()).toEqual(fromTrue.select(1, 0).toArray());
  });

  it("has pixels from 0 to 1, unless it is unbounded, and is the same where nothing leaves that range", async () => {
    const brighter = (rows: Tensor) => rows.select(1, -1).add(0.1); // row t is the last given one, brighter by t / 10
    const [own, unbounded] = [
      await lowerHalves(brighter, images, "own"),
      await lowerHalves(brighter, images, "unbounded"),
    ];
    expect(own.max().item()).toBe(1);
    expect(unbounded.max().item()).toBeGreaterThan(2);
    expect(own.toArray()).toEqual(unbounded.clamp(0, 1).toArray());
    const dimmer = (rows: Tensor) => rows.select(1, -1).mul(0.9);
    expect((await lowerHalves(dimmer, images, "own")).toArray()).toEqual(
      (await lowerHalves(dimmer, images, "unbounded")).toArray(),
    );
  });

  it("of many pictures is that of each", async () => {
    const many = rand([130, 28, 28]);
    const own = await lowerHalves(repeat, many, "own");
    expect(own.shape).toEqual([130, 14, 28]);
    expect(own.select(0, 129).toArray()).toEqual(many.select(0, 129).narrow(0, 13, 1).expand([14, 28]).toArray());
  });

  it("has the mean of its rows' errors as its error", () => {
    const halves = zeros([5, 14, 28]);
    const byRow = errorByRow(halves, images);
    expect(byRow).toHaveLength(14);
    expect(byRow.reduce((a, b) => a + b) / 14).toBeCloseTo(errorOf(halves, images), 6);
    expect(errorOf(images.narrow(1, 14, 14), images)).toBe(0);
  });
});

describe("the linear map", () => {
  const x = randn([60, 4]);
  const weight = tensor([
    [1, -2],
    [0, 3],
    [0.5, 0],
    [-1, 1],
  ]);
  const y = x.matmul(weight).add(tensor([2, -1]));
  const batches = (target: Tensor): [Tensor, Tensor][] =>
    [0, 20, 40].map((from) => [x.narrow(0, from, 20), target.narrow(0, from, 20)]);

  it("finds a linear relation, however the examples are divided into batches", () => {
    for (const examples of [batches(y), [[x, y] as const]]) {
      const map = LinearMap.fit(examples, 0);
      expect(map.weight.sub(weight).abs().max().item()).toBeLessThan(1e-4);
      expect(map.forward(x).sub(y).abs().max().item()).toBeLessThan(1e-4);
    }
  });

  it("is where the gradient of squared errors and penalty is zero", () => {
    const noisy = y.add(randn([60, 2]));
    const map = LinearMap.fit(batches(noisy), 5);
    const rest = noisy.sub(map.forward(x)); // [60, 2]
    const slope = x.t().matmul(rest).sub(map.weight.mul(5));
    expect(slope.abs().max().item()).toBeLessThan(1e-3);
    expect(rest.mean(0).abs().max().item()).toBeLessThan(1e-4); // the bias is not penalised
  });

  it("lets a column that is always 0 be", () => {
    const map = LinearMap.fit([[cat([x, zeros([60, 1])], 1), y]], 1e-3);
    expect(map.weight.select(0, 4).toArray()).toEqual([0, 0]);
  });
});

/** Keeps checkpoints in memory, and fails at the n-th: what was kept until then remains. */
class Interrupted implements Checkpoints {
  bytes: Uint8Array | null;
  #left: number;

  constructor(saves: number, bytes: Uint8Array | null = null) {
    this.#left = saves;
    this.bytes = bytes;
  }

  load(): Checkpoint | null {
    return this.bytes && loadCheckpoint(this.bytes);
  }

  save(_: unknown, checkpoint: Checkpoint): void {
    this.bytes = saveCheckpoint(checkpoint);
    if (--this.#left === 0) throw new Error("power cut");
  }
}

const bitsOf = (model: RowLSTM) =>
  Object.entries(model.stateDict()).map(([name, x]) => [
    name,
    new Uint32Array((x.toTypedArray() as Float32Array).buffer),
  ]);

describe("training", () => {
  it("has PyTorch's losses, averaged over all windows of an epoch and not over its last batch", async () => {
    const steps = recordedLosses("fashion-completion"); // batches of 128, 128, 128 and 120 windows
    const { losses } = await train(PLAN, SILENT);
    expect(losses).toHaveLength(3);
    losses.forEach((loss, epoch) => {
      const [a, b, c, d] = steps.slice(4 * epoch);
      const mean = (128 * (a + b + c) + 120 * d) / 504;
      expect(Math.abs(loss / mean - 1), `epoch ${epoch + 1}`).toBeLessThanOrEqual(TRAINING_LOSS);
    });
  });

  it("that was interrupted and resumed has the losses and weights of one that was not, bit for bit", async () => {
    const whole = await train(PLAN, SILENT);
    // A checkpoint at the start, after every batch, and after every epoch: 1 + 3 · (4 + 1).
    for (const cut of [1, 2, 5, 6, 9, 16]) {
      const first = new Interrupted(cut);
      await expect(train({ ...PLAN, checkpoints: first, saveEveryMs: 0 }, SILENT)).rejects.toThrow("power cut");
      const resumed = await train({ ...PLAN, checkpoints: new Interrupted(-1, first.bytes) }, SILENT);
      expect(resumed.losses, `cut ${cut}`).toEqual(whole.losses);
      expect(resumed.testLosses).toEqual(whole.testLosses);
      expect(resumed.completions.map((x) => x.toArray())).toEqual(whole.completions.map((x) => x.toArray()));
      expect(bitsOf(resumed.model)).toEqual(bitsOf(whole.model));
    }
  });

  it("of more epochs goes on from one of fewer, and reports all", async () => {
    const kept = new Interrupted(-1);
    await train({ ...PLAN, epochs: 1, checkpoints: kept }, SILENT);
    const reported: number[] = [];
    const longer = await train(
      { ...PLAN, checkpoints: kept },
      { ...SILENT, epoch: async (_, epoch) => void reported.push(epoch) },
    );
    expect(reported).toEqual([1, 2, 3]);
    expect(bitsOf(longer.model)).toEqual(bitsOf((await train(PLAN, SILENT)).model));
  });

  it("of fewer epochs than a checkpoint holds is refused: its weights are those of more", async () => {
    const kept = new Interrupted(8); // after the first epoch, and two batches of the second
    await expect(train({ ...PLAN, checkpoints: kept, saveEveryMs: 0 }, SILENT)).rejects.toThrow("power cut");
    const again = train({ ...PLAN, epochs: 1, checkpoints: new Interrupted(-1, kept.bytes) }, SILENT);
    await expect(again).rejects.toThrow(/beyond epoch 1, in epoch 2; ask for at least that many/);
  });

  it("does not depend on what was drawn before it", async () => {
    const { losses } = await train({ ...PLAN, epochs: 1 }, SILENT);
    randn([1000]);
    expect((await train({ ...PLAN, epochs: 1 }, SILENT)).losses).toEqual(losses);
  });
});

describe("a checkpoint file", () => {
  const identity = { hidden: 16, seed: 1 };
  const checkpoint = { model: { weight: arange(6) }, step: 3, extra: { sum: 0.1 } };

  it("gives back what was saved, and leaves nothing else in its folder", () => {
    const folder = join(folderOf(), "made", "on the way");
    const file = new CheckpointFile(join(folder, "a.safetensors"));
    expect(file.load(identity)).toBeNull();
    file.save(identity, { ...checkpoint, step: 2 });
    file.save(identity, checkpoint);
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
    const back = file.load(identity);
    expect(back).toMatchObject({ step: 3, extra: { sum: 0.1 } });
    expect(back?.model.weight.toArray()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("of another training is refused, and says in what it differs", () => {
    const file = new CheckpointFile(join(folderOf(), "a.safetensors"));
    file.save(identity, checkpoint);
    expect(() => file.load({ ...identity, seed: 2 })).toThrow(/another training: its seed is 1, not 2/);
    expect(() => file.load({ ...identity, images: 300 })).toThrow(/its images is unknown, not 300/);
  });

  it("that is damaged, or cannot be written, is an error that names it", () => {
    const folder = folderOf();
    const file = new CheckpointFile(join(folder, "a.safetensors"));
    writeFileSync(file.path, "not a checkpoint");
    expect(() => file.load(identity)).toThrow(CheckpointError);
    expect(() => file.load(identity)).toThrow(/a\.safetensors is no checkpoint, or damaged/);
    expect(() => new CheckpointFile(join(file.path, "b.safetensors")).save(identity, checkpoint)).toThrow(
      /cannot write .*b\.safetensors/,
    );
  });
});

describe("the lesson", () => {
  it("on pictures that are not Fashion-MNIST says that it has no mark, and draws all its figures", async () => {
    const checkpoints = join(folderOf(), "checkpoints");
    const { metrics, lines, figures, animations } = await quickRun("fashion-completion", [folderOf(drawnFiles())], {
      checkpoints,
    });
    expect(metrics.reached).toBeNull();
    expect(metrics.losses).toHaveLength(2);
    expect(metrics.images).toBe(36);
    expect((metrics.networks as { hidden: number }[]).map(({ hidden }) => hidden)).toEqual([64, 32]);
    expect(readdirSync(checkpoints)).toEqual(["hidden-32.safetensors", "hidden-64.safetensors"]);
    expect([...figures.keys()]).toEqual([
      "samples",
      "epoch-01",
      "epoch-02",
      "loss",
      "sizes",
      "completions",
      "errors-by-row",
      "scores",
    ]);
    expect(animations.get("completing")).toHaveLength(2);
    expect(lines.join("\n")).toContain("504 windows: 14 rows [B, 14, 28] → the next row [B, 28]");
  });

  it("takes a number of pictures, of epochs and of units", async () => {
    const options = { images: 20, epochs: 1, hidden: 8 };
    const { metrics } = await quickRun("fashion-completion", [folderOf(drawnFiles())], options);
    expect(metrics).toMatchObject({ images: 20, testImages: 7, epochs: 1, networks: [{ hidden: 8 }] });
    expect(metrics.networks).toHaveLength(1);
  });
});

// Debian's package dataset-fashion-mnist, which CI installs; the reference backend would take a minute.
describe.skipIf(!existsSync(PLACES.installed) || backend().name === "reference")("the lesson on Fashion-MNIST", () => {
  it("learns, and its opponents have their known errors", async () => {
    const { metrics } = await quickRun("fashion-completion", []);
    const [first, last] = metrics.losses as number[];
    expect(metrics).toMatchObject({ data: PLACES.installed, images: 300, testImages: 100, reached: true });
    expect(last).toBeLessThan(0.6 * first);
    const others = metrics.others as (Record<"completion" | "unbounded", number> & {
      name: string;
      oneStep: number | null;
    })[];
    expect(others.map(({ name }) => name)).toEqual([
      "repeat the last row",
      "mean image",
      "linear, row by row",
      "linear, all at once",
    ]);
    // From NumPy, in float64.
    for (const [i, error] of [0.09924, 0.0992, 0.06066, 0.04364].entries()) {
      expect(others[i].completion, others[i].name).toBeCloseTo(error, 4);
    }
    for (const [i, error] of [0.09924, 0.0992, 0.06126, 0.04383].entries()) {
      expect(others[i].unbounded, others[i].name).toBeCloseTo(error, 4);
    }
    expect(others[0].oneStep).toBeCloseTo(0.0276, 4);
    expect(others[1].oneStep).toBe(others[1].completion);
    expect(others[2].oneStep).toBeCloseTo(0.02287, 4);
  });
});
