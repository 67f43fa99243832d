import {
  boxFigure,
  decimalsFor,
  type Figure,
  forecastFigure,
  imageGridFigure,
  lineFigure,
  lossFigure,
  palette,
  residualFigure,
  scoreFigure,
} from "refrain/figure";
import { describe, expect, it } from "vitest";
import { countInBins } from "../../src/figure/residual-figure.ts";
import { textExtent, wrapText } from "../../src/figure/text-extent.ts";
import { xAxis } from "../../src/figure/x-axis.ts";
import { greyPixels } from "../render/png-pixels.ts";
import { forecastData, months, nextMonths, passengers } from "./every-figure.ts";

type Row = Record<string, number | string | null>;
type Layer = {
  data: { values: Row[] };
  mark: { type: string; text?: string };
  encoding: Record<
    string,
    { field?: string; datum?: string; scale?: Record<string, unknown>; axis?: Record<string, unknown> }
  >;
};
const layers = (figure: Figure) => figure.spec.layer as unknown as Layer[];
const rows = (figure: Figure, mark: string) => layers(figure).filter((layer) => layer.mark.type === mark);

describe("a forecast's figure", () => {
  const figure = forecastFigure(forecastData, { yTitle: "passengers (thousands)" });
  const lines = rows(figure, "line");
  const ours = lines.find((layer) => layer.encoding.color.datum === "forecast")!;

  it("shows the forecast inside its interval, and every value given", () => {
    const band = new Map(rows(figure, "area")[0].data.values.map((row) => [row.x, row]));
    const future = ours.data.values.filter((row) => String(row.x) >= "1961");
    expect(future.map((row) => row.y)).toEqual(forecastData.forecast.y.map((value) => Number(value.toPrecision(7))));
    for (const { x, y } of future) {
      expect(Number(band.get(x)!.y)).toBeLessThanOrEqual(Number(y));
      expect(Number(band.get(x)!.y2)).toBeGreaterThanOrEqual(Number(y));
    }
  });

  it("starts the future at the last known value, with a gap after the test part", () => {
    const last = ours.data.values.filter((row) => row.x === "1960-12-01").map((row) => row.y);
    expect(last).toEqual(
      [passengers[47] + 1 - 2, null, 432].map((v, i) => (i === 0 ? forecastData.predictions.y[11] : v)),
    );
  });

  it("cuts where the parts begin", () => {
    const cuts = rows(figure, "rule").map((layer) => layer.data.values[0].x);
    expect(cuts).toEqual(["1959-01-01", "1960-01-01", "1960-12-01"]);
  });

  it("shows the last values of the history only, when told so", () => {
    const short = forecastFigure(forecastData, { last: 24 });
    const truth = rows(short, "line").find((layer) => layer.encoding.color.datum === "actual")!;
    expect(truth.data.values.map((row) => row.y)).toEqual(passengers.slice(24));
  });

  it("gives a single step room and a point", () => {
    const one = forecastFigure({
      history: { x: months, y: passengers },
      forecast: { x: nextMonths.slice(0, 1), y: [450], lower: [440], upper: [470] },
    });
    expect(rows(one, "circle")[0].data.values).toEqual([{ x: "1961-01-01", y: 450, low: 440, high: 470 }]);
  });
});

describe("a loss figure", () => {
  const marker = (figure: Figure) => rows(figure, "rule").map((layer) => layer.data.values[0].x);

  it("marks the epoch of the lowest validation loss", () => {
    expect(marker(lossFigure({ training: [5, 4, 3, 2], validation: [5, 3, 4, 6] }))).toEqual([2]);
    expect(marker(lossFigure({ training: [5, 4, 3, 2], validation: [Number.NaN, 3, 2.5, 6] }))).toEqual([3]);
    expect(marker(lossFigure({ training: [5, 4, 3, 2] }))).toEqual([]);
    expect(marker(lossFigure({ training: [5, 4], validation: [5, 4] }, { best: false }))).toEqual([]);
  });

  it("takes a logarithmic axis when the losses span a wide range, and only if all are positive", () => {
    const type = (training: number[]) => rows(lossFigure({ training }), "line")[0].encoding.y.scale!.type;
    expect(type([1, 0.01])).toBe("log");
    expect(type([1, 0.5])).toBeUndefined();
    expect(type([1, 0])).toBeUndefined();
  });

  it("puts ticks of a logarithmic axis inside its domain", () => {
    for (const smallest of [0.7, 0.1, 1e-3, 1e-9, 1e-40]) {
      const { scale, axis } = rows(lineFigure([{ name: "a", y: [1, smallest] }], { yLog: true }), "line")[0].encoding.y;
      const [low, high] = scale!.domain as number[];
      const ticks = axis!.values as number[];
      expect(ticks.length).toBeGreaterThanOrEqual(1);
      expect(ticks.length).toBeLessThanOrEqual(10);
      for (const tick of ticks) expect(tick >= low && tick <= high).toBe(true);
    }
  });
});

