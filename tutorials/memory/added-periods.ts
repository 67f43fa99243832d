/** Experiment 4: two periods added. A linear recurrence of four terms is exact; what the nets can do stands beside it. */

import { cat, nn, noGrad, randn, stack, type Tensor, tensor } from "refrain";
import { lineFigure } from "refrain/figure";
import { type ExperimentContext, mean, nextValue, noiseGenerator, type Outcome } from "./experiment.ts";
import { LEARNER_NAMES, LEARNERS, type LearnerName, type Learnt, type Lesson, learn } from "./learners.ts";
import { autoregression, nextOf } from "./least-squares.ts";
import { GRUNet } from "./nets.ts";
import { part } from "./training.ts";

/** Steps; their quotient, the golden ratio, is no fraction, so the sum never repeats. */
const PERIODS = [12, 6 * (1 + Math.sqrt(5))];
const TRAINED = 2000;
const TESTED = 1000;
const WINDOW = 16;
const NOISE = 0.1;
const MARK = 1e-9;
/** Of the forecasts that feed on themselves. */
const HORIZON = 200;
const ORIGINS = 40;

export function addedPeriods(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, t) =>
    PERIODS.reduce((sum, period) => sum + Math.sin((2 * Math.PI * t) / period), 0),
  );
}

/**
 * The recurrence that holds for every sum of two sines: (1 − 2 c₁ B + B²)(1 − 2 c₂ B + B²) x = 0 with cᵢ = cos(2π / periodᵢ)
 * and B "one step ago". Each factor is one sine's: sin(ω(t + 1)) + sin(ω(t − 1)) = 2 cos ω sin ωt.
 */
export function exactRecurrence(): Float64Array {
  const [a, b] = PERIODS.map((period) => 2 * Math.cos((2 * Math.PI) / period));
  return Float64Array.of(a + b, -(2 + a * b), a + b, -1);
}

const rootMeanSquare = (errors: ArrayLike<number>): number => Math.sqrt(mean(Array.from(errors, (each) => each ** 2)));

export async function addedPeriodsExperiment({ quick, seed, print, figure }: ExperimentContext): Promise<Outcome> {
  const clean = addedPeriods(TRAINED + TESTED + 1);
  const noise = randn([clean.length], { generator: noiseGenerator(seed) }).toTypedArray() as Float32Array;
  const noisy = clean.map((value, t) => value + NOISE * noise[t]);
  const training = (series: Float64Array) => series.subarray(0, TRAINED + 1);

  /** One step ahead over the test part, by least squares of an order. */
  const linearRmse = (series: Float64Array, order: number) => {
    const a = autoregression(training(series), order);
    return rootMeanSquare(
      Array.from({ length: TESTED }, (_, i) => {
        const at = series.length - TESTED + i;
        return series[at] - nextOf(a, series.subarray(at - order, at));
      }),
    );
  };
  const mse = new nn.MSELoss();
  const lesson: Lesson = {
    sizes: { inputs: 1, outputs: 1 },
    seed,
    hidden: 16,
    window: WINDOW,
    batch: 400,
    tracks: 16,
    chunk: 25,
    updates: quick ? 300 : 2000,
    learningRate: 0.01,
    loss: (outputs, targets) => mse.forward(outputs, targets),
  };
  const learnAll = (series: Float64Array, digits: (rmse: number) => string) => {
    const sequence = nextValue(series);
    return LEARNER_NAMES.map((name) => {
      const learnt = learn(name, part(sequence, 0, TRAINED), lesson);
      const said = learnt.answers(sequence.inputs, TESTED).contiguous().toTypedArray() as Float32Array;
      const rmse = rootMeanSquare(series.subarray(-TESTED).map((value, i) => value - said[i]));
      const sees = name === "carried" ? "all before" : `${WINDOW} values`;
      print(`  ${LEARNERS[name].padEnd(18)} ${learnt.parameters} parameters, sees ${sees.padEnd(10)}  ${digits(rmse)}`);
      return { name, learnt, rmse };
    });
  };

  print(
    `sines of period ${PERIODS.map((period) => period.toFixed(2)).join(" and ")}, added; one step ahead, RMSE on the test part`,
  );
  const linear = [1, 2, 3, 4].map((order) => linearRmse(clean, order));
  for (const [i, rmse] of linear.entries()) print(`  least squares on ${i + 1} values  ${rmse.toExponential(1)}`);
  const coefficients = autoregression(training(clean), 4);
  const numbers = (a: Float64Array) => Array.from(a, (value) => value.toFixed(6)).join(", ");
  print(`    its coefficients ${numbers(coefficients)}`);
  print(`    by trigonometry  ${numbers(exactRecurrence())}`);
  const nets = learnAll(clean, (rmse) => rmse.toExponential(1));
  print(`with noise of ${NOISE}, which nobody can foretell`);
  const noisyLinear = Object.fromEntries(
    [4, WINDOW].map((order) => {
      const rmse = linearRmse(noisy, order);
      print(`  least squares on ${String(order).padStart(2)} values  ${rmse.toFixed(3)}`);
      return [order, rmse];
    }),
  );
  const noisyNets = learnAll(noisy, (rmse) => rmse.toFixed(3));

  const errors = [
    { name: "least squares on 4 values", role: "baseline" as const, y: linearErrors(clean) },
    ...nets.map(({ name, learnt }) => ({ name: LEARNERS[name], y: errorsAlone(name, learnt, clean) })),
  ];
  for (const { name, y } of errors)
    print(
      `  ${name}: RMSE ${y[0].toExponential(1)} after 1 step alone, ${y[HORIZON - 1].toExponential(1)} after ${HORIZON}`,
    );
  const x = Array.from({ length: HORIZON }, (_, i) => i + 1);
  await figure(
    "added",
    lineFigure(
      errors.map((curve) => ({ ...curve, x })),
      {
        title: "Two sines, forecast from their own forecasts",
        xTitle: "steps ahead",
        yTitle: `RMSE over ${ORIGINS} forecasts`,
        yLog: true,
      },
    ),
  );
  const byName = (rows: readonly { name: string; rmse: number }[]) =>
    Object.fromEntries(rows.map(({ name, rmse }) => [name, rmse]));
  return {
    mark: `least squares on 4 values foretells two sines with an RMSE of at most ${MARK}`,
    reached: linear[3] <= MARK,
    linear,
    coefficients: Array.from(coefficients),
    nets: byName(nets),
    noisy: { linear: noisyLinear, nets: byName(noisyNets) },
    alone: Object.fromEntries(errors.map(({ name, y }) => [name, y])),
  };
}

