/**
 * Pictures of clothes, read row by row: an LSTM says the next row from 14, and completes the lower half of pictures that it
 * never saw. See README.md beside this file.
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cat, defaultGenerator, manualSeed, nn, optim, type Tensor } from "refrain";
import { DataLoader, WindowDataset } from "refrain/data";
import type { Checkpoint } from "refrain/io";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";
import { CheckpointFile, type Checkpoints, type Identity, NO_CHECKPOINTS } from "./checkpoint-file.ts";
import { CLASSES, type FashionMnist, type LabelledImages, loadFashionMnist, SIDE } from "./fashion-mnist.ts";
import { drawEpoch, drawResults, drawSamples } from "./figures.ts";
import { LinearMap } from "./linear-map.ts";
import { errorByRow, errorOf, HALF, lowerHalves, type NextRow, turn } from "./lower-half.ts";

const BATCH = 128;
const MARK = { loss: 0.02, oneStep: 0.02, seconds: 90, images: 3000, epochs: 3, hidden: 400 };
/** What a quick run has to be better than. */
const MEAN_IMAGE = "mean image";
/** Units of the network and of the one beside it. */
const SIZES = [MARK.hidden, 256] as const;
const QUICK_SIZES = [64, 32] as const;
/** A training that takes hours leaves a checkpoint so often. */
const SAVE_EVERY_MS = 60_000;
const PRINT_EVERY_MS = 10_000;

export class RowLSTM extends nn.Module {
  lstm: nn.LSTM;
  out: nn.Linear;

  constructor(hidden: number) {
    super();
    this.lstm = new nn.LSTM(SIDE, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, SIDE);
  }

  /** rows [B, T, 28] → the next row [B, 28] */
  forward(rows: Tensor): Tensor {
    const [y] = this.lstm.forward(rows); // [B, T, hidden]
    return this.out.forward(y.select(1, -1)); // the last row, [B, hidden] → [B, 28]
  }
}

/** Bytes as numbers from 0 to 1. */
export const pixels = (bytes: Tensor): Tensor => bytes.float().div(255);

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
  readonly elapsedMs: number;
}

