/**
 * Pictures of clothes, read row by row: an LSTM says the next row from 14, and completes the lower half of pictures that it
 * never saw. See README.md beside this file.
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cat, type Tensor } from "refrain";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";
import { CheckpointFile } from "./checkpoint-file.ts";
import { CLASSES, type FashionMnist, type LabelledImages, loadFashionMnist, SIDE } from "./fashion-mnist.ts";
import { drawEpoch, drawResults, drawSamples } from "./figures.ts";
import { HALF } from "./lower-half.ts";
import { judge, judgeOthers, MEAN_IMAGE, type Result } from "./opponents.ts";
import { pixels } from "./row-lstm.ts";
import { type History, type Times, train } from "./training.ts";

const MARK = { loss: 0.02, oneStep: 0.02, seconds: 90, images: 3000, epochs: 3, hidden: 400 };
/** Units of the network and of the one beside it. */
const SIZES = [MARK.hidden, 256] as const;
const QUICK_SIZES = [64, 32] as const;

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

const inSeconds = (ms: number): string => (ms / 1000).toFixed(1);

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

  const networks: { hidden: number; history: History; result: Result; times: Times }[] = [];
  for (const [i, hidden] of sizes.entries()) {
    const checkpoints =
      settings.checkpoints && new CheckpointFile(join(settings.checkpoints, `hidden-${hidden}.safetensors`));
    const { model, times, ...history } = await train(
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
    networks.push({ hidden, history, result, times });
    const { elapsedMs, computingMs } = times;
    print(
      `hidden ${hidden}: ${epochs} epochs in ${inSeconds(elapsedMs)} s, ${inSeconds(computingMs)} s of processor time`,
    );
  }
  const results = [...networks.map(({ result }) => result), ...(await judgeOthers(images, test, shown))];
  for (const { name, oneStep, completion, unbounded } of results) {
    const nextRow = oneStep?.toFixed(4) ?? "     –";
    print(
      `${name.padEnd(20)}  next row ${nextRow}  lower half ${completion.toFixed(4)}, unbounded ${unbounded.toFixed(4)}`,
    );
  }
  await drawResults(context, { results, networks, shown, names });

  const [{ history, result, times, hidden }] = networks;
  const loss = history.losses[epochs - 1];
  const seconds = times.elapsedMs / 1000;
  const others = results.filter(({ isNetwork }) => !isNetwork);
  const isWhole = settings.images >= MARK.images && epochs >= MARK.epochs && hidden >= MARK.hidden;
  const isMarked = data.isOriginal && (context.quick || isWhole);
  const isTimed = settings.images === MARK.images && epochs === MARK.epochs && availableParallelism() > 1;
  const isLearnt = loss <= MARK.loss && result.oneStep! <= MARK.oneStep && (!isTimed || seconds <= MARK.seconds);
  const reached = isWhole ? isLearnt : result.oneStep! < others.find(({ name }) => name === MEAN_IMAGE)!.oneStep!;
  if (!isMarked) print("There is no mark for these pictures and settings.");
  return {
    tutorial: "fashion-completion",
    mark:
      context.quick && !isWhole
        ? "next row better than the mean image on test pictures"
        : `${MARK.images} pictures, ${MARK.epochs} epochs: training loss ≤ ${MARK.loss}, next row ≤ ${MARK.oneStep} on test pictures, in ${MARK.seconds} s`,
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
    unbounded: result.unbounded,
    ...times,
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
    networks: networks.map((each) => ({
      hidden: each.hidden,
      losses: each.history.losses,
      testLosses: each.history.testLosses,
      oneStep: each.result.oneStep,
      completion: each.result.completion,
      unbounded: each.result.unbounded,
      ...each.times,
    })),
    others: others.map(({ name, oneStep, completion, unbounded }) => ({ name, oneStep, completion, unbounded })),
  };
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