/** Where the forecasts begin that feed on themselves: the index of the first value that is not known. */
const origins = (series: Float64Array): number[] => {
  const last = series.length - HORIZON;
  return Array.from({ length: ORIGINS }, (_, i) => last - Math.floor((i * (TESTED - HORIZON)) / ORIGINS));
};

/** RMSE by step ahead: forecasts [origin][step] against what came. */
const byStep = (series: Float64Array, forecasts: readonly ArrayLike<number>[]): number[] =>
  Array.from({ length: HORIZON }, (_, step) =>
    rootMeanSquare(origins(series).map((origin, i) => series[origin + step] - forecasts[i][step])),
  );

function linearErrors(series: Float64Array): number[] {
  const a = autoregression(series.subarray(0, TRAINED + 1), 4);
  const forecasts = origins(series).map((origin) => {
    const known = Array.from(series.subarray(origin - 4, origin));
    for (let step = 0; step < HORIZON; step++) known.push(nextOf(a, known));
    return known.slice(4);
  });
  return byStep(series, forecasts);
}

/** A net that reads its own forecasts: windows move on over them, a carried state goes on from where it was. */
function errorsAlone(name: LearnerName, { net }: Learnt, series: Float64Array): number[] {
  const starts = origins(series);
  const forecasts = noGrad(() => {
    const steps: Tensor[] = []; // [40, 1] each
    if (name === "carried" && net instanceof GRUNet) {
      const known = tensor(series).float().reshape(1, -1, 1); // [1, N, 1]
      const [states] = net.gru.forward(known); // a GRU's output is its state: [1, N, H]
      const before = tensor(
        starts.map((origin) => origin - 1),
        { dtype: "int64" },
      );
      let state = states.indexSelect(1, before); // [1, 40, H]
      let answers = net.out.forward(state.squeeze(0)); // [40, 1]
      for (; steps.length < HORIZON; answers = answers.squeeze(1)) {
        steps.push(answers);
        [answers, state] = net.readOn(answers.unsqueeze(1), state); // [40, 1, 1] → [40, 1, 1]
      }
    } else {
      let x = stack(starts.map((origin) => tensor(series.slice(origin - WINDOW, origin)).float())).unsqueeze(2); // [40, 16, 1]
      while (steps.length < HORIZON) {
        const answers = net.forward(x); // [40, 1]
        steps.push(answers);
        x = cat([x.slice(1, 1), answers.unsqueeze(1)], 1);
      }
    }
    return cat(steps, 1).toTypedArray() as Float32Array; // [40, 200]
  });
  return byStep(
    series,
    starts.map((_, i) => forecasts.subarray(i * HORIZON, (i + 1) * HORIZON)),
  );
}
