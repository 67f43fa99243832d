/**
 * Experiment 3: two periods joined m : n. Three short waves, two long ones, and so on: where a wave ends, only who has counted
 * knows which comes next.
 */

import { nn } from "refrain";
import { lineFigure, panelFigure } from "refrain/figure";
import { type ExperimentContext, mean, nextValue, type Outcome } from "./experiment.ts";
import { LEARNER_NAMES, LEARNERS, type LearnerName, type Lesson, learn } from "./learners.ts";
import { part } from "./training.ts";

const SHORT = { period: 5, waves: 3 };
const LONG = { period: 20, waves: 2 };
const TRAINED = 3000;
const TESTED = 1100;
const WINDOW = 4;
/** Steps in the figure: two rounds. */
const SHOWN = 110;
/** Of each net of the comparison by window. */
const SWEEP_UPDATES = 1000;
const WINDOWS = [4, 8, 12, 16, 20, 24, 28];

/** Three sines of period 5, then two of period 20, again and again. */
export function joinedPeriods(count: number): Float64Array {
  const all = [SHORT, LONG].flatMap(({ period, waves }) =>
    Array.from({ length: period * waves }, (_, i) => Math.sin((2 * Math.PI * (i % period)) / period)),
  );
  return Float64Array.from({ length: count }, (_, i) => all[i % all.length]);
}

/**
 * The least mean squared error of any function of the last `window` values, over the values from `from` on: the best it can say after a
 * window is the mean of all that follows it, so what remains is the variance among the followers of equal windows.
 */
export function ambiguityFloor(series: Float64Array, window: number, from: number): number {
  const followers = new Map<string, number[]>();
  for (let at = from; at < series.length; at++) {
    const key = series.subarray(at - window, at).join();
    const values = followers.get(key);
    if (values) values.push(series[at]);
    else followers.set(key, [series[at]]);
  }
  let squares = 0;
  for (const values of followers.values()) {
    const best = mean(values);
    for (const value of values) squares += (value - best) ** 2;
  }
  return squares / (series.length - from);
}

export async function joinedPeriodsExperiment({ quick, seed, print, figure }: ExperimentContext): Promise<Outcome> {
  const series = joinedPeriods(TRAINED + TESTED + 1);
  const sequence = nextValue(series);
  const truth = series.subarray(-TESTED);
  const mse = new nn.MSELoss();
  const lesson: Lesson = {
    sizes: { inputs: 1, outputs: 1 },
    seed,
    hidden: 16,
    window: WINDOW,
    batch: 400,
    tracks: 16,
    chunk: 25,
    updates: quick ? 800 : 2000,
    learningRate: 0.02,
    loss: (outputs, targets) => mse.forward(outputs, targets),
  };
  const floorOf = (window: number) => ambiguityFloor(series, window, TRAINED + 1);
  const learnt = (name: LearnerName, window: number, updates = lesson.updates) => {
    const { parameters, answers } = learn(name, part(sequence, 0, TRAINED), { ...lesson, window, updates });
    const said = answers(sequence.inputs, TESTED).contiguous().toTypedArray() as Float32Array;
    return { parameters, said, mse: mean(truth.map((value, i) => (value - said[i]) ** 2)) };
  };

  print(
    `${SHORT.waves} waves of ${SHORT.period} steps, ${LONG.waves} of ${LONG.period}, again and again; windows of ${WINDOW}; mean squared error`,
  );
  const floor = floorOf(WINDOW);
  print(`  the least that a function of ${WINDOW} values can have  ${floor.toExponential(2)}`);
  const compared = (name: LearnerName) => {
    const result = learnt(name, WINDOW);
    print(`  ${LEARNERS[name].padEnd(18)} ${result.parameters} parameters  ${result.mse.toExponential(2)}`);
    return result;
  };
  const [dense, windowed, carried] = LEARNER_NAMES.map(compared);

  const windows = quick ? [] : WINDOWS;
  const rmse = (name: LearnerName, window: number) => Math.sqrt(learnt(name, window, SWEEP_UPDATES).mse);
  const carriedRmse = quick ? null : rmse("carried", WINDOW);
  if (carriedRmse !== null) {
    print(`RMSE by window, after ${SWEEP_UPDATES} updates; ${LEARNERS.carried} ${carriedRmse.toFixed(4)}`);
  }
  const byWindow = windows.map((window) => {
    const floor = Math.sqrt(floorOf(window));
    const row = { window, floor, dense: rmse("dense", window), windowed: rmse("windowed", window) };
    print(
      `  window ${String(window).padStart(2)}  floor ${floor.toFixed(4)}  fully connected ${row.dense.toFixed(4)}  GRU ${row.windowed.toFixed(4)}`,
    );
    return row;
  });

  const shown = Array.from(truth.subarray(0, SHOWN));
  const errorsOf = (said: Float32Array) => shown.map((value, i) => Math.abs(value - said[i]));
  const axes = { xTitle: "step of the test part" };
  await figure(
    "joined",
    panelFigure(
      [
        lineFigure([{ name: "series", role: "truth", y: shown, points: true }], {
          ...axes,
          title: "the series",
          yTitle: "value",
        }),
        lineFigure(
          [
            { name: LEARNERS.dense, y: errorsOf(dense.said) },
            { name: LEARNERS.windowed, y: errorsOf(windowed.said) },
            { name: LEARNERS.carried, y: errorsOf(carried.said) },
          ],
          { ...axes, title: "how wrong each was", yTitle: "|error|" },
        ),
      ],
      { title: "Where a wave ends, four values do not tell what comes", columns: 1, panelHeight: 140 },
    ),
  );
  if (carriedRmse !== null) {
    const y = (key: "floor" | "dense" | "windowed") => byWindow.map((each) => each[key]);
    await figure(
      "windows",
      lineFigure(
        [
          { name: LEARNERS.dense, x: windows, y: y("dense") },
          { name: LEARNERS.windowed, x: windows, y: y("windowed") },
          { name: LEARNERS.carried, x: windows, y: windows.map(() => carriedRmse), points: false },
          { name: "floor: the best of any function", role: "truth", x: windows, y: y("floor"), dashed: true },
        ],
        {
          title: "How much past a window has to hold",
          subtitle: `After ${SWEEP_UPDATES} updates each`,
          xTitle: "window (steps)",
          yTitle: "test RMSE",
        },
      ),
    );
  }
  return {
    mark: `with the state carried, below the ambiguity floor of a window of ${WINDOW}, which no windowed net goes below`,
    reached: carried.mse < 0.5 * floor && Math.min(dense.mse, windowed.mse) >= floor,
    floor,
    mse: { dense: dense.mse, windowed: windowed.mse, carried: carried.mse },
    byWindow,
    carriedRmse,
  };
}
