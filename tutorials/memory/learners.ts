/** The three learners of every experiment: a fully connected net, a GRU that reads windows, and a GRU whose state is carried on. */

import { manualSeed, type Tensor } from "refrain";
import { DenseNet, equalWidth, GRUNet, parametersOf, type StepSizes } from "./nets.ts";
import {
  answerCarried,
  answerWindowed,
  type Sequence,
  type Training,
  trainCarried,
  trainWindowed,
} from "./training.ts";

export const LEARNERS = {
  dense: "fully connected",
  windowed: "GRU, windowed",
  carried: "GRU, state carried",
} as const;

export type LearnerName = keyof typeof LEARNERS;
export const LEARNER_NAMES = Object.keys(LEARNERS) as LearnerName[];

/** What they are told. Both kinds of training see as many steps an update: batch windows, or tracks of a chunk. */
export interface Lesson extends Omit<Training, "afterUpdate"> {
  readonly sizes: StepSizes;
  readonly seed: number;
  /** Of the GRU; the fully connected net is made as large. */
  readonly hidden: number;
  /** Steps that the windowed two see. */
  readonly window: number;
  readonly batch: number;
  readonly tracks: number;
  readonly chunk: number;
}

export interface Learner {
  readonly net: DenseNet | GRUNet;
  readonly parameters: number;
  /** What it says at the last `count` steps of inputs [N, I]: [count, O] */
  readonly answers: (inputs: Tensor, count: number) => Tensor;
}

export interface Learnt extends Learner {
  /** The loss of each update. */
  readonly losses: readonly number[];
}

/** @param watch called after each update with the learner as it is then */
export function learn(
  name: LearnerName,
  training: Sequence,
  lesson: Lesson,
  watch?: (updates: number, learner: Learner) => void,
): Learnt {
  const { sizes, hidden, window, seed } = lesson;
  manualSeed(seed);
  const net =
    name === "dense" ? new DenseNet(sizes, window, equalWidth(sizes, window, hidden)) : new GRUNet(sizes, hidden);
  const parameters = parametersOf(net);
  const plan = (learner: Learner) =>
    watch ? { ...lesson, afterUpdate: (updates: number) => watch(updates, learner) } : lesson;
  if (name === "carried" && net instanceof GRUNet) {
    const answers = (inputs: Tensor, count: number) => answerCarried(net, inputs).slice(0, -count);
    const learner = { net, parameters, answers };
    return { ...learner, losses: trainCarried(net, training, plan(learner)) };
  }
  const answers = (inputs: Tensor, count: number) =>
    answerWindowed(net, inputs.slice(0, -(count + window - 1)), window);
  const learner = { net, parameters, answers };
  return { ...learner, losses: trainWindowed(net, training, plan(learner)) };
}
