/**
 * An RNN becomes a noisy sine: every ten epochs it draws 40 steps on its own, from the first window. See README.md beside this file.
 */

import { linspace, manualSeed, nn, noGrad, optim, randn, type Tensor, tensor } from "refrain";
import { DataLoader, TensorDataset } from "refrain/data";
import { type Figure, lineFigure, lossFigure, panelFigure } from "refrain/figure";
import { rmse } from "refrain/forecast";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";

const POINTS = 50;
const INPUT_STEPS = 10;
const NOISE = 0.3;
const BATCH = 8;
const EPOCHS = 200;
const EVERY = 10;
/** Epochs of the picture series. */
const PANELS = [10, 20, 40, 70, 120, 200];
/** RMSE of the drawn curve against the sine without noise: no more than the noise that it learns from. */
const MARK = NOISE;

class SineRNN extends nn.Module {
  rnn = new nn.RNN(1, 64, { batchFirst: true });
  out = new nn.Linear(64, 1);

  /** x [B, T, 1] → [B, 1] */
  forward(x: Tensor): Tensor {
    const [y] = this.rnn.forward(x); // [B, T, 64]
    return this.out.forward(y.select(1, -1)); // the last step, [B, 64] → [B, 1]
  }
}

const numbersOf = (x: Tensor): number[] => Array.from(x.toTypedArray() as Float32Array);

/** The recursive curve after an epoch. */
interface Snapshot {
  readonly epoch: number;
  readonly curve: readonly number[];
}

export interface LearningRun {
  /** The noisy sine and the sine without noise, 50 values each. */
  readonly ys: readonly number[];
  readonly clean: readonly number[];
  /** The loss of every step, 5 in an epoch. */
  readonly stepLosses: readonly number[];
  /** The mean over all samples of every epoch. */
  readonly epochLosses: readonly number[];
  readonly snapshots: readonly Snapshot[];
}

/** Data, network and training, drawn from one seed in this order. */
export function train(seed: number, print: (line: string) => void): LearningRun {
  manualSeed(seed);
  const clean = linspace(-2 * Math.PI, 2 * Math.PI, POINTS).sin(); // [50]
  const ys = clean.add(randn([POINTS]).mul(NOISE));
  const x = ys.unfold(0, INPUT_STEPS, 1).slice(0, 0, -1).unsqueeze(-1); // [40, 10, 1]
  const y = ys.slice(0, INPUT_STEPS).unsqueeze(-1); // [40, 1]
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: BATCH, shuffle: true });
  const model = new SineRNN();
  const lossFunction = new nn.MSELoss();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });

  const stepLosses: number[] = [];
  const epochLosses: number[] = [];
  const snapshots: Snapshot[] = [];
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    let sum = 0;
    for (const [inputs, targets] of loader) {
      const loss = lossFunction.forward(model.forward(inputs), targets);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      stepLosses.push(loss.item());
      sum += loss.item() * inputs.size(0);
    }
    epochLosses.push(sum / x.size(0));
    if (epoch % EVERY > 0) continue;
    snapshots.push({ epoch, curve: drawAlone(model, numbersOf(ys.slice(0, 0, INPUT_STEPS))) });
    print(`epoch ${String(epoch).padStart(3)}  loss ${epochLosses[epoch - 1].toFixed(4)}`);
  }
  return { ys: numbersOf(ys), clean: numbersOf(clean), stepLosses, epochLosses, snapshots };
}

/** Forecasts 40 steps: every forecast becomes an input of the next. */
function drawAlone(model: SineRNN, window: readonly number[]): number[] {
  const values = [...window];
  return noGrad(() => {
    while (values.length < POINTS) {
      const x = tensor([values.slice(-INPUT_STEPS).map((value) => [value])]); // [1, 10, 1]
      values.push(model.forward(x).item());
    }
    return values.slice(INPUT_STEPS);
  });
}

function curveFigure({ ys, clean }: LearningRun, { epoch, curve }: Snapshot): Figure {
  return lineFigure(
    [
      { name: "noisy sine", y: ys, role: "truth", points: false },
      { name: "without noise", y: clean, role: "baseline", dashed: true },
      { name: "RNN on its own", x: curve.map((_, i) => INPUT_STEPS + i), y: curve, role: "network" },
    ],
    { title: `epoch ${epoch}`, xTitle: "step", yTitle: "value", yDomain: [-1.8, 1.8] },
  );
}

export async function run({ seed, print, figure, animation }: TutorialContext): Promise<TutorialMetrics> {
  const lesson = train(seed ?? 1, print);
  const { clean, epochLosses, snapshots } = lesson;
  const later = Float64Array.from(clean.slice(INPUT_STEPS));
  const apart = snapshots.map(({ curve }) => rmse(later, Float64Array.from(curve)));
  const flat = rmse(later, new Float64Array(later.length));
  const curveRmse = apart[apart.length - 1];

  await figure(
    "becoming-a-sine",
    panelFigure(
      snapshots.filter(({ epoch }) => PANELS.includes(epoch)).map((snapshot) => curveFigure(lesson, snapshot)),
      { title: "40 steps on its own, from the first window", columns: 2 },
    ),
  );
  await figure(
    "loss",
    lossFigure(
      { training: epochLosses },
      { title: "Training loss, the mean of all samples", yTitle: "mean squared error" },
    ),
  );
  await animation(
    "becoming-a-sine",
    snapshots.map((snapshot) => curveFigure(lesson, snapshot)),
    { title: "An RNN becomes a sine", captions: snapshots.map(({ epoch }) => `epoch ${epoch}`) },
  );

  print(`its own curve is ${curveRmse.toFixed(3)} (RMSE) from the sine; a flat line ${flat.toFixed(3)}`);
  return {
    tutorial: "learning-a-sine",
    mark: `its own curve of 40 steps at most ${MARK} (RMSE) from the sine without noise after ${EPOCHS} epochs`,
    reached: curveRmse <= MARK,
    curveRmse,
    flatRmse: flat,
    curveRmseByEpoch: Object.fromEntries(snapshots.map(({ epoch }, i) => [epoch, apart[i]])),
    finalLoss: epochLosses[EPOCHS - 1],
    losses: epochLosses,
    stepLosses: lesson.stepLosses,
  };
}