describe("scores", () => {
  const values = (figure: Figure) => (figure.spec.data as unknown as { values: Row[] }).values;

  it("are sorted best first, with what has no score last", () => {
    const scores = [3, Number.NaN, 1, 2].map((value, i) => ({ name: `m${i}`, value }));
    expect(values(scoreFigure(scores)).map((row) => row.name)).toEqual(["m2", "m3", "m0", "m1"]);
    expect(values(scoreFigure(scores, { sorted: false })).map((row) => row.name)).toEqual(["m0", "m1", "m2", "m3"]);
  });

  it("highlight ours alone", () => {
    const figure = scoreFigure([
      { name: "ours", value: 2, ours: true },
      { name: "naive", value: 1 },
    ]);
    expect(values(figure).map((row) => row.colour)).toEqual([palette.baselines[0], palette.network]);
  });
});

describe("a residual figure", () => {
  it("counts every finite error once, with zero on an edge", () => {
    const errors = Array.from({ length: 501 }, (_, i) => 10 * Math.sin(i * 78.233) + 2).sort((a, b) => a - b);
    for (const wanted of [undefined, 3, 10, 57]) {
      const bins = countInBins(errors, wanted);
      expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(501);
      expect(bins.some((bin) => bin.start === 0 || Math.abs(bin.end) < 1e-12)).toBe(true);
      for (const bin of bins) {
        const inside = errors.filter((e) => e >= bin.start && (e < bin.end || bin === bins[bins.length - 1])).length;
        expect(bin.count).toBe(inside);
      }
    }
  });

  it("names the mean of the finite errors", () => {
    expect(residualFigure([1, 2, Number.NaN, 6]).description).toContain("mean 3");
  });
});

describe("a box figure", () => {
  it("has NumPy's quartiles and every point", () => {
    const figure = boxFigure([{ name: "a", values: [4, 1, 3, 2, Number.NaN] }]);
    expect(layers(figure)[0].data.values[0]).toMatchObject({ low: 1, q1: 1.75, median: 2.5, q3: 3.25, high: 4 });
    const points = rows(figure, "circle").flatMap((layer) => layer.data.values.map((row) => row.value));
    expect(points.sort()).toEqual([1, 2, 3, 4]);
  });
});

describe("an image grid", () => {
  it("draws each value as its grey, clamped to the range", () => {
    const figure = imageGridFigure([
      [
        {
          pixels: [
            [0, 0.5, 1],
            [-3, 9, Number.NaN],
          ],
        },
      ],
    ]);
    const url = String(rows(figure, "image")[0].data.values[0].url);
    const { width, height, grey } = greyPixels(Buffer.from(url.split(",")[1], "base64"));
    expect([width, height]).toEqual([3, 2]);
    expect(Array.from(grey)).toEqual([0, 128, 255, 0, 255, 0]);
  });

  it("survives more pixels than one stored block holds", () => {
    const pixels = Array.from({ length: 300 }, (_, r) => Array.from({ length: 300 }, (_, c) => ((r * c) % 256) / 255));
    const url = String(rows(imageGridFigure([[{ pixels }]]), "image")[0].data.values[0].url);
    const { grey } = greyPixels(Buffer.from(url.split(",")[1], "base64"));
    expect(grey[299 * 300 + 299]).toBe((299 * 299) % 256);
  });

  it("refuses ragged and absent pictures, naming the place", () => {
    expect(() => imageGridFigure([[{ pixels: [[1, 2], [3]] }]])).toThrow(
      "picture [0][0] must have at least one row and rows of one length, got lengths [2,1]",
    );
    expect(() => imageGridFigure([])).toThrow("the grid has no picture");
  });
});

