/**
 * RNN, LSTM and GRU on the same two tasks, over several seeds: which differences are real? See README.md beside this file.
 */

import { nn, noGrad, type Tensor, tensor } from "refrain";
import { StandardScaler, windows } from "refrain/data";
import { boxFigure } from "refrain/figure";
import { dieboldMariano, directionalAccuracy, mae, rmse } from "refrain/forecast";
import type { DataSource } from "../data-source.ts";
import { trainWithEarlyStopping } from "../early-stopping.ts";
import { priceWindows } from "../price-windows.ts";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";

const OWN_PRICES = "nikkei_1001_2010-2017.csv";
const OWN_DAYS = 1962;
const STAND_IN = "dax_in_nikkei_format.csv";
const HIDDEN = 32;
const PRICE_STEPS = 6;
const SUNSPOT_STEPS = 24;
/** Years for training and validation; the test part is the other 58. */
const SUNSPOT_SPLIT = [201, 50] as const;
const PRICE_MARK = 1.02;
const SUNSPOT_MARK = 21.5;
/** A difference is called real if chance makes one as large in fewer than 1 of 20 comparisons, all pairs taken together. */
const SIGNIFICANCE = 0.05;

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

interface Task {
  readonly name: string;
  readonly unit: string;
  /** [N, T, 1] and [N, 1]. */
  readonly x: Tensor;
  readonly y: Tensor;
  /** Windows 0 … fitted train, fitted … trained tell when to stop, the others are the test. */
  readonly fitted: number;
  readonly trained: number;
  readonly truth: Float64Array;
  readonly last: Float64Array;
  /** From the outputs for the test windows to the data's unit. */
  readonly toValues: (outputs: Float64Array) => Float64Array;
}

/** What one cell did on one task, over all seeds. */
export interface CellScores {
  readonly cell: CellName;
  readonly parameters: number;
  /** One value a seed. */
  readonly rmse: readonly number[];
  readonly mae: readonly number[];
  readonly direction: readonly number[];
  readonly seconds: readonly number[];
  /** The squared error of each test window, averaged over the seeds. */
  readonly squares: Float64Array;
}

export async function run({ quick, seed, data, print, figure }: TutorialContext): Promise<TutorialMetrics> {
  const prices = await priceTask(data);
  const sunspots = await sunspotTask(data);
  const seeds = Array.from({ length: quick ? 2 : 10 }, (_, i) => (seed ?? 1) + i);
  const results: Record<string, object> = {};
  const relative: Record<string, number> = {};
  for (const task of [prices.task, sunspots]) {
    const naiveRmse = rmse(task.truth, task.last);
    print(
      `${task.name}: ${task.trained} windows for training, ${task.truth.length} for the test; naive RMSE ${naiveRmse.toFixed(2)}`,
    );
    // The first run of a program is slow; no cell shall pay for it.
    for (const cell of CELL_NAMES) scoresOf(cell, task, seeds.slice(0, 1), 2);
    print("cell   parameters          RMSE            MAE   direction   seconds");
    const scores = CELL_NAMES.map((cell) => {
      const row = scoresOf(cell, task, seeds, quick ? 5 : 100);
      print(
        `${cell.padEnd(4)} ${String(row.parameters).padStart(12)} ${spread(row.rmse)} ${spread(row.mae)} ${(100 * mean(row.direction)).toFixed(1).padStart(9)} % ${mean(row.seconds).toFixed(2).padStart(9)}`,
      );
      return row;
    });
    const comparisons = comparePairs(scores);
    for (const { text } of comparisons) print(text);
    await figure(
      task.name.split(" ")[0],
      boxFigure(
        scores.map(({ cell, rmse: values }) => ({ name: cell, values })),
        {
          title: `${task.name[0].toUpperCase()}${task.name.slice(1)}: ${seeds.length} seeds each`,
          valueTitle: `test RMSE (${task.unit})`,
          nameTitle: "cell",
        },
      ),
    );
    relative[task.name] = Math.max(...scores.map((row) => mean(row.rmse))) / naiveRmse;
    results[task.name] = {
      naiveRmse,
      cells: scores.map(({ squares: _, ...row }) => row),
      comparisons: comparisons.map(({ text: _, ...comparison }) => comparison),
    };
  }
  if (!prices.owns) print(`There is no mark for the prices of ${prices.file}: it holds for ${OWN_PRICES}.`);
  const worstPrices = relative[prices.task.name];
  const worstSunspots = relative[sunspots.name] * rmse(sunspots.truth, sunspots.last);
  const pricesReached = !prices.owns || worstPrices <= (quick ? 1.1 : PRICE_MARK);
  return {
    tutorial: "compare-cells",
    mark: `mean RMSE of every cell at most ${SUNSPOT_MARK} on the sunspots, and ${PRICE_MARK} × naive on ${OWN_PRICES}`,
    reached: pricesReached && worstSunspots <= (quick ? 32 : SUNSPOT_MARK),
    data: prices.file,
    seeds,
    results,
  };
}

