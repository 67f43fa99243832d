/**
 * RNN, LSTM and GRU on the same two tasks, over several seeds: which differences are real? See README.md beside this file.
 */

import { nn, noGrad, type Tensor } from "refrain";
import { boxFigure } from "refrain/figure";
import { comparePairs, directionalAccuracy, mae, pairsOf, rmse } from "refrain/forecast";
import { trainWithEarlyStopping } from "../early-stopping.ts";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";
import { OWN_PRICES, priceTask, sunspotTask, type Task } from "./tasks.ts";

const HIDDEN = 32;
const PRICE_MARK = 1.02;
const SUNSPOT_MARK = 21.5;

/** What the three have in common, as far as this lesson goes. */
type Layer = nn.Module & { forward(x: Tensor): readonly [y: Tensor, state: unknown] };
type LayerClass = new (features: number, hidden: number, options: { batchFirst: boolean }) => Layer;

const CELLS = { RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU } satisfies Record<string, LayerClass>;
type CellName = keyof typeof CELLS;
const CELL_NAMES = Object.keys(CELLS) as CellName[];

class CellNet extends nn.Module {
  cell: Layer;
  out = new nn.Linear(HIDDEN, 1);

  constructor(cell: CellName) {
    super();
    this.cell = new CELLS[cell](1, HIDDEN, { batchFirst: true });
  }

  /** x [B, T, 1] → [B, 1] */
  forward(x: Tensor): Tensor {
    const [y] = this.cell.forward(x); // [B, T, 32], whatever the cell
    return this.out.forward(y.select(1, -1)); // the last step, [B, 32] → [B, 1]
  }
}

export async function run(context: TutorialContext): Promise<TutorialMetrics> {
  const { quick, seed, data, print } = context;
  const prices = await priceTask(data);
  const sunspots = await sunspotTask(data);
  const seeds = Array.from({ length: quick ? 2 : 10 }, (_, i) => (seed ?? 1) + i);
  const onPrices = await compareOn(prices.task, seeds, context);
  const onSunspots = await compareOn(sunspots, seeds, context);
  if (!prices.owns) print(`There is no mark for the prices of ${prices.file}: it holds for ${OWN_PRICES}.`);
  const pricesReached = !prices.owns || onPrices.worstRmse <= (quick ? 1.1 : PRICE_MARK) * onPrices.naiveRmse;
  return {
    tutorial: "compare-cells",
    mark: `mean RMSE of every cell at most ${SUNSPOT_MARK} on the sunspots, and ${PRICE_MARK} × naive on ${OWN_PRICES}`,
    reached: pricesReached && onSunspots.worstRmse <= (quick ? 32 : SUNSPOT_MARK),
    data: prices.file,
    seeds,
    results: { [prices.task.name]: onPrices, [sunspots.name]: onSunspots },
  };
}

async function compareOn(task: Task, seeds: readonly number[], { quick, print, figure }: TutorialContext) {
  const { name, trained, truth, last } = task;
  const naiveRmse = rmse(truth, last);
  print(`${name}: ${trained} windows for training, ${truth.length} for the test; naive RMSE ${naiveRmse.toFixed(2)}`);
  // The first run of a program is slow; no cell shall pay for it.
  for (const cell of CELL_NAMES) scoresOf(cell, task, seeds.slice(0, 1), 2);
  print("cell   parameters          RMSE            MAE   direction   seconds");
  const scores = CELL_NAMES.map((cell) => {
    const row = scoresOf(cell, task, seeds, quick ? 5 : 100);
    const head = `${cell.padEnd(4)} ${String(row.parameters).padStart(12)}`;
    const direction = `${(100 * mean(row.direction)).toFixed(1).padStart(9)} %`;
    print(`${head} ${spread(row.rmse)} ${spread(row.mae)} ${direction} ${mean(row.seconds).toFixed(2).padStart(9)}`);
    return row;
  });
  const pairs = comparePairs(pairsOf(scores.map((row) => ({ ...row, name: row.cell, losses: row.squares }))));
  for (const { text } of pairs) print(text);
  await figure(
    name.split(" ")[0],
    boxFigure(
      scores.map((row) => ({ name: row.cell, values: row.rmse })),
      {
        title: `${name[0].toUpperCase()}${name.slice(1)}: ${seeds.length} seeds each`,
        valueTitle: `test RMSE (${task.unit})`,
        nameTitle: "cell",
      },
    ),
  );
  return {
    naiveRmse,
    worstRmse: Math.max(...scores.map((row) => mean(row.rmse))),
    cells: scores.map(({ squares: _, ...row }) => row),
    comparisons: pairs.map(({ text: _, ...comparison }) => comparison),
  };
}

/** What one cell does on one task: a value a seed, and the squared error of each test window averaged over the seeds. */
function scoresOf(cell: CellName, task: Task, seeds: readonly number[], epochs: number) {
  const part = (from: number, to: number) =>
    [task.x.narrow(0, from, to - from), task.y.narrow(0, from, to - from)] as const;
  const [xTest] = part(task.trained, task.x.shape[0]);
  const runs = seeds.map((seed) => {
    const start = performance.now();
    const { model } = trainWithEarlyStopping(() => new CellNet(cell), {
      seed,
      training: part(0, task.fitted),
      validation: part(task.fitted, task.trained),
      epochs,
      batch: 32,
      learningRate: 0.005,
      patience: 15,
    });
    const seconds = (performance.now() - start) / 1000;
    const outputs = noGrad(() => model.forward(xTest)).toTypedArray() as Float32Array;
    return { model, seconds, forecast: task.toValues(Float64Array.from(outputs)) };
  });
  const { truth, last } = task;
  return {
    cell,
    parameters: runs[0].model.parameters().reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    rmse: runs.map(({ forecast }) => rmse(truth, forecast)),
    mae: runs.map(({ forecast }) => mae(truth, forecast)),
    direction: runs.map(({ forecast }) => directionalAccuracy(truth, forecast, last) ?? Number.NaN),
    seconds: runs.map(({ seconds }) => seconds),
    squares: truth.map((value, n) => mean(runs.map(({ forecast }) => (forecast[n] - value) ** 2))),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** "mean ± deviation" over the seeds. */
function spread(values: readonly number[]): string {
  const centre = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / Math.max(1, values.length - 1));
  return `${centre.toFixed(2)} ± ${deviation.toFixed(2)}`.padStart(14);
}
