/** What `refrain forecast`, `predict` and `doctor` print and leave behind. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundled, type Ended, folderWith, listing, refrain, SALES, SHORT, withCommand } from "./command.ts";

withCommand();

const ESCAPE = "\u001b";
const SCORES = ["mae", "mase", "rmse", "smape"];
const BASELINES = ["ar", "drift", "linear", "naive", "seasonalNaive"];

const read = (...path: string[]): string => readFileSync(join(...path), "utf8");
const done = async (folder: string, args: readonly string[]): Promise<Ended> => {
  const ended = await refrain(folder, args);
  expect(ended.stderr).not.toMatch(/^refrain:/m);
  expect(ended.code).toBe(0);
  return ended;
};
const json = async (folder: string, args: readonly string[]) =>
  JSON.parse((await done(folder, ["forecast", "--json", "--quiet", ...SHORT, ...args])).stdout);

describe("a forecast", () => {
  let folder: string;
  let table: Ended;
  beforeAll(async () => {
    folder = folderWith({ "sales.csv": SALES });
    table = await done(folder, ["forecast", "sales.csv", "--horizon", "3", "--seeds", "2", ...SHORT]);
  });

  it("prints the table, the verdict, the future and where the report is on stdout", () => {
    const { stdout } = table;
    for (const name of [
      "RMSE",
      "MAE",
      "MASE",
      "sMAPE",
      "forecast",
      "network alone",
      "naive",
      "seasonal naive",
      "drift",
      "linear map",
      "AR(p)",
    ]) {
      expect(stdout).toContain(name);
    }
    expect(stdout).toMatch(/^The forecast (beats|does not beat) naive.*\.$/m);
    for (const month of ["2020-01", "2020-02", "2020-03"]) expect(stdout).toContain(`${month}  `);
    expect(stdout).toMatch(/\nReport: sales-forecast\/report\.html\n$/);
  });

  it("says on stderr what it guessed, and how the training goes", () => {
    expect(table.stderr).toContain('The target was taken to be "sales", the last numeric column.');
    expect(table.stderr).toMatch(/^network, .*, seed 1 {2}epoch 3\/3 {2}loss .* {2}validation RMSE /m);
  });

  it("writes no escape code where nobody watches", () => {
    expect(table.stdout).not.toContain(ESCAPE);
    expect(table.stderr).not.toContain(ESCAPE);
  });

  it("leaves the report, the forecast, the scores, the figures and the model, and nothing else", () => {
    const figures = ["forecast", "loss", "predictions", "scores", "validation"];
    const expected = [
      "figures",
      ...figures.flatMap((name) => ["json", "png", "svg"].map((ending) => `figures/${name}.${ending}`)),
      "forecast.csv",
      "metrics.json",
      "model",
      "model/config.json",
      "model/model.safetensors",
      "model/scaler.json",
      "report.html",
    ];
    expect(listing(folder)).toEqual(
      [...["sales-forecast", "sales.csv"], ...expected.map((name) => `sales-forecast/${name}`)].sort(),
    );
    expect(read(folder, "sales-forecast/report.html")).toContain("Forecast of sales");
  });

  it("writes the forecast within its interval, one row a step", () => {
    const [header, ...rows] = read(folder, "sales-forecast/forecast.csv").trim().split(/\r?\n/);
    expect(header).toBe("month,forecast,lower,upper");
    expect(rows.map((row) => row.split(",")[0])).toEqual(["2020-01", "2020-02", "2020-03"]);
    for (const row of rows) {
      const [value, lower, upper] = row.split(",").slice(1).map(Number);
      expect(lower).toBeLessThan(value);
      expect(upper).toBeGreaterThan(value);
    }
  });

  it("is what predict says of the same file", async () => {
    const csv = read(folder, "sales-forecast/forecast.csv");
    for (const model of ["sales-forecast", "sales-forecast/model"]) {
      const { stdout, stderr } = await done(folder, ["predict", model, "sales.csv", "--quiet"]);
      expect(stdout).toBe(csv);
      expect(stderr).toBe("");
    }
    await done(folder, ["predict", "sales-forecast", "sales.csv", "--quiet", "--out", "again"]);
    expect(read(folder, "again/forecast.csv")).toBe(csv);
    const { stdout } = await done(folder, ["predict", "sales-forecast", "sales.csv", "--json"]);
    const metrics = JSON.parse(read(folder, "sales-forecast/metrics.json"));
    expect(JSON.parse(stdout).forecast).toEqual(metrics.forecast);
  });
});

describe("--json", () => {
  let folder: string;
  let ended: Ended;
  beforeAll(async () => {
    folder = folderWith({ "sales.csv": SALES });
    const args = ["forecast", "sales.csv", "--inputs", "price", "--seeds", "2", "--skip", "none", "--json", "--quiet"];
    ended = await done(folder, [...args, ...SHORT]);
  });

  it("is one object in one line on stdout, with the fields that programs rely on", () => {
    expect(ended.stdout).toMatch(/^\{.*\}\n$/);
    const object = JSON.parse(ended.stdout);
    expect(object.schemaVersion).toBe(1);
    for (const { test } of [object.metrics, object.network]) {
      expect(Object.keys(test).sort()).toEqual([...SCORES, "rmseSeeds"].sort());
      expect(test.rmseSeeds).toHaveLength(2);
      expect(test.rmse).toBeCloseTo((test.rmseSeeds[0] + test.rmseSeeds[1]) / 2, 10);
      for (const score of SCORES) expect(test[score], score).toBeGreaterThan(0);
    }
    expect(Object.keys(object.baselines).sort()).toEqual(BASELINES);
    for (const name of BASELINES) {
      for (const score of SCORES) expect(object.baselines[name][score], `${name}.${score}`).toBeGreaterThan(0);
    }
    expect(object.config).toMatchObject({
      target: "sales",
      inputs: ["price"],
      hidden: 4,
      epochs: 3,
      seeds: 2,
      skip: "none",
      horizon: 1,
    });
    expect(object.verdict).toMatch(/^The forecast .*\.$/);
    expect(object.timings.readMs).toBeGreaterThan(0);
    expect(object.timings.forecastMs).toBeGreaterThan(0);
    expect(object.backend).toMatch(/^(native|reference|wasm)/);
  });

  it("is what metrics.json holds", () => {
    expect(JSON.parse(read(folder, "sales-forecast/metrics.json"))).toEqual(JSON.parse(ended.stdout));
  });

  it("with --quiet leaves stderr silent", () => {
    expect(ended.stderr).toBe("");
  });
});

describe("a file as people have it", () => {
  it("in Shift-JIS, with a title row, newest first and quoted numbers, is read and forecast in order", async () => {
    const folder = folderWith();
    const object = await json(folder, [bundled(folder, "dax_in_nikkei_format.csv"), "--target", "終値"]);
    expect(object.config.target).toBe("終値");
    expect(object.baselines.naive.rmse).toBeCloseTo(62.99, 1);
    expect(object.notes.join(" ")).toMatch(/shift_jis/);
    const csv = read(folder, "dax_in_nikkei_format-forecast/forecast.csv");
    expect(csv.split("\n")[0]).toMatch(/,forecast,lower,upper/);
  });

  it("newest first gives what oldest first gives", async () => {
    const [header, ...rows] = SALES.trim().split("\n");
    const folder = folderWith({ "old.csv": SALES, "new.csv": `${[header, ...rows.reverse()].join("\n")}\n` });
    const [old, young] = [await json(folder, ["old.csv"]), await json(folder, ["new.csv"])];
    for (const field of ["metrics", "network", "baselines", "forecast", "config"])
      expect(young[field]).toEqual(old[field]);
  });

  it("by quarters goes on with quarters, and a season of four", async () => {
    const rows = Array.from(
      { length: 48 },
      (_, i) => `${1960 + (i >> 2)}Q${1 + (i % 4)},${20 + i + 6 * (i % 4) + Math.sin(i * i)}`,
    );
    const object = await json(folderWith({ "gdp.csv": `quarter,gdp\n${rows.join("\n")}\n` }), [
      "gdp.csv",
      "--horizon",
      "4",
    ]);
    expect(object.config.season).toBe(4);
    expect(object.forecast.map(({ label }: { label: string }) => label)).toEqual([
      "1972Q1",
      "1972Q2",
      "1972Q3",
      "1972Q4",
    ]);
  });

  it("with gaps says so and does not score them", async () => {
    const gaps = SALES.replace(/^(2019-0[89],[^,]*,).*$/gm, "$1");
    const object = await json(folderWith({ "gaps.csv": gaps }), ["gaps.csv"]);
    expect(object.notes.join(" ")).toMatch(/"sales" has 2 (missing|gaps)|2 gaps/);
    expect(object.metrics.test.rmse).toBeGreaterThan(0);
  });
});

describe("the options", () => {
  it("reach the training", async () => {
    const folder = folderWith({ "sales.csv": SALES });
    const asked = [
      "--window",
      "7",
      "--cell",
      "lstm",
      "--layers",
      "2",
      "--form",
      "last",
      "--transform",
      "log",
      "--season",
      "none",
    ];
    const { config } = await json(folder, [
      "sales.csv",
      ...asked,
      "--seed",
      "5",
      "--split",
      "40,10,10",
      "--no-refit",
      "--level",
      "0.8",
    ]);
    expect(config).toMatchObject({
      window: 7,
      cell: "lstm",
      layers: 2,
      form: "last",
      transform: "log",
      season: null,
      seed: 5,
      split: [40, 10, 10],
      refit: false,
      level: 0.8,
    });
  });

  it("forecast by a simple method, which predict repeats, and name the one to take instead", async () => {
    const folder = folderWith({ "sales.csv": SALES });
    for (const model of ["ar", "seasonal-naive", "linear"]) {
      const args = ["forecast", "sales.csv", "--model", model, "--horizon", "2", "--out", model, ...SHORT];
      const { stdout } = await done(folder, args);
      expect(stdout).toMatch(/ itself, as was asked\./);
      const csv = read(folder, model, "forecast.csv");
      expect((await done(folder, ["predict", model, "sales.csv", "--quiet"])).stdout).toBe(csv);
    }
    const { stdout } = await done(folder, ["forecast", "sales.csv", "--model", "naive", ...SHORT]);
    expect(stdout).toMatch(
      /^The forecast is naive .* use that instead\. To forecast by .*: --model (ar|linear|seasonal-naive)\.$/m,
    );
    const object = JSON.parse(read(folder, "sales-forecast/metrics.json"));
    expect(object.config.model).toBe("naive");
    expect(["ar", "linear", "seasonalNaive"]).toContain(object.instead);
  });

  it("are told by --help, without colour where NO_COLOR is set", async () => {
    const { stdout, code } = await refrain(folderWith(), ["forecast", "--help"], { NO_COLOR: "1" });
    expect(code).toBe(0);
    for (const option of [
      "target",
      "inputs",
      "window",
      "horizon",
      "cell",
      "hidden",
      "layers",
      "epochs",
      "form",
      "transform",
      "season",
      "seed",
      "seeds",
      "split",
      "skip",
      "model",
      "out",
      "json",
      "quiet",
      "resume",
      "no-refit",
    ]) {
      expect(stdout).toContain(`--${option}`);
    }
    expect(stdout).not.toContain(ESCAPE);
  });
});

describe("refrain doctor", () => {
  it("tells version, host, threads and backends, the one in use marked", async () => {
    const { stdout } = await done(folderWith(), ["doctor"]);
    expect(stdout).toMatch(/^refrain \d+\.\d+\.\d+, Node \d+.* on \w+-\w+, \d+ threads?\n/);
    expect(stdout.match(/^→ (native|wasm|reference) /gm)).toHaveLength(1);
    expect(stdout).toMatch(/reference {2,}reference \(TypeScript/);
  });

  it("tells them to programs", async () => {
    const object = JSON.parse((await done(folderWith(), ["doctor", "--json"])).stdout);
    expect(object.schemaVersion).toBe(1);
    expect(object.threads).toBeGreaterThan(0);
    expect(object.backends.filter(({ inUse }: { inUse: boolean }) => inUse)).toHaveLength(1);
  });

  it("names the backend that was asked for", async () => {
    const { stdout } = await refrain(folderWith(), ["doctor"], { REFRAIN_BACKEND: "reference" });
    expect(stdout).toMatch(/^→ reference/m);
  });
});
