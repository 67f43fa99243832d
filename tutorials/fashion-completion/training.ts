/**
 * Training on windows of rows, with checkpoints from which it goes on exactly.
 *
 * What decides every later bit is kept: weights, Adam's memory, the losses so far, how many batches of the epoch are done, and
 * the random stream as it was when the epoch began. From that stream the loader draws the same order again, and the batches
 * that are done are passed over.
 */

import { defaultGenerator, manualSeed, nn, optim, type Tensor } from "refrain";
import { DataLoader, WindowDataset } from "refrain/data";
import type { Checkpoint } from "refrain/io";
import { CheckpointError, type Checkpoints, type Identity, NO_CHECKPOINTS } from "./checkpoint-file.ts";
import { errorOf, HALF, lowerHalves, type NextRow, turn } from "./lower-half.ts";
import { pixels, RowLSTM } from "./row-lstm.ts";

const BATCH = 128;
/** A training that takes hours leaves a checkpoint so often. */
const SAVE_EVERY_MS = 60_000;
const PRINT_EVERY_MS = 10_000;

export interface TrainingPlan {
  /** [N, 28, 28], bytes */
  readonly images: Tensor;
  /** [M, 28, 28], pixels */
  readonly test: Tensor;
  /** Completed after every epoch, [10, 28, 28]. */
  readonly shown: Tensor;
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: number;
  /** Tells one set of pictures from another. */
  readonly fingerprint: string;
  readonly checkpoints?: Checkpoints;
  readonly saveEveryMs?: number;
}

/** What the epochs so far have brought. */
export interface History {
  /** The mean over all windows of each epoch. */
  readonly losses: number[];
  /** One-step error on the test pictures after each epoch. */
  readonly testLosses: number[];
  /** The lower halves of the shown pictures after each epoch, [10, 14, 28]. */
  readonly completions: Tensor[];
}

export interface Reports {
  readonly print: (line: string) => void;
  /** After each epoch, also of those that a checkpoint brings. */
  readonly epoch: (history: History, epoch: number) => Promise<void>;
}

/** Where a training stands within an epoch. */
interface Position {
  readonly history: History;
  /** The sum of the losses of all windows so far. */
  readonly sum: number;
  readonly times: Times;
}

/** How long a training took, its interruptions left out. */
export interface Times {
  readonly elapsedMs: number;
  /** Processor time, of all threads together: what other programs took of the processors is not in it. */
  readonly computingMs: number;
}

const now = (): Times => {
  const { user, system } = process.cpuUsage();
  return { elapsedMs: performance.now(), computingMs: (user + system) / 1000 };
};
const difference = (a: Times, b: Times): Times => ({
  elapsedMs: a.elapsedMs - b.elapsedMs,
  computingMs: a.computingMs - b.computingMs,
});

/** Trains, from the checkpoint if there is one: with the same bits as if nothing had happened. */
export async function train(
  plan: TrainingPlan,
  { print, epoch: report }: Reports,
): Promise<History & { readonly model: RowLSTM; readonly times: Times }> {
  const { hidden, seed, checkpoints = NO_CHECKPOINTS, saveEveryMs = SAVE_EVERY_MS } = plan;
  manualSeed(seed);
  const model = new RowLSTM(hidden);
  const lossFunction = new nn.MSELoss();
  const optimizer = new optim.Adam(model.parameters());
  const windows = new WindowDataset(plan.images, { inputSteps: HALF }); // 14 views of each picture
  const loader = new DataLoader(windows, { batchSize: BATCH, shuffle: true });

  const identity: Identity = { hidden, seed, images: plan.images.size(0), data: plan.fingerprint.slice(0, 12) };
  const saved = checkpoints.load(identity);
  if (saved !== null) restore(saved, model, optimizer);
  const position = saved?.extra as Position | undefined;
  const history = position?.history ?? { losses: [], testLosses: [], completions: [] };
  const { losses, testLosses, completions } = history;
  let { sum, times } = position ?? { sum: 0, times: { elapsedMs: 0, computingMs: 0 } };
  let done = saved?.step ?? 0; // batches of this epoch
  if (losses.length + Math.sign(done) > plan.epochs) {
    throw new CheckpointError(
      `the checkpoint is beyond epoch ${plan.epochs}, in epoch ${losses.length + Math.sign(done)}; ask for at least that many epochs`,
    );
  }
  if (saved !== null) print(`Going on from a checkpoint: ${losses.length} epochs and ${done} batches are done`);
  for (let epoch = 1; epoch <= losses.length; epoch++) await report(history, epoch);

  let streams = defaultGenerator.getState(); // as they were when this epoch began: they give its order again
  const started = difference(now(), times);
  let savedAt = performance.now();
  let printedAt = savedAt;
  const save = () => {
    times = difference(now(), started);
    checkpoints.save(identity, {
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      generators: { default: streams },
      epoch: losses.length,
      step: done,
      extra: { history, sum, times } satisfies Position,
    });
    savedAt = performance.now();
  };
  if (saved === null) save(); // to fail now, not in an hour, where it cannot be written

  while (losses.length < plan.epochs) {
    let batch = 0;
    for (const [rows, next] of loader) {
      if (++batch <= done) continue; // trained before the interruption
      const loss = lossFunction.forward(model.forward(pixels(rows)), pixels(next.squeeze(1)));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      sum += loss.item() * rows.size(0); // the last batch is smaller: weigh it
      done = batch;
      await turn();
      const time = performance.now();
      if (time - printedAt >= PRINT_EVERY_MS) {
        print(`epoch ${losses.length + 1}  batch ${batch} of ${loader.length}  loss ${loss.item().toFixed(4)}`);
        printedAt = time;
      }
      if (time - savedAt >= saveEveryMs) save();
    }
    losses.push(sum / windows.length);
    const next: NextRow = (rows) => model.forward(rows);
    testLosses.push(errorOf(await lowerHalves(next, plan.test, "true"), plan.test));
    completions.push(await lowerHalves(next, plan.shown, "own"));
    [sum, done, streams] = [0, 0, defaultGenerator.getState()];
    save();
    await report(history, losses.length);
  }
  return { model, ...history, times };
}

function restore(saved: Checkpoint, model: RowLSTM, optimizer: optim.Adam): void {
  model.loadStateDict(saved.model);
  optimizer.loadStateDict(saved.optimizer!);
  defaultGenerator.setState(saved.generators!.default);
}
