/**
 * An RNN forecasts a noisy sine: the next value from 50, and then 200 steps on its own. See README.md beside this file.
 */

import { linspace, manualSeed, NumpyRandom, nn, noGrad, optim, type Tensor, tensor } from "refrain";
import { lineFigure, lossFigure, predictionFigure } from "refrain/figure";
import { rmse } from "refrain/forecast";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";

const INPUT_STEPS = 50;
const BATCH = 32;
const TRAIN_WINDOWS = 359;
const RECURSIVE_STEPS = 200;
const NOISE = 0.1;
/** The noise cannot be forecast: its deviation is the floor. */
const MARK = 0.13;

class SineRNN extends nn.Module {
  rnn = new nn.RNN(1, 50, { batchFirst: true });
  out = new nn.Linear(50, 1);

  /** x [B, T, 1] → [B, 1] */
  forward(x: Tensor): Tensor {
    const [y] = this.rnn.forward(x); // [B, T, 50]
    return this.out.forward(y.select(1, -1)); // the last step, [B, 50] → [B, 1]
  }
}

export interface NoisySine {
  /** The series, 500 values. */
  readonly ys: Float64Array;
  /** The order in which windows are trained on. */
  readonly order: Float64Array;
}

/** The lesson's data: NumPy's stream makes the noise first and the order after it. */
export function noisySine(seed: number): NoisySine {
  const random = new NumpyRandom(seed);
  const xs = linspace(0, 10 * Math.PI, 500, { dtype: "float64" }).toTypedArray() as Float64Array;
  const noise = random.normal(0, NOISE, xs.length) as Float64Array;
  const ys = xs.map((x, i) => Math.sin(x) + noise[i]);
  return { ys, order: random.permutation(TRAIN_WINDOWS) };
}

/** The windows that start at `starts`, [B, 50, 1], and the value that follows each, [B, 1]. */
export function windowsAt(ys: Float64Array, starts: readonly number[]): [x: Tensor, y: Tensor] {
  const x = starts.map((i) => Array.from(ys.subarray(i, i + INPUT_STEPS), (value) => [value]));
  const y = starts.map((i) => [ys[i + INPUT_STEPS]]);
  return [tensor(x), tensor(y)];
}

/** Trains the lesson's network. @returns it, and the loss of every step */
export function train(
  data: NoisySine,
  seed: number,
  steps: number,
  print: (line: string) => void,
): { model: SineRNN; losses: number[] } {
  manualSeed(seed);
  const model = new SineRNN();
  const lossFunction = new nn.MSELoss();
  const optimizer = new optim.Adam(model.parameters());
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const start = (BATCH * step) % TRAIN_WINDOWS;
    const [x, y] = windowsAt(data.ys, Array.from(data.order.subarray(start, start + BATCH)));
    const loss = lossFunction.forward(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    if (step % 50 === 0) print(`step ${String(step).padStart(3)}  loss ${loss.item().toFixed(6)}`);
  }
  return { model, losses };
}

export async function run({ quick, seed, print, figure }: TutorialContext): Promise<TutorialMetrics> {
  const data = noisySine(seed ?? 1);
  const { ys } = data;
  const count = ys.length - INPUT_STEPS - 1; // 449 windows, as the lesson counts them
  const { model, losses } = train(data, seed ?? 1, quick ? 150 : 500, print);

  const starts = Array.from({ length: count - TRAIN_WINDOWS }, (_, i) => TRAIN_WINDOWS + i);
  const [x, y] = windowsAt(ys, starts);
  const truth = Float64Array.from(y.toTypedArray() as Float32Array);
  const predicted = Float64Array.from(noGrad(() => model.forward(x)).toTypedArray() as Float32Array);
  const naive = Float64Array.from(starts, (i) => ys[i + INPUT_STEPS - 1]);
  const testRmse = rmse(truth, predicted);
  const naiveRmse = rmse(truth, naive);

  const recursive = forecastAlone(
    model,
    ys.subarray(TRAIN_WINDOWS, TRAIN_WINDOWS + INPUT_STEPS),
    quick ? 60 : RECURSIVE_STEPS,
  );

  const steps = starts.map((i) => i + INPUT_STEPS);
  await figure(
    "loss",
    lossFigure({ training: losses }, { title: "Training loss", xTitle: "step", yTitle: "mean squared error" }),
  );
  await figure(
    "test-predictions",
    predictionFigure(
      {
        x: steps,
        truth,
        predictions: [
          { name: "RNN", y: predicted, role: "network" },
          { name: "naive", y: naive, role: "baseline" },
        ],
      },
      { title: "One step ahead, on windows it never saw", xTitle: "step of the series", yTitle: "value" },
    ),
  );
  const later = recursive.map((_, i) => TRAIN_WINDOWS + INPUT_STEPS + i);
  await figure(
    "recursive-forecast",
    lineFigure(
      [
        { name: "the series", y: ys, role: "truth" },
        { name: "RNN, fed with its own forecasts", x: later, y: recursive, role: "network" },
        {
          name: "the sine without noise",
          x: later,
          y: later.map((i) => Math.sin((10 * Math.PI * i) / 499)),
          role: "baseline",
          dashed: true,
        },
      ],
      {
        title: `${recursive.length} steps on its own, from the first test window`,
        xTitle: "step of the series",
        yTitle: "value",
      },
    ),
  );

  print(`test RMSE ${testRmse.toFixed(4)}; naive ${naiveRmse.toFixed(4)}; the noise alone ${NOISE}`);
  return {
    tutorial: "noisy-sine",
    mark: `test RMSE at most ${MARK} after 500 steps`,
    reached: quick ? testRmse < naiveRmse : testRmse <= MARK,
    testRmse,
    naiveRmse,
    finalLoss: losses[losses.length - 1],
    losses: losses.filter((_, step) => step % 50 === 0),
  };
}

/** Forecasts the next value, takes it for true, and goes on. */
function forecastAlone(model: SineRNN, window: Float64Array, steps: number): number[] {
  const values = Array.from(window);
  return noGrad(() => {
    for (let i = 0; i < steps; i++) {
      const x = tensor([values.slice(-INPUT_STEPS).map((value) => [value])]); // [1, 50, 1]
      values.push(model.forward(x).item());
    }
    return values.slice(window.length);
  });
}
