/**
 * Experiment 5: why memory fades. How much the loss at the last step depends on the input k steps before it, ‖∂L/∂x_{T−k}‖, and how
 * far back each cell can therefore learn to look.
 */

import { cat, manualSeed, nn, noGrad, ones, optim, rand, type Tensor, zeros } from "refrain";
import { type Figure, lineFigure, panelFigure } from "refrain/figure";
import { type ExperimentContext, mean } from "./experiment.ts";

const HIDDEN = 16;
const SAMPLES = 64;
/** Nets that the norms at initialisation are averaged over. */
const NETS = 20;
const STEPS = 51;
const LAGS = [5, 10, 15, 20, 30];
/** A net whose squared error is below this share of the mean's has learnt it. */
const LEARNT = 0.1;

type Layer = nn.Module & { forward(x: Tensor): readonly [y: Tensor, state: unknown] };

/** An LSTM whose forget gates are open at first: σ(1) = 0.73 of the memory stays, instead of σ(0) = 0.5. */
function openLSTM(): nn.LSTM {
  const lstm = new nn.LSTM(2, HIDDEN, { batchFirst: true });
  const bias = lstm.getParameter("bias_ih_l0"); // [4H]: i, f, g, o
  noGrad(() => bias.narrow(0, HIDDEN, HIDDEN).fill_(1));
  return lstm;
}

export const CELLS = {
  RNN: () => new nn.RNN(2, HIDDEN, { batchFirst: true }),
  GRU: () => new nn.GRU(2, HIDDEN, { batchFirst: true }),
  LSTM: () => new nn.LSTM(2, HIDDEN, { batchFirst: true }),
  "LSTM, forget bias 1": openLSTM,
} satisfies Record<string, () => Layer>;

export type CellName = keyof typeof CELLS;
export const CELL_NAMES = Object.keys(CELLS) as CellName[];

/** Reads a sequence and says one number at its end. */
export class RecallNet extends nn.Module {
  cell: Layer;
  out = new nn.Linear(HIDDEN, 1);

  constructor(cell: CellName) {
    super();
    this.cell = CELLS[cell]();
  }

  /** x [B, T, 2] → [B, 1] */
  forward(x: Tensor): Tensor {
    const [y] = this.cell.forward(x); // [B, T, H]
    return this.out.forward(y.select(1, -1)); // [B, H] → [B, 1]
  }
}

/** "What was the first number?" Random numbers in −1 … 1, and a mark that is 1 at the first: x [B, T, 2], y [B, 1]. */
export function recallTask(samples: number, steps: number): [x: Tensor, y: Tensor] {
  const numbers = rand([samples, steps, 1]).mul(2).sub(1);
  const marks = cat([ones([samples, 1, 1]), zeros([samples, steps - 1, 1])], 1);
  return [cat([numbers, marks], 2), numbers.select(1, 0)];
}

/**
 * ‖∂L/∂x_{T−k}‖ for k = 0 … T − 1, averaged over the samples; L is the squared error of the number said at the last step T.
 * One backward pass gives them all: samples do not influence one another, so the gradient of their sum is that of each.
 */
export function gradientByLag(net: RecallNet, [x, y]: readonly [x: Tensor, y: Tensor]): number[] {
  const watched = x.clone();
  watched.requiresGrad = true;
  net.forward(watched).sub(y).square().sum().backward();
  const gradient = watched.grad as Tensor; // [B, T, 2]
  const norms = gradient.norm({ dim: 2 }).mean(0); // [B, T] → [T]
  return Array.from(norms.toTypedArray() as Float32Array).reverse();
}

interface Training {
  readonly seed: number;
  readonly lag: number;
  readonly updates: number;
}

/** Trains a net to say the number of `lag` steps ago. @returns it, and its error on new sequences over that of the mean */
function learnToRecall(cell: CellName, { seed, lag, updates }: Training): { net: RecallNet; error: number } {
  manualSeed(seed);
  const net = new RecallNet(cell);
  const mse = new nn.MSELoss();
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.02 });
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, updates);
  for (let update = 0; update < updates; update++) {
    const [x, y] = recallTask(32, lag + 1);
    const loss = mse.forward(net.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    schedule.step();
  }
  const [x, y] = recallTask(500, lag + 1);
  const loss = noGrad(() => mse.forward(net.forward(x), y)).item();
  return { net, error: loss / (1 / 3) }; // the variance of a uniform number in −1 … 1
}

