/**
 * A GRU on the daily closes of the Nikkei 225: on raw levels, which fails, and on changes; then whether one could trade on it.
 * See README.md beside this file.
 */

import { coverage, dieboldMariano, directionalAccuracy, rmse } from "refrain/forecast";
import { priceWindows } from "../price-windows.ts";
import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";
import { certaintyOf } from "./certainty.ts";
import { learningFigure, seriesFigure, testFigure, tradingFigure } from "./figures.ts";
import { INPUT_STEPS, meanForecast, onChanges, onLevels, partsOf } from "./networks.ts";
import { OWN_DAYS, OWN_FILE, readPrices } from "./prices.ts";
import { simulate } from "./simulation.ts";

const MARK = 1.005;
const FEE = 0.001;

export async function run(context: TutorialContext): Promise<TutorialMetrics> {
  const { quick, print, figure } = context;
  const series = await readPrices(context);
  const { close, source, owns } = series;
  const parts = partsOf(close.length);
  const { count, trained, trainDays } = parts;
  const firstSeed = context.seed ?? 1;
  const epochs = quick ? 3 : 50;
  const seeds = Array.from({ length: quick ? 2 : 5 }, (_, i) => firstSeed + i);
  print(
    `${source}: ${close.length} days, ${count} windows of ${INPUT_STEPS}, ${trained} for training, the rest for the test`,
  );

  // 1: three times the same network, each from other inputs
  const levels = onLevels(close, parts, epochs, firstSeed);
  print(`raw levels: ${levels.losses.length} epochs, loss ${levels.losses.at(-1)!.toFixed(5)} (scaled units²)`);
  const form = priceWindows({ close }, INPUT_STEPS, trainDays);
  const networks = seeds.map((each) => {
    const network = onChanges(form, parts, epochs, each);
    print(`changes, seed ${each}: best after ${network.bestEpoch} of ${network.losses.length} epochs`);
    return network;
  });
  const changes = meanForecast(form, networks);
  const rich = priceWindows(series, INPUT_STEPS, trainDays);
  const richNetworks = seeds.map((each) => onChanges(rich, parts, epochs, each));
  const further = meanForecast(rich, richNetworks);

  // 2: how good they are, beside "tomorrow is today"
  const test = (values: Float64Array) => values.subarray(trained);
  const [truth, naive] = [test(form.truth), test(form.last)];
  const forecasts = { levels: test(levels.forecast), changes: test(changes), further: test(further) };
  const naiveRmse = rmse(truth, naive);
  const [levelsRmse, changesRmse, furtherRmse] = Object.values(forecasts).map((each) => rmse(truth, each));
  const squares = (forecast: Float64Array) => forecast.map((value, n) => (value - truth[n]) ** 2);
  const { pValue } = dieboldMariano(squares(forecasts.changes), squares(naive));
  const inputs = series.volume ? "open, high, low and volume" : "open, high and low";
  print(`test RMSE: naive ${naiveRmse.toFixed(1)}, raw levels ${levelsRmse.toFixed(1)}`);
  print(`           changes ${changesRmse.toFixed(1)}, with ${inputs} ${furtherRmse.toFixed(1)}`);

  // 3: direction, and how sure it may be
  const direction = directionalAccuracy(truth, forecasts.changes, naive)!;
  const up = truth.filter((price, n) => price > naive[n]).length / truth.length;
  const certainty = certaintyOf(form, changes, parts);
  const covered = coverage(truth, certainty.lower, certainty.upper);
  const rise = [Math.min(...certainty.rise), Math.max(...certainty.rise)];
  print(`direction right on ${percent(direction)} of the days; ${percent(up)} of the days went up`);
  print(`80 % intervals cover ${percent(covered)}; the chance of a rise is put at ${rise.map(percent).join(" … ")}`);

  // 4: trading on it
  const always = naive.map((price) => 2 * price);
  const hold = simulate(naive, truth, always, FEE, 0);
  const eager = simulate(naive, truth, forecasts.changes, FEE, 0);
  const careful = simulate(naive, truth, forecasts.changes, FEE, FEE);
  const free = simulate(naive, truth, forecasts.changes, 0, 0);
  const rules = { "buy and hold": hold, "by forecast": eager, "by forecast, above the fee": careful };
  for (const [name, { value, trades }] of Object.entries({ ...rules, "by forecast, no fees": free })) {
    print(`${name.padEnd(27)} 1 becomes ${value.at(-1)!.toFixed(3)} in ${trades} trades`);
  }

  if (series.csv !== null) await context.file("prices.csv", series.csv);
  const days = series.dates.slice(INPUT_STEPS);
  await figure("loss", learningFigure(networks[0]));
  await figure("whole-series", seriesFigure(series, form, days, trained, { levels: levels.forecast, changes }));
  await figure("test-predictions", testFigure(series, days.slice(trained), { ...forecasts, truth, naive }, certainty));
  await figure("trading", tradingFigure(days.slice(trained - 1), { hold, eager, free }, FEE));
  if (!owns) print(`There is no mark for ${source}: it holds for ${OWN_FILE} with its ${OWN_DAYS} days.`);
  const ratioToNaive = changesRmse / naiveRmse;
  return {
    tutorial: "nikkei-gru",
    mark: `test RMSE of changes at most ${MARK} × naive on ${OWN_FILE}`,
    reached: owns ? ratioToNaive <= (quick ? 1.03 : MARK) : null,
    data: source,
    ...{ naiveRmse, levelsRmse, changesRmse, furtherRmse, ratioToNaive, pValue },
    ...{ directionalAccuracy: direction, upDays: up, coverage80: covered, rise },
    buyAndHold: hold.value.at(-1),
    byForecast: eager.value.at(-1),
    byForecastTrades: eager.trades,
    aboveTheFee: careful.value.at(-1),
    aboveTheFeeTrades: careful.trades,
    byForecastNoFees: free.value.at(-1),
  };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
