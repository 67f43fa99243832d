/** One figure of every kind, on real and on awkward data, for the laws that hold for all of them. */

import {
  boxFigure,
  type Figure,
  forecastFigure,
  imageGridFigure,
  lineFigure,
  lossFigure,
  panelFigure,
  predictionFigure,
  residualFigure,
  scatterFigure,
  scoreFigure,
  unrolledFigure,
} from "refrain/figure";

/** Monthly airline passengers, 1957–1960 (Box & Jenkins), in thousands. */
export const passengers = [
  315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310,
  337, 360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606, 508, 461,
  390, 432,
];
const month = (i: number) => `${1957 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`;
export const months = passengers.map((_, i) => month(i));
export const nextMonths = Array.from({ length: 12 }, (_, i) => month(48 + i));

const wave = (n: number, amplitude = 1) => Array.from({ length: n }, (_, i) => amplitude * Math.sin(i / 4));
const forecast = passengers.slice(36).map((value) => 1.1 * value);

export const forecastData = {
  history: { x: months, y: passengers },
  predictions: { x: months.slice(36), y: passengers.slice(36).map((value, i) => value + (i % 5) - 2) },
  forecast: {
    x: nextMonths,
    y: forecast,
    lower: forecast.map((value, i) => value - 10 - i),
    upper: forecast.map((value, i) => value + 12 + i),
  },
  cuts: { validation: "1959-01", test: "1960-01" },
};

const days = Array.from({ length: 1600 }, (_, i) => new Date(Date.UTC(2010, 0, 4 + i)).toISOString().slice(0, 10));
const prices = days.map((_, i) => 10_000 + 3_000 * Math.sin(i / 200) + 80 * Math.sin(i * 12.9898));
const disc = (radius: number) =>
  Array.from({ length: 28 }, (_, r) =>
    Array.from({ length: 28 }, (_, c) => (Math.hypot(r - 14, c - 14) < radius ? 0.8 : 0)),
  );

const panels = [10, 20, 30].map((epoch) =>
  lineFigure(
    [
      { name: "sine", role: "truth", y: wave(50) },
      { name: "recursive forecast", role: "network", y: wave(40, epoch / 30) },
    ],
    { title: `epoch ${epoch}`, xTitle: "step", yTitle: "y (V)", yDomain: [-1.3, 1.3] },
  ),
);

export const everyFigure: Record<string, Figure> = {
  forecast: forecastFigure(forecastData, {
    title: "Airline passengers",
    xTitle: "month",
    yTitle: "passengers (thousands)",
  }),
  forecastJapanese: forecastFigure(
    {
      history: { x: days, y: prices },
      predictions: { x: days.slice(1300), y: prices.slice(1299, 1599) },
      forecast: { x: ["2014-05-23"], y: [9_900], lower: [9_500], upper: [10_300] },
      cuts: { validation: days[1000], test: days[1300] },
    },
    {
      title: "日経平均株価の終値（1日先の予測）",
      xTitle: "日付",
      yTitle: "終値（円）",
      truthName: "実測値",
      forecastName: "予測",
      intervalName: "90 % 区間",
      partNames: { validation: "検証", test: "テスト", future: "将来" },
    },
  ),
  forecastPlain: forecastFigure({ history: { y: wave(80) }, forecast: { x: [80, 81, 82, 83, 84], y: wave(5) } }),
  forecastHistoryOnly: forecastFigure({ history: { x: months, y: passengers } }),
  prediction: predictionFigure(
    {
      x: Array.from({ length: 40 }, (_, i) => 1960 + i),
      truth: wave(40, 50),
      predictions: [
        { name: "naive", role: "baseline", y: [Number.NaN, ...wave(39, 50)] },
        { name: "LSTM", role: "network", y: wave(40, 45) },
      ],
    },
    { title: "Sunspots, the test part", subtitle: "one year ahead", xTitle: "year", yTitle: "sunspot number" },
  ),
  loss: lossFigure(
    {
      training: wave(60).map((_, i) => Math.exp(-i / 8) + 0.001),
      validation: wave(60).map((_, i) => Math.exp(-i / 9) + 1e-5 * i * i),
    },
    { title: "Learning", yTitle: "MSE (scaled)" },
  ),
  lossOneEpoch: lossFigure({ training: [0.7], validation: [0.9] }, { yTitle: "MSE" }),
  lossConstant: lossFigure({ training: [0.5, 0.5, 0.5] }),
  scores: scoreFigure(
    [
      { name: "naive", value: 99.2 },
      { name: "窓の線形写像", value: 12.6 },
      { name: "forecast", value: 12.4, ours: true, spread: [12.1, 12.9] },
      { name: "drift", value: Number.NaN },
    ],
    { title: "Test error", valueTitle: "test RMSE (passengers, thousands)" },
  ),
  lines: lineFigure(
    Array.from({ length: 8 }, (_, k) => ({ name: `a rather long name ${k}`, y: wave(40 + k, 1e-4) })),
    {
      title: "Eight curves under a title that is too long for one line of a picture of the usual width, so it breaks",
      yTitle: "v (m/s)",
    },
  ),
  logLines: lineFigure([{ name: "RNN", y: wave(80).map((_, i) => Math.exp(-i / 3)) }], {
    yLog: true,
    xTitle: "lag (steps)",
    yTitle: "‖∂L/∂x‖",
  }),
  unrolled: unrolledFigure(
    [..."hell"].map((input, i) => ({ input, ...(i === 3 ? { output: "o" } : {}) })),
    { title: "Many to one" },
  ),
  words: lineFigure([{ name: "accuracy", x: ["h", "e", "l", "o"], y: [0.1, 0.4, 0.7, 1] }], {
    xTitle: "letter",
    yTitle: "accuracy",
  }),
  band: lineFigure([
    {
      name: "mean",
      role: "network",
      y: wave(50),
      lower: wave(50).map((v) => v - 1),
      upper: wave(50).map((v) => v + 1),
    },
    { name: "other", y: wave(50, 2) },
  ]),
  large: lineFigure([{ name: "noise", y: wave(50_000, 4e6) }], { yTitle: "volume (shares)" }),
  scatter: scatterFigure([{ name: "LSTM", x: wave(50), y: wave(50, 0.9) }], {
    xTitle: "actual (V)",
    yTitle: "predicted (V)",
    diagonal: true,
  }),
  clouds: scatterFigure(
    ["RNN", "GRU"].map((name) => ({ name, x: prices, y: prices })),
    { xTitle: "実測（円）", yTitle: "予測（円）" },
  ),
  residual: residualFigure(wave(300, 12), { title: "Errors", valueTitle: "actual − predicted (thousands)" }),
  residualConstant: residualFigure([2, 2, 2]),
  box: boxFigure(
    [
      { name: "RNN", values: [20.5, 20.1, 21.7, 19.9, 20.4] },
      { name: "LSTM", values: [19.2, 19, 19.8, 19.1, 20.2] },
    ],
    {
      title: "Spread over five seeds",
      valueTitle: "test RMSE (sunspot number)",
      nameTitle: "cell",
      reference: { value: 18.4, name: "linear" },
    },
  ),
  images: imageGridFigure(
    [
      [4, 8, 12].map((radius) => ({ pixels: disc(radius), caption: `スニーカー ${radius}` })),
      [5, 7, 9].map((radius) => ({ pixels: disc(radius) })),
    ],
    { title: "Completed", rowNames: ["original", "補完"], columnNames: ["a", "b", "c"], cut: 14 },
  ),
  panels: panelFigure(panels, { title: "Learning a sine" }),
};
