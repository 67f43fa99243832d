/**
 * A GRU on the daily closes of the Nikkei 225: on raw levels, which fails, and on changes; then whether one could trade on it.
 * See README.md beside this file.
 */

import { nn, noGrad, type Tensor, tensor } from "refrain";
import { StandardScaler, windows } from "refrain/data";
import { lineFigure, lossFigure, predictionFigure } from "refrain/figure";
import { coverage, dieboldMariano, directionalAccuracy, rmse } from "refrain/forecast";
import type { DataSource } from "../data-source.ts";
import { type Trained, trainWithEarlyStopping } from "../early-stopping.ts";
import { type PriceSeries, type PriceWindows, priceWindows } from "../price-windows.ts";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";
import { simulate } from "./simulation.ts";

const OWN_FILE = "nikkei_1001_2010-2017.csv";
const OWN_DAYS = 1962;
const STAND_IN = "dax_in_nikkei_format.csv";
const INPUT_STEPS = 6;
const TRAIN_SHARE = 0.7;
/** Of the training windows: the rest tells when to stop. */
const FITTED_SHARE = 0.8;
const MARK = 1.005;
const FEE = 0.001;

class PriceGRU extends nn.Module {
  gru: nn.GRU;
  out = new nn.Linear(100, 1);

  constructor(features: number) {
    super();
    this.gru = new nn.GRU(features, 100, { batchFirst: true });
  }

  /** x [B, 6, F] → [B, 1] */
  forward(x: Tensor): Tensor {
    const [y] = this.gru.forward(x); // [B, 6, 100]
    return this.out.forward(y.select(1, -1)); // the last day, [B, 100] → [B, 1]
  }
}

/** Rows of windows: fitted on 0 … fitted, stopped by fitted … trained, judged on trained … count. */
interface Parts {
  readonly fitted: number;
  readonly trained: number;
  readonly count: number;
}

interface Prices extends Required<PriceSeries> {
  readonly file: string;
  readonly title: string;
  readonly dates: readonly string[];
}

/** Closes, other prices and volumes by day, from a file as the Japanese site gives it. */
export async function readPrices(data: DataSource): Promise<Prices> {
  const { name, table } = await data.table(OWN_FILE, STAND_IN);
  const values = (column: string) => table.column(column).values;
  return {
    file: name,
    title: name === OWN_FILE ? "日経225" : "ＤＡＸ指数",
    dates: table.index.labels,
    close: values("終値"),
    prices: [values("始値"), values("高値"), values("安値")],
    volume: values("出来高"),
  };
}