async function priceTask(data: DataSource): Promise<{ task: Task; owns: boolean; file: string }> {
  const { name: file, table } = await data.table(OWN_PRICES, STAND_IN);
  const close = table.column("終値").values;
  const trained = Math.floor(0.7 * (close.length - PRICE_STEPS));
  const { x, y, last, truth, toPrices } = priceWindows({ close }, PRICE_STEPS, trained + PRICE_STEPS);
  const task: Task = {
    name: "prices by day",
    unit: "points",
    x,
    y,
    fitted: Math.floor(0.8 * trained),
    trained,
    truth: truth.subarray(trained),
    last: last.subarray(trained),
    toValues: (outputs) => toPrices(outputs, trained),
  };
  return { task, owns: file === OWN_PRICES && close.length === OWN_DAYS, file };
}

async function sunspotTask(data: DataSource): Promise<Task> {
  const { table } = await data.table("sunspots_yearly.csv");
  const { values } = table.column("value");
  const [trainYears, validationYears] = SUNSPOT_SPLIT;
  const series = tensor(Array.from(values, (value) => [value])); // [309, 1]
  const scaler = new StandardScaler().fit(series.narrow(0, 0, trainYears));
  const [x, targets] = windows(scaler.transform(series), { inputSteps: SUNSPOT_STEPS });
  const trained = trainYears + validationYears - SUNSPOT_STEPS;
  return {
    name: "sunspots by year",
    unit: "sunspot number",
    x: x.contiguous(), // [285, 24, 1]
    y: targets.squeeze(2), // [285, 1]
    fitted: trainYears - SUNSPOT_STEPS,
    trained,
    truth: values.slice(trainYears + validationYears),
    last: values.slice(trainYears + validationYears - 1, -1),
    toValues: (outputs) => outputs.map((output) => output * scaler.scale[0] + scaler.offset[0]),
  };
}

function scoresOf(cell: CellName, task: Task, seeds: readonly number[], epochs: number): CellScores {
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

export interface Comparison {
  readonly better: CellName;
  readonly worse: CellName;
  /** Diebold–Mariano, times the number of pairs (Bonferroni). */
  readonly pValue: number;
  /** Whether the seeds of the one are all better than those of the other. */
  readonly apart: boolean;
  readonly real: boolean;
  readonly text: string;
}

/**
 * A difference is real if it is beyond chance both ways: over the test windows (Diebold–Mariano on squared errors averaged over
 * seeds, every p times the number of pairs) and over the seeds (the ranges of RMSE do not meet).
 */
export function comparePairs(scores: readonly Pick<CellScores, "cell" | "rmse" | "squares">[]): Comparison[] {
  const pairs = scores.flatMap((a, i) => scores.slice(i + 1).map((b) => [a, b] as const));
  return pairs.map(([a, b]) => {
    const test = dieboldMariano(a.squares, b.squares);
    const [good, bad] = test.meanDifference <= 0 ? [a, b] : [b, a];
    const pValue = Math.min(1, test.pValue * pairs.length);
    const apart = Math.max(...good.rmse) < Math.min(...bad.rmse);
    const real = apart && pValue < SIGNIFICANCE;
    const verdict = real
      ? `${good.cell} is better than ${bad.cell}`
      : `${good.cell} and ${bad.cell}: no difference shown`;
    const reasons = `p = ${pValue.toFixed(2)}, the seeds ${apart ? "lie apart" : "overlap"}`;
    return { better: good.cell, worse: bad.cell, pValue, apart, real, text: `${verdict} (${reasons})` };
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** "mean ± deviation" over the seeds. */
function spread(values: readonly number[]): string {
  const centre = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / Math.max(1, values.length - 1));
  return `${centre.toFixed(2)} ± ${deviation.toFixed(2)}`.padStart(14);
}
