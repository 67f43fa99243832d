/**
 * An LSTM learns a clean sine from 450 windows at once, time first, with initial values of its own. See README.md beside this file.
 */

import { manualSeed, nn, noGrad, optim, type Tensor, tensor } from "refrain";
import { lossFigure, predictionFigure } from "refrain/figure";
import { rmse } from "refrain/forecast";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";

const PERIOD = 50;
const POINTS = 500;
const INPUT_STEPS = 40;
const TRAIN_WINDOWS = 450;
const MARK = 1e-3;

class SineLSTM extends nn.Module {
  lstm = new nn.LSTM(1, 100);
  out = new nn.Linear(100, 1);

  /** x [T, B, 1] → [B, 1] */
  forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(x); // [T, B, 100]
    return this.out.forward(y.select(0, -1)); // the last step, [B, 100] → [B, 1]
  }
}

/** Each linear layer gets Glorot's initial weights; the others keep what they have. `apply` calls it for every module. */
function initialise(module: nn.Module): void {
  if (module instanceof nn.Linear) nn.init.xavierUniform_(module.weight);
}

/** sin(2π (i + shift) / 50) for i = 0 … 499 */
export function sine(shift = 0): Float64Array {
  return Float64Array.from({ length: POINTS }, (_, i) => Math.sin((2 * Math.PI * (i + shift)) / PERIOD));
}

/** All 460 windows as one batch, time first [40, 460, 1], and the value that follows each [460, 1]. */
export function windowsOf(ys: Float64Array): [x: Tensor, y: Tensor] {
  const series = tensor(ys).float(); // [500]
  const windows = series.unfold(0, INPUT_STEPS, 1).slice(0, 0, POINTS - INPUT_STEPS); // [460, 40], views of the series
  return [windows.t().unsqueeze(-1), series.slice(0, INPUT_STEPS).unsqueeze(-1)];
}

/** Full-batch training. @returns the network and the loss of every epoch */
export function train(
  x: Tensor,
  y: Tensor,
  { seed, epochs, print }: { seed: number; epochs: number; print: (line: string) => void },
): { model: SineLSTM; losses: number[] } {
  manualSeed(seed);
  const model = new SineLSTM();
  model.apply(initialise);
  const lossFunction = new nn.MSELoss();
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const losses: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const loss = lossFunction.forward(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    if (epoch % 10 === 0) print(`epoch ${String(epoch).padStart(2)}  loss ${loss.item().toExponential(3)}`);
  }
  return { model, losses };
}

/** What the network says, as plain numbers: eval mode, and no graph. */
function predict(model: SineLSTM, x: Tensor): Float64Array {
  model.eval();
  return Float64Array.from(noGrad(() => model.forward(x)).toTypedArray() as Float32Array);
}

const numbersOf = (y: Tensor): Float64Array => Float64Array.from(y.toTypedArray() as Float32Array);

export async function run({ quick, seed, print, figure }: TutorialContext): Promise<TutorialMetrics> {
  const ys = sine();
  const [x, y] = windowsOf(ys);
  const started = performance.now();
  const { model, losses } = train(x.slice(1, 0, TRAIN_WINDOWS), y.slice(0, 0, TRAIN_WINDOWS), {
    seed: seed ?? 1,
    epochs: quick ? 50 : 80,
    print,
  });
  const elapsedMs = performance.now() - started;
  const finalLoss = losses[losses.length - 1];
  print(`${losses.length} epochs in ${(elapsedMs / 1000).toFixed(1)} s, final loss ${finalLoss.toExponential(3)}`);

  const truth = numbersOf(y.slice(0, TRAIN_WINDOWS));
  const predicted = predict(model, x.slice(1, TRAIN_WINDOWS));
  const naive = ys.slice(POINTS - truth.length - 1, POINTS - 1);
  print("the last 10 values and their predictions");
  for (const [i, value] of truth.entries()) {
    print(`${POINTS - truth.length + i}  ${value.toFixed(4).padStart(7)}  ${predicted[i].toFixed(4).padStart(7)}`);
  }

  // The last 10 windows are copies of trained ones; those of a sine half a step later are not.
  const [unseenX, unseenY] = windowsOf(sine(0.5));
  const lastRmse = rmse(truth, predicted);
  const naiveRmse = rmse(truth, naive);
  const unseenRmse = rmse(numbersOf(unseenY), predict(model, unseenX));
  print(
    `RMSE of the last 10 ${lastRmse.toFixed(4)}; naive ${naiveRmse.toFixed(4)}; unseen phases ${unseenRmse.toFixed(4)}`,
  );

  await figure(
    "loss",
    lossFigure({ training: losses }, { title: "Training loss", xTitle: "epoch", yTitle: "mean squared error" }),
  );
  await figure(
    "last-ten",
    predictionFigure(
      {
        x: Array.from(truth, (_, i) => POINTS - truth.length + i),
        truth,
        predictions: [
          { name: "LSTM", y: predicted, role: "network" },
          { name: "naive", y: naive, role: "baseline" },
        ],
      },
      { title: "The last 10 values, each from the 40 before it", xTitle: "step of the series", yTitle: "value" },
    ),
  );

  return {
    tutorial: "sine-lstm",
    mark: `final loss at most ${MARK}`,
    reached: finalLoss <= MARK,
    finalLoss,
    lastRmse,
    naiveRmse,
    unseenRmse,
    elapsedMs,
    predicted: Array.from(predicted),
    losses,
  };
}