export async function run({ quick, seed, data, print, figure }: TutorialContext): Promise<TutorialMetrics> {
  const series = await readPrices(data);
  const { close, file } = series;
  const owns = file === OWN_FILE && close.length === OWN_DAYS;
  const count = close.length - INPUT_STEPS;
  const trained = Math.floor(TRAIN_SHARE * count);
  const parts: Parts = { fitted: Math.floor(FITTED_SHARE * trained), trained, count };
  const trainDays = trained + INPUT_STEPS;
  const firstSeed = seed ?? 1;
  const epochs = quick ? 3 : 50;
  const seeds = Array.from({ length: quick ? 2 : 5 }, (_, i) => firstSeed + i);
  print(
    `${file}: ${close.length} days, ${count} windows of ${INPUT_STEPS}, ${trained} for training, the rest for the test`,
  );

  const levels = onLevels(close, trainDays, parts, epochs, firstSeed);
  print(`raw levels: ${levels.losses.length} epochs, loss ${levels.losses.at(-1)!.toFixed(5)} (scaled units²)`);
  const form = priceWindows({ close }, INPUT_STEPS, trainDays);
  const networks = seeds.map((each) => {
    const network = onChanges(form, parts, epochs, each);
    print(`changes, seed ${each}: best after ${network.bestEpoch} of ${network.losses.length} epochs`);
    return network;
  });
  const changes = meanForecast(form, networks);
  const rich = priceWindows(series, INPUT_STEPS, trainDays);
  const further = meanForecast(
    rich,
    seeds.map((each) => onChanges(rich, parts, epochs, each)),
  );

  const test = (values: Float64Array) => values.subarray(trained);
  const [truth, naive] = [test(form.truth), test(form.last)];
  const forecasts = { levels: test(levels.forecast), changes: test(changes), further: test(further) };
  const naiveRmse = rmse(truth, naive);
  const scores = Object.fromEntries(Object.entries(forecasts).map(([name, each]) => [name, rmse(truth, each)]));
  const squares = (forecast: Float64Array) => forecast.map((value, n) => (value - truth[n]) ** 2);
  const { pValue } = dieboldMariano(squares(forecasts.changes), squares(naive));
  print(`test RMSE: naive ${naiveRmse.toFixed(1)}, raw levels ${scores.levels.toFixed(1)}`);
  print(
    `           changes ${scores.changes.toFixed(1)}, with open, high, low and volume ${scores.further.toFixed(1)}`,
  );

  const direction = directionalAccuracy(truth, forecasts.changes, naive)!;
  const up = truth.filter((price, n) => price > naive[n]).length / truth.length;
  const certainty = certaintyOf(form, changes, parts);
  const covered = coverage(truth, certainty.lower, certainty.upper);
  print(`direction right on ${percent(direction)} of the days; ${percent(up)} of the days went up`);
  print(
    `80 % intervals cover ${percent(covered)}; the chance of a rise is put at ${percent(Math.min(...certainty.rise))} … ${percent(Math.max(...certainty.rise))}`,
  );

  const hold = simulate(
    naive,
    truth,
    naive.map((price) => 2 * price),
    FEE,
    0,
  );
  const eager = simulate(naive, truth, forecasts.changes, FEE, 0);
  const careful = simulate(naive, truth, forecasts.changes, FEE, FEE);
  const free = simulate(naive, truth, forecasts.changes, 0, 0);
  for (const [name, { value, trades }] of Object.entries({
    "buy and hold": hold,
    "by forecast": eager,
    "by forecast, above the fee": careful,
    "by forecast, no fees": free,
  })) {
    print(`${name.padEnd(27)} 1 becomes ${value.at(-1)!.toFixed(3)} in ${trades} trades`);
  }

  const days = series.dates.slice(INPUT_STEPS);
  const testDays = days.slice(trained);
  const axes = { xTitle: "day", yTitle: "close (points)" };
  await figure(
    "loss",
    lossFigure(
      { training: networks[0].losses, validation: networks[0].validationLosses },
      { title: "Learning changes", yTitle: "mean squared error (σ²)" },
    ),
  );
  await figure(
    "whole-series",
    predictionFigure(
      {
        x: days,
        truth: form.truth,
        predictions: [
          { name: "GRU on raw levels", y: levels.forecast, role: "series" },
          { name: "GRU on changes", y: changes, role: "network" },
        ],
      },
      { title: `${series.title}: the whole series`, ...axes, markers: [{ x: testDays[0], text: "test" }] },
    ),
  );
  const shown = Math.min(60, truth.length);
  const first = (values: Float64Array) => values.subarray(0, shown);
  await figure(
    "test-predictions",
    lineFigure(
      [
        { name: "actual", y: first(truth), x: testDays.slice(0, shown), role: "truth" },
        { name: "naive", y: first(naive), x: testDays.slice(0, shown), role: "baseline" },
        {
          name: "GRU on changes",
          y: first(forecasts.changes),
          x: testDays.slice(0, shown),
          role: "network",
          lower: first(certainty.lower),
          upper: first(certainty.upper),
          bandName: "80 % interval",
        },
      ],
      { title: `${series.title}: the first ${shown} test days`, ...axes },
    ),
  );
  await figure(
    "trading",
    lineFigure(
      [
        { name: "buy and hold", y: hold.value, x: [days[trained - 1], ...testDays], role: "baseline" },
        { name: "by forecast", y: eager.value, x: [days[trained - 1], ...testDays], role: "network" },
        {
          name: "by forecast, no fees",
          y: free.value,
          x: [days[trained - 1], ...testDays],
          role: "series",
          dashed: true,
        },
      ],
      { title: "What 1 becomes", subtitle: `Each trade costs ${percent(FEE)}`, xTitle: "day", yTitle: "value" },
    ),
  );
  if (!owns) print(`There is no mark for ${file}: it holds for ${OWN_FILE} with its ${OWN_DAYS} days.`);
  const ratio = scores.changes / naiveRmse;
  return {
    tutorial: "nikkei-gru",
    mark: `test RMSE of changes at most ${MARK} × naive on ${OWN_FILE}`,
    reached: owns ? ratio <= (quick ? 1.03 : MARK) : null,
    data: file,
    naiveRmse,
    levelsRmse: scores.levels,
    changesRmse: scores.changes,
    furtherRmse: scores.further,
    ratioToNaive: ratio,
    pValue,
    directionalAccuracy: direction,
    upDays: up,
    coverage80: covered,
    rise: [Math.min(...certainty.rise), Math.max(...certainty.rise)],
    buyAndHold: hold.value.at(-1),
    byForecast: eager.value.at(-1),
    byForecastTrades: eager.trades,
    aboveTheFee: careful.value.at(-1),
    aboveTheFeeTrades: careful.trades,
    byForecastNoFees: free.value.at(-1),
  };
}

