/** What `refrain compare` prints and leaves behind, and what it refuses. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundled, type Ended, folderWith, listing, refrain, SALES, withCommand } from "./command.ts";

withCommand();

const ESCAPE = "\u001b";
const QUICK = ["--epochs", "3", "--hidden", "4", "--seeds", "2"];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a comparison", () => {
  let folder: string;
  let ended: Ended;
  beforeAll(async () => {
    folder = folderWith({ "sales.csv": SALES });
    ended = await refrain(folder, ["compare", "sales.csv", ...QUICK]);
  });

  it("prints the table, what can be concluded and where the report is on stdout", () => {
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^Test part: 12 origins, horizon 1; mean ± deviation over 2 seeds\n/);
    for (const name of ["RNN", "LSTM", "GRU", "MLP", "naive", "seasonal naive", "linear map", "AR(p)"]) {
      expect(ended.stdout).toMatch(new RegExp(`^${name.replace(/[()]/g, "\\$&")} .*\\d`, "m"));
    }
    expect(ended.stdout).toContain("No difference between RNN, LSTM, GRU and MLP is shown.");
    expect(ended.stdout).toContain(
      "Nothing can be concluded from 2 seeds (it takes 5) and 12 test forecasts (it takes 20).",
    );
    expect(ended.stdout).toMatch(/\nReport: sales-comparison\/report\.html\n$/);
  });

  it("says on stderr what it guessed and how far it is, without escape codes where nobody watches", () => {
    expect(ended.stderr).toContain('The target was taken to be "sales", the last numeric column.');
    expect(ended.stderr).toMatch(/^1\/\d+ rnn network, .*, seed 0 {2}epoch 3\/3 {2}loss /m);
    expect(ended.stdout + ended.stderr).not.toContain(ESCAPE);
  });

  it("leaves the report, the scores and the figures, and nothing else", () => {
    const figures = ["scores", "seeds"].flatMap((name) =>
      ["json", "png", "svg"].map((end) => `figures/${name}.${end}`),
    );
    const inside = ["figures", ...figures, "metrics.json", "report.html"].map((name) => `sales-comparison/${name}`);
    expect(listing(folder)).toEqual(["sales-comparison", ...inside, "sales.csv"].sort());
    expect(readFileSync(join(folder, "sales-comparison/report.html"), "utf8")).toContain("Cells compared on sales");
  });
});

describe("--json", () => {
  it("is one object on stdout and nothing else, the same as metrics.json, with every seed of every cell", async () => {
    const folder = folderWith();
    const file = bundled(folder, "sunspots_yearly.csv");
    const asked = ["--cells", "gru,mlp", "--split", "201,50,58", "--form", "last", "--out", "out", "--json", "--quiet"];
    const { stdout, stderr, code } = await refrain(folder, ["compare", file, "--target", "value", ...QUICK, ...asked]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    const object = JSON.parse(stdout);
    expect(JSON.parse(readFileSync(join(folder, "out/metrics.json"), "utf8"))).toEqual(object);
    expect(object.schemaVersion).toBe(1);
    expect(object.cells.map(({ cell }: { cell: string }) => cell)).toEqual(["gru", "mlp"]);
    for (const row of object.cells) {
      for (const score of ["rmse", "mae", "directionalAccuracy", "trainingSeconds"]) {
        expect(row[score].seeds, score).toHaveLength(2);
        expect(row[score].mean).toBeCloseTo(mean(row[score].seeds), 12);
        const [a, b] = row[score].seeds;
        expect(row[score].deviation).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12);
      }
      expect(row.epochs).toEqual([3, 3]);
      expect(row.parameters).toBe(row.cell === "gru" ? 3 * (4 + 16 + 8) + 5 : 24 * 4 + 4 + 5);
    }
    expect(object.baselines.naive.rmse).toBeCloseTo(32.79, 2);
    expect(object.baselines.naive.directionalAccuracy).toBeNull();
    expect(object.testOrigins).toBe(58);
    expect(object.pairs).toHaveLength(1);
    expect(object.againstBaselines).toHaveLength(4);
    expect(object.config).toMatchObject({
      target: "value",
      cells: ["gru", "mlp"],
      skip: "none",
      seeds: 2,
      form: "last",
    });
    expect(object.timings.compareMs).toBeGreaterThan(0);
  });
});

describe("what cannot be compared", () => {
  const REFUSED: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    [
      "an unknown cell",
      ["sales.csv", "--cells", "gru,lstn"],
      2,
      /--cells must be "rnn" or "lstm" or "gru" or "mlp", got "lstn"/,
    ],
    ["a cell twice", ["sales.csv", "--cells", "gru,gru"], 2, /--cells names "gru" twice/],
    ["no seeds", ["sales.csv", "--seeds", "0"], 2, /--seeds must be a whole number ≥ 1/],
    ["an option of forecast", ["sales.csv", "--level", "0.5"], 2, /--level.*see refrain compare --help/],
    ["a season and none", ["sales.csv", "--form", "seasonal", "--season", "none"], 2, /--form seasonal needs a season/],
    ["no file", ["none.csv"], 3, /cannot read none\.csv/],
    ["a missing target", ["sales.csv", "--target", "sale"], 3, /did you mean "sales"\?/],
    ["too long a window", ["sales.csv", "--window", "70"], 3, /window 70.*take a shorter window/],
    ["a learning rate that overflows", ["sales.csv", "--lr", "1e30"], 4, /learning rate of 1e\+30 is too high/],
  ];
  it.each(REFUSED)("%s", async (_, args, code, sentence) => {
    const folder = folderWith({ "sales.csv": SALES });
    const ended = await refrain(folder, ["compare", ...args, "--quiet"]);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).toMatch(/^refrain: [^\n]+\n$/);
    expect([ended.code, ended.stdout]).toEqual([code, ""]);
    expect(listing(folder)).toEqual(["sales.csv"]);
  });
});
