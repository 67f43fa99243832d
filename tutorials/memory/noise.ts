/** Experiment 1: what cannot be foretold. Uniform noise, and the digits of π; nothing should beat the mean. */

import { nn, rand, type Tensor } from "refrain";
import { lineFigure, panelFigure } from "refrain/figure";
import { dieboldMariano } from "refrain/forecast";
import { piDigits } from "./digits.ts";
import { type ExperimentContext, mean, nextValue, noiseGenerator, type Outcome } from "./experiment.ts";
import { LEARNER_NAMES, LEARNERS, type LearnerName, learn } from "./learners.ts";
import { part } from "./training.ts";

const TRAINED = 500;
const TESTED = 4000;
/** Beating the mean has to be this unlikely by chance, all comparisons taken together. */
const SIGNIFICANCE = 0.01;

export interface NoiseScore {
  readonly learner: LearnerName;
  readonly parameters: number;
  /** RMSE over that of the part's own mean, in the last updates of the training and on the test part. */
  readonly training: number;
  readonly test: number;
  /** The lowest on the test part after any of the updates that were looked at: what a perfectly timed stop would have had. */
  readonly lowestTest: number;
  /** Diebold–Mariano against the mean, times the number of comparisons. */
  readonly pValue: number;
  readonly beatsMean: boolean;
}

/** How a learner did after every so many updates, for the figure. */
interface Course {
  readonly updates: number[];
  readonly training: number[];
  readonly test: number[];
}

export async function noiseExperiment({ quick, seed, print, figure }: ExperimentContext): Promise<Outcome> {
  const count = TRAINED + TESTED + 1;
  const series = {
    "uniform noise": Float64Array.from(
      rand([count], { generator: noiseGenerator(seed) }).toTypedArray() as Float32Array,
    ),
    "digits of π": Float64Array.from(piDigits(count), (digit) => digit / 9), // 0 … 1, as the noise
  };
  const updates = quick ? 300 : 3000;
  const results: Record<string, NoiseScore[]> = {};
  const panels = [];
  for (const [name, values] of Object.entries(series)) {
    print(`${name}: ${TRAINED} values for training, ${TESTED} for the test; RMSE ÷ that of the mean`);
    const learnt = LEARNER_NAMES.map((learner) => {
      const { score, course } = againstMean(learner, values, { seed, updates });
      const { parameters, training, test, lowestTest } = score;
      print(
        `  ${LEARNERS[learner].padEnd(18)} ${parameters} parameters  training ${training.toFixed(3)}  test ${test.toFixed(3)}, at no time below ${lowestTest.toFixed(3)}`,
      );
      return { score, course };
    });
    results[name] = learnt.map(({ score }) => score);
    for (const side of ["training", "test"] as const) {
      panels.push(
        lineFigure(
          [
            { name: "the mean", role: "baseline", x: [0, updates], y: [1, 1], dashed: true, points: false },
            ...learnt.map(({ score, course }) => ({
              name: LEARNERS[score.learner],
              x: course.updates,
              y: course[side],
              points: false,
            })),
          ],
          { title: `${name}: ${side} part`, xTitle: "update", yTitle: "RMSE ÷ the mean's" },
        ),
      );
    }
  }
  await figure("noise", panelFigure(panels, { title: "Learnt by heart, and worth nothing", columns: 2 }));
  const scores = Object.values(results).flat();
  return { mark: "nothing beats the mean", reached: !scores.some(({ beatsMean }) => beatsMean), results };
}

/**
 * The squared errors of a part's own mean, the best constant in hindsight. The mean of the training part would be an easier opponent:
 * 500 values can miss by enough for a net to beat it with nothing but a luckier constant.
 */
function squaresAboutMean(values: Float64Array): Float64Array {
  const centre = mean(values);
  return values.map((value) => (value - centre) ** 2);
}

function againstMean(
  learner: LearnerName,
  series: Float64Array,
  { seed, updates }: { seed: number; updates: number },
): { score: NoiseScore; course: Course } {
  const sequence = nextValue(series);
  const training = part(sequence, 0, TRAINED);
  const truth = series.subarray(-TESTED);
  const ofMean = squaresAboutMean(truth);
  const variance = mean(squaresAboutMean(series.subarray(1, TRAINED + 1)));
  const errorsOf = (answers: Tensor) => {
    const said = answers.contiguous().toTypedArray() as Float32Array;
    return truth.map((value, i) => (value - said[i]) ** 2);
  };

  const every = updates / 30;
  const course: Course = { updates: [], training: [], test: [] };
  const mse = new nn.MSELoss();
  const { parameters, losses, answers } = learn(
    learner,
    training,
    {
      sizes: { inputs: 1, outputs: 1 },
      seed,
      hidden: 16,
      window: 10,
      batch: 50,
      tracks: 20,
      chunk: 25,
      updates,
      learningRate: 0.02,
      loss: (outputs, targets) => mse.forward(outputs, targets),
    },
    (done, net) => {
      if (done % every !== 0) return;
      course.updates.push(done);
      course.test.push(Math.sqrt(mean(errorsOf(net.answers(sequence.inputs, TESTED))) / mean(ofMean)));
    },
  );
  for (const done of course.updates) {
    course.training.push(Math.sqrt(mean(losses.slice(done - every, done)) / variance));
  }

  const errors = errorsOf(answers(sequence.inputs, TESTED));
  const { meanDifference, pValue: single } = dieboldMariano(errors, ofMean);
  const pValue = Math.min(1, single * 2 * LEARNER_NAMES.length);
  const score: NoiseScore = {
    learner,
    parameters,
    training: course.training[course.training.length - 1],
    test: Math.sqrt(mean(errors) / mean(ofMean)),
    lowestTest: Math.min(...course.test),
    pValue,
    beatsMean: meanDifference < 0 && pValue < SIGNIFICANCE,
  };
  return { score, course };
}