/** The lesson as it is usually given, but for the scaling, which knows the training days alone. */
function onLevels(close: Float64Array, trainDays: number, parts: Parts, epochs: number, seed: number) {
  const series = tensor(Array.from(close, (price) => [price])); // [days, 1]
  const scaler = new StandardScaler().fit(series.narrow(0, 0, trainDays));
  const [x, targets] = windows(scaler.transform(series), { inputSteps: INPUT_STEPS });
  const network = onWindows(x.contiguous(), targets.squeeze(2), parts, epochs, seed);
  const forecast = numbersOf(scaler.inverse(noGrad(() => network.model.forward(x.contiguous()))));
  return { ...network, forecast };
}

function onChanges({ x, y }: PriceWindows, parts: Parts, epochs: number, seed: number): Trained<PriceGRU> {
  return onWindows(x, y, parts, epochs, seed);
}

/** @param x [N, 6, F] @param y [N, 1] */
function onWindows(x: Tensor, y: Tensor, parts: Parts, epochs: number, seed: number): Trained<PriceGRU> {
  const part = (from: number, to: number) => [x.narrow(0, from, to - from), y.narrow(0, from, to - from)] as const;
  return trainWithEarlyStopping(() => new PriceGRU(x.shape[2]), {
    seed,
    training: part(0, parts.fitted),
    validation: part(parts.fitted, parts.trained),
    epochs,
    batch: 32,
    learningRate: 0.01,
  });
}

/** The mean of what networks of several seeds forecast: the luck of a seed is averaged away. */
function meanForecast(form: PriceWindows, networks: readonly Trained<PriceGRU>[]): Float64Array {
  const outputs = networks.map(({ model }) => numbersOf(noGrad(() => model.forward(form.x))));
  return form.toPrices(
    outputs[0].map((_, n) => outputs.reduce((sum, each) => sum + each[n], 0) / outputs.length),
    0,
  );
}

/** Intervals and chances for the test days, from the errors on the validation windows, as shares of the last close. */
function certaintyOf({ last, truth }: PriceWindows, forecast: Float64Array, { fitted, trained }: Parts) {
  const errors = truth.map((price, n) => (price - forecast[n]) / last[n]).subarray(fitted, trained);
  const sorted = errors.toSorted();
  const [low, high] = [0.1, 0.9].map((q) => sorted[Math.round(q * (sorted.length - 1))]);
  const at = (share: number) => forecast.map((price, n) => price + share * last[n]).subarray(trained);
  const rise = Float64Array.from(forecast.subarray(trained), (price, n) => {
    const change = price / last[trained + n] - 1;
    return sorted.filter((error) => change + error > 0).length / sorted.length;
  });
  return { lower: at(low), upper: at(high), rise };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function numbersOf(x: Tensor): Float64Array {
  return Float64Array.from(x.toTypedArray() as Float32Array);
}
