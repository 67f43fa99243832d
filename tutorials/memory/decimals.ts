/** Experiment 2: repeating decimals. One digit at a time, with and without a memory of the digits before it. */

import { nn, noGrad, type Tensor, tensor } from "refrain";
import { panelFigure, scoreFigure } from "refrain/figure";
import { fractionDigits } from "./digits.ts";
import type { ExperimentContext, Outcome } from "./experiment.ts";
import { LEARNER_NAMES, LEARNERS, type LearnerName, type Lesson, learn } from "./learners.ts";
import type { GRUNet } from "./nets.ts";
import { part, type Sequence } from "./training.ts";

const DENOMINATORS = [7, 17, 97];
const TRAINED = 2400;
const TESTED = 480;

/** "Say the next digit": inputs one-hot [N, 10], targets classes [N]. */
export function nextDigit(digits: readonly number[]): Sequence {
  const classes = tensor(digits, { dtype: "int64" }); // [N + 1]
  return { inputs: classes.slice(0, 0, -1).oneHot(10).float(), targets: classes.slice(0, 1) };
}

/** The share that the best function of the last `window` digits gets right: after each window, the digit that follows it most often. */
export function bestOfWindow(digits: readonly number[], window: number): number {
  const followers = new Map<string, number[]>();
  for (let at = window; at < digits.length; at++) {
    const key = digits.slice(at - window, at).join("");
    const counts = followers.get(key) ?? new Array(10).fill(0);
    counts[digits[at]]++;
    followers.set(key, counts);
  }
  const right = [...followers.values()].reduce((sum, counts) => sum + Math.max(...counts), 0);
  return right / (digits.length - window);
}

/** Steps after which a remainder of the long division, and with it everything, comes again. */
export function periodOf(denominator: number): number {
  let remainder = 10 % denominator;
  let period = 1;
  for (; remainder !== 1; period++) remainder = (10 * remainder) % denominator;
  return period;
}

export interface DecimalScores {
  readonly denominator: number;
  readonly period: number;
  /** Shares of right digits, 0 … 1: the best that a window of one and of two digits allows, and what was reached. */
  readonly bestOfOne: number;
  readonly bestOfTwo: number;
  readonly accuracy: Readonly<Record<LearnerName, number>>;
}

/** Each update sees 240 digits, however they are cut. */
const lessonOf = (seed: number, updates: number): Lesson => {
  const crossEntropy = new nn.CrossEntropyLoss();
  return {
    sizes: { inputs: 10, outputs: 10 },
    seed,
    hidden: 24,
    window: 1,
    batch: 240,
    tracks: 24,
    chunk: 10,
    updates,
    learningRate: 0.01,
    loss: (outputs, targets) => crossEntropy.forward(outputs, targets),
  };
};

export async function decimalsExperiment({ quick, seed, print, figure }: ExperimentContext): Promise<Outcome> {
  const lesson = lessonOf(seed, quick ? 400 : 1000);
  const results: DecimalScores[] = [];
  for (const denominator of quick ? [97] : DENOMINATORS) {
    const digits = fractionDigits(denominator, TRAINED + TESTED + 1);
    const sequence = nextDigit(digits);
    const accuracy = {} as Record<LearnerName, number>;
    const [bestOfOne, bestOfTwo] = [1, 2].map((window) => bestOfWindow(digits, window));
    const period = periodOf(denominator);
    print(
      `1/${denominator} = 0.${digits.slice(0, 20).join("")}…, period ${period}; ${TESTED} digits, each from the one before`,
    );
    print(`  the best that one digit allows ${percent(bestOfOne)}, two digits ${percent(bestOfTwo)}`);
    for (const name of LEARNER_NAMES) {
      const { parameters, answers } = learn(name, part(sequence, 0, TRAINED), lesson);
      accuracy[name] = accuracyOf(answers(sequence.inputs, TESTED), sequence.targets);
      print(`  ${LEARNERS[name].padEnd(18)} ${parameters} parameters  ${percent(accuracy[name]).padStart(7)}`);
    }
    results.push({ denominator, period, bestOfOne, bestOfTwo, accuracy });
  }

  const digits = fractionDigits(97, TRAINED + TESTED + 1);
  const sequence = nextDigit(digits);
  const training = part(sequence, 0, TRAINED);
  const { answers } = learn("carried", training, { ...lesson, chunk: 1 });
  const chunksOfOne = accuracyOf(answers(sequence.inputs, TESTED), sequence.targets);
  print(`  trained in chunks of one digit, so that no gradient crosses a step: ${percent(chunksOfOne)}`);
  const { net } = learn("carried", training, lesson);
  const recital = recite(net as GRUNet, digits.slice(0, TRAINED), TESTED);
  const recited = recital.filter((digit, i) => digit === digits[TRAINED + i]).length;
  print(`  reading its own digits: ${recited} of the next ${TESTED} right`);

  await figure(
    "decimals",
    panelFigure(
      results.map(({ denominator, period, bestOfOne, accuracy }) =>
        scoreFigure(
          [
            { name: "limit of one digit", value: 100 * bestOfOne },
            ...LEARNER_NAMES.map((name) => ({
              name: LEARNERS[name],
              value: 100 * accuracy[name],
              ours: name === "carried",
            })),
          ],
          { title: `1/${denominator}, period ${period}`, valueTitle: "right digits (%)", nameTitle: "", sorted: false },
        ),
      ),
      { title: "The next digit, from one digit at a time", columns: 1, panelHeight: 100 },
    ),
  );

  const { bestOfOne, accuracy } = results[results.length - 1];
  return {
    mark: "1/97, one digit at a time: at most 12 % right without a memory, 100 % with the state carried",
    reached: bestOfOne <= 0.12 && accuracy.dense <= 0.12 && accuracy.windowed <= 0.12 && accuracy.carried === 1,
    results,
    chunksOfOne,
    recited,
  };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The classes with the highest scores [N, C]: [N] */
const classesOf = (scores: Tensor): number[] =>
  Array.from(scores.argmax({ dim: 1 }).toTypedArray() as BigInt64Array, Number);

/** Of the last answers, as many as there are. */
function accuracyOf(answers: Tensor, targets: Tensor): number {
  const said = classesOf(answers);
  const truth = targets.slice(0, -said.length).contiguous().toTypedArray() as BigInt64Array;
  return said.filter((digit, i) => digit === Number(truth[i])).length / said.length;
}

/** Hears some digits, and goes on by itself: each digit that it says is the next that it reads. */
function recite(net: GRUNet, heard: readonly number[], count: number): number[] {
  const said: number[] = [];
  let state: Tensor | null = null;
  let toRead = heard;
  while (said.length < count) {
    const x = tensor(toRead, { dtype: "int64" }).oneHot(10).float().unsqueeze(0); // [1, T, 10]
    const [scores, next] = noGrad(() => net.readOn(x, state)); // [1, T, 10]
    said.push(classesOf(scores.select(1, -1))[0]);
    toRead = said.slice(-1);
    state = next;
  }
  return said;
}