/** Gradients of new nets by lag: those of a typical net, the geometric mean over nets. */
function initialGradients(cell: CellName, seed: number): number[] {
  manualSeed(seed);
  const task = recallTask(SAMPLES, STEPS);
  const byNet = Array.from({ length: NETS }, () => gradientByLag(new RecallNet(cell), task));
  return Array.from({ length: STEPS }, (_, lag) => Math.exp(mean(byNet.map((norms) => Math.log(norms[lag])))));
}

export interface Fading {
  /** ‖∂L/∂x‖ by lag, of new nets and of those that were trained to recall the number of 15 steps ago. */
  readonly initial: Readonly<Record<CellName, number[]>>;
  readonly trained: Readonly<Record<CellName, number[]>>;
  /** What is left of the gradient per step back, between the lags 20 and 40 of new nets. */
  readonly factor: Readonly<Record<CellName, number>>;
  /** By cell and lag, one a seed: the squared error over that of the mean. 1 is "remembers nothing". */
  readonly recall: Readonly<Record<CellName, number[][]>>;
}

export async function fadingExperiment({ quick, seed, print, figure }: ExperimentContext): Promise<Fading> {
  const lags = quick ? [5] : LAGS;
  const shownLag = quick ? 5 : 15;
  const seeds = quick ? [seed] : Array.from({ length: 5 }, (_, i) => seed + i);
  const updates = quick ? 200 : 1000;
  const perCell = <T>(of: (cell: CellName) => T) =>
    Object.fromEntries(CELL_NAMES.map((cell) => [cell, of(cell)])) as Record<CellName, T>;

  const initial = perCell((cell) => initialGradients(cell, seed));
  const factor = perCell((cell) => (initial[cell][40] / initial[cell][20]) ** (1 / 20));
  print(`‖∂L/∂x‖ of new nets, by the number of steps back; typical of ${NETS} nets, mean over ${SAMPLES} sequences`);
  for (const cell of CELL_NAMES) {
    const at = [0, 10, 20, 40].map((lag) => `${lag}: ${initial[cell][lag].toExponential(1)}`).join("   ");
    print(`  ${cell.padEnd(20)} ${at}   × ${factor[cell].toFixed(2)} a step`);
  }

  print(
    `how many of ${seeds.length} nets learn to say the number of k steps ago, to a tenth of the mean's squared error`,
  );
  const trained = {} as Record<CellName, number[]>;
  const recall = perCell((cell): number[][] => {
    const errors = lags.map((lag) =>
      seeds.map((own) => {
        const { net, error } = learnToRecall(cell, { seed: own, lag, updates });
        if (lag === shownLag && own === seed) trained[cell] = gradientByLag(net, recallTask(SAMPLES, lag + 1));
        return error;
      }),
    );
    const row = (each: number[], i: number) => `${lags[i]}: ${each.filter((error) => error < LEARNT).length}`;
    print(`  ${cell.padEnd(20)} k = ${errors.map(row).join("   ")}`);
    return errors;
  });

  const byLag = (norms: Readonly<Record<CellName, number[]>>, title: string): Figure =>
    lineFigure(
      CELL_NAMES.map((cell) => ({ name: cell, y: norms[cell], points: false })),
      { title, xTitle: "lag k (steps back)", yTitle: "norm of the gradient", yLog: true },
    );
  await figure(
    "fading",
    panelFigure([byLag(initial, "new nets"), byLag(trained, `trained to recall lag ${shownLag}`)], {
      title: "How much the last loss depends on the input k steps back",
      columns: 2,
      panelHeight: 260,
    }),
  );
  if (!quick) {
    await figure(
      "recall",
      lineFigure(
        CELL_NAMES.map((cell) => ({ name: cell, x: lags, y: recall[cell].map(mean) })),
        {
          title: "How far back each cell learns to look",
          subtitle: `Mean over ${seeds.length} seeds; 1 is what the mean has, 0 is perfect`,
          xTitle: "steps between the number and the question",
          yTitle: "squared error ÷ the mean's",
          yDomain: [0, 1.1],
        },
      ),
    );
  }
  return { initial, trained, factor, recall };
}