/** Trains, from the checkpoint if there is one: with the same bits as if nothing had happened. */
export async function train(
  plan: TrainingPlan,
  { print, epoch: report }: Reports,
): Promise<History & { readonly model: RowLSTM; readonly elapsedMs: number }> {
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
  for (let epoch = 1; epoch <= losses.length; epoch++) await report(history, epoch);

  let { sum, elapsedMs } = position ?? { sum: 0, elapsedMs: 0 };
  let done = saved?.step ?? 0; // batches of this epoch
  let streams = defaultGenerator.getState(); // as they were when this epoch began: they give its order again
  if (done > 0) print(`Going on after batch ${done} of epoch ${losses.length + 1}`);
  const started = performance.now() - elapsedMs;
  let savedAt = performance.now();
  let printedAt = savedAt;
  const save = () => {
    elapsedMs = performance.now() - started;
    checkpoints.save(identity, {
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      generators: { default: streams },
      epoch: losses.length,
      step: done,
      extra: { history, sum, elapsedMs } satisfies Position,
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
      const now = performance.now();
      if (now - printedAt >= PRINT_EVERY_MS) {
        print(`epoch ${losses.length + 1}  batch ${batch} of ${loader.length}  loss ${loss.item().toFixed(4)}`);
        printedAt = now;
      }
      if (now - savedAt >= saveEveryMs) save();
    }
    losses.push(sum / windows.length);
    const next: NextRow = (rows) => model.forward(rows);
    testLosses.push(errorOf(await lowerHalves(next, plan.test, "true"), plan.test));
    completions.push(await lowerHalves(next, plan.shown, "own"));
    [sum, done, streams] = [0, 0, defaultGenerator.getState()];
    save();
    await report(history, losses.length);
  }
  return { model, ...history, elapsedMs };
}

function restore(saved: Checkpoint, model: RowLSTM, optimizer: optim.Adam): void {
  model.loadStateDict(saved.model);
  optimizer.loadStateDict(saved.optimizer!);
  defaultGenerator.setState(saved.generators!.default);
}

/** The first picture of each class. */
function firstOfEach({ images, labels }: LabelledImages): { pictures: Tensor; names: string[] } {
  const all = Array.from(labels.toTypedArray() as Uint8Array);
  const first = CLASSES.map((_, label) => all.indexOf(label)).filter((index) => index >= 0);
  return {
    pictures: cat(first.map((index) => pixels(images.narrow(0, index, 1)))),
    names: first.map((index) => CLASSES[all[index]]),
  };
}

/** Fits the linear opponents: 14 rows → the next row, and the upper half → the lower half. */
export function fitLinearMaps(images: Tensor): { next: LinearMap; half: LinearMap } {
  const windows = new DataLoader(new WindowDataset(images, { inputSteps: HALF }), { batchSize: 512 });
  const halves = new DataLoader(new WindowDataset(images, { inputSteps: HALF, horizon: HALF }), { batchSize: 512 });
  const flat = function* (loader: Iterable<[Tensor, Tensor]>): Iterable<[Tensor, Tensor]> {
    for (const [x, y] of loader) yield [pixels(x).flatten(1), pixels(y).flatten(1)];
  };
  return { next: LinearMap.fit(flat(windows)), half: LinearMap.fit(flat(halves)) };
}

/** What a method draws of the test pictures, and how far that is from the truth. */
export interface Result {
  readonly name: string;
  readonly isNetwork: boolean;
  /** Mean squared error per pixel, each row from true rows; null for a method that draws all at once. */
  readonly oneStep: number | null;
  /** The same, each row from the method's own. */
  readonly completion: number;
  readonly byRow: readonly number[];
  /** Of the shown pictures, [10, 14, 28]. */
  readonly shown: Tensor;
}

/** @param name of a method that draws row by row */
async function judge(name: string, next: NextRow, test: Tensor, shown: Tensor): Promise<Result> {
  const own = await lowerHalves(next, test, "own");
  return {
    name,
    isNetwork: false,
    oneStep: errorOf(await lowerHalves(next, test, "true"), test),
    completion: errorOf(own, test),
    byRow: errorByRow(own, test),
    shown: await lowerHalves(next, shown, "own"),
  };
}

/** The methods that need no network. */
async function judgeOthers(images: Tensor, test: Tensor, shown: Tensor): Promise<Result[]> {
  const { next, half } = fitLinearMaps(images);
  const mean = images.float().mean(0, { keepdim: true }).div(255).narrow(1, HALF, HALF); // [1, 14, 28]
  const atOnce = (name: string, draw: (images: Tensor) => Tensor, oneStep: number | null): Result => {
    const halves = draw(test);
    const completion = errorOf(halves, test);
    return { name, isNetwork: false, oneStep, completion, byRow: errorByRow(halves, test), shown: draw(shown) };
  };
  const meanOf = (pictures: Tensor) => mean.expand([pictures.size(0), HALF, SIDE]);
  return [
    await judge("repeat the last row", (rows) => rows.select(1, -1), test, shown),
    atOnce(MEAN_IMAGE, meanOf, errorOf(meanOf(test), test)),
    await judge("linear, row by row", (rows) => next.forward(rows.flatten(1)), test, shown),
    atOnce("linear, all at once", (x) => half.forward(x.narrow(1, 0, HALF).flatten(1)).reshape(-1, HALF, SIDE), null),
  ];
}

/** The options with their defaults. */
function settingsOf({ quick, seed, options }: TutorialContext, data: FashionMnist) {
  const images = Math.min(data.training.images.size(0), Number(options.images ?? (quick ? 300 : MARK.images)));
  const [usual, other] = quick ? QUICK_SIZES : SIZES;
  const hidden = Number(options.hidden ?? usual);
  // Whoever asks for one size gets one.
  const against = options.against ?? (options.hidden === undefined ? other : hidden);
  return {
    images,
    testImages: Math.min(data.test.images.size(0), Math.ceil(images / 3)),
    epochs: Number(options.epochs ?? (quick ? 2 : MARK.epochs)),
    sizes: [...new Set([hidden, Number(against)])],
    seed: seed ?? 1,
    checkpoints: options.checkpoints as string | undefined,
  };
}

export async function run(context: TutorialContext): Promise<TutorialMetrics> {
  const { print } = context;
  const data = await loadFashionMnist(context.data, print);
  const settings = settingsOf(context, data);
  const { epochs, sizes, seed } = settings;
  const images = data.training.images.narrow(0, 0, settings.images);
  const test = pixels(data.test.images.narrow(0, 0, settings.testImages));
  const { pictures: shown, names } = firstOfEach(data.test);
  print(
    `Fashion-MNIST from ${data.from}: ${data.training.images.size(0)} pictures, ${settings.images} of them to learn from`,
  );
  print(
    `${HALF * settings.images} windows: ${HALF} rows [B, ${HALF}, ${SIDE}] → the next row [B, ${SIDE}]; ${test.size(0)} test pictures`,
  );
  await drawSamples(context.figure, data.training);

  const networks: { hidden: number; history: History; result: Result; elapsedMs: number }[] = [];
  for (const [i, hidden] of sizes.entries()) {
    const checkpoints =
      settings.checkpoints && new CheckpointFile(join(settings.checkpoints, `hidden-${hidden}.safetensors`));
    const { model, elapsedMs, ...history } = await train(
      { images, test, shown, hidden, epochs, seed, fingerprint: data.fingerprint, ...(checkpoints && { checkpoints }) },
      {
        print,
        epoch: async ({ losses, testLosses, completions }, epoch) => {
          print(
            `hidden ${hidden}  epoch ${epoch}  loss ${losses[epoch - 1].toFixed(5)}  test ${testLosses[epoch - 1].toFixed(5)}`,
          );
          if (i === 0) await drawEpoch(context.figure, { shown, names, epoch, completion: completions[epoch - 1] });
        },
      },
    );
    const judged = await judge(`LSTM, hidden ${hidden}`, (rows) => model.forward(rows), test, shown);
    const result = { ...judged, isNetwork: true };
    networks.push({ hidden, history, result, elapsedMs });
    print(`hidden ${hidden}: ${epochs} epochs in ${(elapsedMs / 1000).toFixed(1)} s`);
  }
  const results = [...networks.map(({ result }) => result), ...(await judgeOthers(images, test, shown))];
  for (const { name, oneStep, completion } of results) {
    print(`${name.padEnd(20)}  next row ${oneStep?.toFixed(4) ?? "     –"}  lower half ${completion.toFixed(4)}`);
  }
  await drawResults(context, { results, networks, shown, names });

  const [{ history, result, elapsedMs, hidden }] = networks;
  const loss = history.losses[epochs - 1];
  const seconds = elapsedMs / 1000;
  const others = results.filter(({ isNetwork }) => !isNetwork);
  const isWhole = settings.images >= MARK.images && epochs >= MARK.epochs && hidden >= MARK.hidden;
  const isMarked = data.isOriginal && (context.quick || isWhole);
  const isTimed = settings.images === MARK.images && epochs === MARK.epochs && availableParallelism() > 1;
  const isLearnt = loss <= MARK.loss && result.oneStep! <= MARK.oneStep && (!isTimed || seconds <= MARK.seconds);
  const reached = isWhole ? isLearnt : result.oneStep! < others.find(({ name }) => name === MEAN_IMAGE)!.oneStep!;
  if (!isMarked) print("There is no mark for these pictures and settings.");
  return {
    tutorial: "fashion-completion",
    mark: `${MARK.images} pictures, ${MARK.epochs} epochs: training loss ≤ ${MARK.loss}, next row ≤ ${MARK.oneStep} on test pictures, in ${MARK.seconds} s`,
    reached: isMarked ? reached : null,
    data: data.from,
    images: settings.images,
    testImages: settings.testImages,
    epochs,
    loss,
    losses: history.losses,
    testLosses: history.testLosses,
    oneStep: result.oneStep,
    completion: result.completion,
    elapsedMs,
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
    networks: networks.map((each) => ({
      hidden: each.hidden,
      losses: each.history.losses,
      testLosses: each.history.testLosses,
      oneStep: each.result.oneStep,
      completion: each.result.completion,
      elapsedMs: each.elapsedMs,
    })),
    others: others.map(({ name, oneStep, completion }) => ({ name, oneStep, completion })),
  };
}