describe("curves", () => {
  it("refuse labels and bands that do not fit their values, naming the curve", () => {
    expect(() => lineFigure([{ name: "a", x: [1, 2], y: [1, 2, 3] }])).toThrow(
      'curve "a": x must be as long as y, got 2 for 3 values',
    );
    expect(() => lineFigure([{ name: "a", y: [1, 2], lower: [1, 2] }])).toThrow("a band needs both lower and upper");
    expect(() => lineFigure([])).toThrow("at least one curve");
  });

  it("keep the network's colour for the network", () => {
    const figure = lineFigure([
      { name: "ours", role: "network", y: [1, 2] },
      { name: "other", y: [2, 1] },
    ]);
    const range = rows(figure, "line")[0].encoding.color.scale!.range as string[];
    expect(range).toEqual([palette.network, palette.series[1]]);
  });

  it("are thinned inside the part that is shown", () => {
    const y = Array.from({ length: 5000 }, (_, i) => (i === 4321 ? 99 : Math.sin(i)));
    const figure = lineFigure([{ name: "a", y }], { xDomain: [4000, 4999], maxPoints: 50 });
    const values = rows(figure, "line")[0].data.values;
    expect(values.length).toBeGreaterThan(40);
    expect(values.length).toBeLessThanOrEqual(50);
    expect(Math.max(...values.map((row) => Number(row.y)))).toBe(99);
    expect(values.every((row) => Number(row.x) >= 4000)).toBe(true);
  });
});

describe("the x axis", () => {
  it("tells dates, years, numbers and words apart", () => {
    const kind = (labels: (string | number | Date)[]) => xAxis(labels, "x").kind;
    expect(kind(["1949-01", "1949-02"])).toBe("time");
    expect(kind(["2010/1/4", "2010/1/5"])).toBe("time");
    expect(kind(["1960Q1", "1960Q2"])).toBe("time");
    expect(kind(["2010-01-04T09:00", "2010-01-04 10:30:15"])).toBe("time");
    expect(kind([new Date(0)])).toBe("time");
    expect(kind([1700, 1701])).toBe("year");
    expect(kind(["1700", "1701"])).toBe("year");
    expect(kind([0, 1, 2])).toBe("number");
    expect(kind(["0.5", "1"])).toBe("number");
    expect(kind(["Mon", "Tue"])).toBe("word");
    expect(kind(["2010-13-01"])).toBe("word");
  });

  it("puts dates where they are, in UTC", () => {
    const axis = xAxis(["1960Q3", "2010/1/4", "2010-01-04T09:30"], "time");
    expect(axis.datum("1960Q3")).toBe("1960-07-01");
    expect(axis.datum("2010/1/4")).toBe("2010-01-04");
    expect(axis.datum("2010-01-04T09:30")).toBe("2010-01-04T09:30:00.000Z");
  });
});

describe("texts", () => {
  it("break at spaces and between ideographs, and lose nothing", () => {
    const text = "日経平均株価の終値を一日先まで予測した結果 and a few English words";
    const lines = wrapText(text, 160, 18) as string[];
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    for (const line of lines) expect(textExtent(line, 18)).toBeLessThanOrEqual(160);
    expect(wrapText("short", 160, 18)).toBe("short");
  });

  it("show numbers with the digits in which they differ", () => {
    expect(decimalsFor([1, 2, 300])).toBe(0);
    expect(decimalsFor([188.04, 188.2])).toBe(1);
    expect(decimalsFor([12.6, 99.2])).toBe(2);
    expect(decimalsFor([0.0233, 0.028])).toBe(5);
    expect(decimalsFor([0.0000001, 50])).toBe(3);
    expect(decimalsFor([Number.NaN])).toBe(0);
  });
});
