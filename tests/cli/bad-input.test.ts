/** What cannot be done ends in one sentence with the place and the cure, the right exit code, and no file half written. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Ended, folderWith, listing, refrain, SALES, SHORT, withCommand } from "./command.ts";

withCommand();

const USAGE = 2;
const DATA = 3;
const DIVERGED = 4;

/** One sentence of ours on stderr, nothing on stdout, no trace of a stack. */
function expectRefusal({ code, stdout, stderr }: Ended, exitCode: number, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr).toMatch(/^refrain: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\n\s+at |Error:|undefined|\[object/);
  expect(stdout).toBe("");
  expect(code).toBe(exitCode);
}

const withValue = (value: string) => SALES.replace(/^(2016-09,[^,]*,).*$/m, `$1${value}`);
const constant = SALES.replaceAll(/^(2\d{3}-\d\d,[^,]*,).*$/gm, "$15");
/** Bytes of no text, the same at every run. */
const binary = Uint8Array.from({ length: 4000 }, (_, i) => (i * i * 31 + (i >> 3)) & 255);

const FILES = {
  "sales.csv": SALES,
  "empty.csv": "",
  "header.csv": "month,sales\n",
  "one.csv": "month,sales\n2020-01,3\n",
  "words.csv": SALES.replaceAll(/\n(2[^\n]*)/g, "\n$1,red").replace("sales\n", "sales,colour\n"),
  "nan.csv": withValue("NaN"),
  "infinite.csv": withValue("inf"),
  "constant.csv": constant,
  "binary.csv": binary,
  "records.json": '[{"month": "2015-01", "sales": 3}, {"month": "2015-02", "sales": 4}]\n',
  "lines.csv": '{"month": "2015-01", "sales": 3}\n{"month": "2015-02", "sales": 4}\n',
  "numbers.json": "[3.5, 4, 5]\n",
  "page.csv": "<!DOCTYPE html>\n<table><tr><td>1</table>\n",
};

const FORECASTS: readonly (readonly [name: string, args: readonly string[], code: number, sentence: RegExp])[] = [
  ["no such file", ["none.csv"], DATA, /cannot read none\.csv: there is no such file/],
  ["a folder", ["."], DATA, /cannot read \.: it is a folder/],
  ["an empty file", ["empty.csv"], DATA, /file is empty.*needs a header and at least two rows/],
  ["a header only", ["header.csv"], DATA, /header only.*at least two rows/],
  ["one row", ["one.csv"], DATA, /only one row.*at least two rows/],
  ["JSON", ["records.json"], DATA, /is JSON, not CSV; write it as CSV: a line with the names of the columns/],
  ["a line of JSON a row", ["lines.csv"], DATA, /is JSON, not CSV/],
  ["a JSON list of numbers", ["numbers.json"], DATA, /is JSON, not CSV/],
  ["a web page", ["page.csv"], DATA, /is a page of HTML or XML, not CSV; save its table as CSV/],
  ["binary data", ["binary.csv"], DATA, /does not look like text.*Give a CSV file/],
  [
    "a missing target, with near names",
    ["sales.csv", "--target", "sale"],
    DATA,
    /no column "sale"; did you mean "sales"\?/,
  ],
  [
    "a missing target, with the columns there are",
    ["sales.csv", "--target", "zzz"],
    DATA,
    /no column "zzz".*"price", "sales"/,
  ],
  ["missing inputs", ["sales.csv", "--inputs", "prise"], DATA, /no column "prise"; did you mean "price"\?/],
  [
    "a target of words",
    ["words.csv", "--target", "colour"],
    DATA,
    /"colour".*line 2.*"red" is not a number.*"price", "sales"/,
  ],
  ["NaN in the target", ["nan.csv"], DATA, /"sales", row 21 \(line 22\): "NaN" is not a finite number; correct it/],
  ["infinity in the target", ["infinite.csv"], DATA, /"sales", row 21 \(line 22\): "inf" is not a finite number/],
  ["a constant series", ["constant.csv"], DATA, /"sales" is constant \(5 in all 60 rows\).*choose another target/],
  ["a window longer than the series", ["sales.csv", "--window", "70"], DATA, /window 70.*take a shorter window/],
  ["a horizon longer than the parts", ["sales.csv", "--horizon", "20"], DATA, /horizon 20.*take a shorter horizon/],
  [
    "a season longer than the training part",
    ["sales.csv", "--season", "50"],
    DATA,
    /season of 50 rows.*shorter season/,
  ],
  [
    "counts that miss rows",
    ["sales.csv", "--split", "40,10,5"],
    DATA,
    /add up to 55, but the series has 60 rows; did you mean 40,10,10/,
  ],
  ["a checkpoint that is not there", ["sales.csv", "--resume"], DATA, /cannot resume from .*no such file/],
  ["an output folder below a file", ["sales.csv", "--out", "empty.csv/out"], DATA, /cannot write to empty\.csv\/out: /],
  [
    "a file for an output folder",
    ["sales.csv", "--out", "empty.csv"],
    DATA,
    /cannot write to empty\.csv: there is a file of that name/,
  ],
  ["a device for an output folder", ["sales.csv", "--out", "/dev/full"], DATA, /cannot write to \/dev\/full: /],
  [
    "a learning rate that overflows, below new folders",
    ["sales.csv", "--lr", "1e30", "--out", "a/b/c"],
    DIVERGED,
    /loss became .* in epoch 1; the learning rate of 1e\+30 is too high/,
  ],
  ["a negative horizon", ["sales.csv", "--horizon", "-1"], USAGE, /--horizon must be a whole number ≥ 1, got "-1"/],
  ["half a window", ["sales.csv", "--window", "1.5"], USAGE, /--window must be a whole number ≥ 1, got "1\.5"/],
  ["no seeds", ["sales.csv", "--seeds", "0"], USAGE, /--seeds must be a whole number ≥ 1/],
  ["a season of one row", ["sales.csv", "--season", "1"], USAGE, /--season must be a whole number ≥ 2/],
  [
    "an unknown cell",
    ["sales.csv", "--cell", "lstn"],
    USAGE,
    /--cell must be "rnn" or "lstm" or "gru" or "mlp", got "lstn"; see refrain forecast --help/,
  ],
  ["a level of 1", ["sales.csv", "--level", "1"], USAGE, /--level must be a number between 0 and 1/],
  ["a learning rate in words", ["sales.csv", "--lr", "fast"], USAGE, /--lr must be a number above 0, got "fast"/],
  ["two parts of a split", ["sales.csv", "--split", "0.8,0.2"], USAGE, /--split: expected three numbers/],
  ["fractions that are no whole", ["sales.csv", "--split", "0.5,0.5,0.5"], USAGE, /--split: .* add up to 1\.5, not 1/],
  [
    "a form without its season",
    ["sales.csv", "--form", "seasonal", "--season", "none"],
    USAGE,
    /--form seasonal .*season/,
  ],
  [
    "an unknown encoding",
    ["sales.csv", "--encoding", "klingon"],
    USAGE,
    /--encoding must be a name such as utf-8, shift_jis.*got "klingon"/,
  ],
  ["a long delimiter", ["sales.csv", "--delimiter", ";;"], USAGE, /--delimiter must be one character.*got ";;"/],
  ["an unknown option", ["sales.csv", "--horizont", "3"], USAGE, /--horizont.*did you mean --horizon\?/],
  ["an option without its value", ["sales.csv", "--horizon"], USAGE, /--horizon/],
  ["no file", [], USAGE, /FILE/],
  ["two files", ["sales.csv", "empty.csv"], USAGE, /empty\.csv/],
];

describe.concurrent("forecast is refused", () => {
  it.each(FORECASTS)("%s", async (_, args, code, sentence) => {
    const folder = folderWith(FILES);
    const before = listing(folder);
    expectRefusal(await refrain(folder, ["forecast", "--quiet", ...args]), code, sentence);
    expect(listing(folder)).toEqual(before);
  });

  it("an unknown command, with the one that was meant", async () => {
    expectRefusal(await refrain(folderWith(), ["forcast"]), USAGE, /forcast.*did you mean .*forecast/);
  });

  it("a full disk", async ({ skip }) => {
    const folder = folderWith(FILES);
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status === 0;
    if (!mounted) return skip("no small disk can be mounted here: that takes root");
    try {
      const ended = await refrain(folder, ["forecast", "sales.csv", "--quiet", ...SHORT, "--out", "disk/out"]);
      expectRefusal(ended, DATA, /cannot write .* to .*disk\/out: the disk is full/);
      expect(listing(disk)).toEqual([]);
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  it("a damaged checkpoint", async () => {
    const folder = folderWith(FILES);
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "out/checkpoint.safetensors"), "no checkpoint at all");
    const before = listing(folder);
    const ended = await refrain(folder, ["forecast", "sales.csv", "--quiet", "--resume", "--out", "out"]);
    expectRefusal(ended, DATA, /checkpoint\.safetensors/);
    expect(listing(folder)).toEqual(before);
  });
});

it("ten thousand columns are no obstacle", async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
  const rows = Array.from({ length: 40 }, (_, t) => names.map((_, i) => ((t * t + i) % 97) + t).join(","));
  const folder = folderWith({ "wide.csv": [names.join(","), ...rows].join("\n") });
  const { code, stdout } = await refrain(folder, ["forecast", "wide.csv", "--quiet", "--json", ...SHORT]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).config.target).toBe("c9999");
  expectRefusal(
    await refrain(folder, ["forecast", "wide.csv", "--quiet", "--target", "c12345"]),
    DATA,
    /^refrain: There is no column "c12345".{0,300}\n$/,
  );
});

describe("predict is refused", () => {
  let folder: string;
  beforeAll(async () => {
    folder = folderWith(FILES);
    const args = ["forecast", "sales.csv", "--quiet", "--inputs", "price", "--skip", "none", "--out", "out", ...SHORT];
    expect((await refrain(folder, args)).code).toBe(0);
    writeFileSync(join(folder, "other.csv"), SALES.replace("sales", "weather"));
    writeFileSync(join(folder, "short.csv"), SALES.split("\n").slice(0, 6).join("\n"));
  });

  /** With a file of the model changed for the time of one prediction. */
  async function damaged(name: string, change: (bytes: Buffer) => Uint8Array | string | null): Promise<Ended> {
    const file = join(folder, "out/model", name);
    const whole = readFileSync(file);
    const other = change(whole);
    if (other === null) rmSync(file);
    else writeFileSync(file, other);
    const before = listing(folder);
    const ended = await refrain(folder, ["predict", "out", "sales.csv", "--quiet", "--out", "future"]);
    expect(listing(folder)).toEqual(before);
    writeFileSync(file, whole);
    return ended;
  }

  it.each(["config.json", "scaler.json", "model.safetensors"])("%s is missing", async (name) => {
    expectRefusal(await damaged(name, () => null), DATA, new RegExp(`not whole, cannot read ${name}`));
  });

  it.each(["config.json", "scaler.json", "model.safetensors"])("%s is cut short, or empty", async (name) => {
    const sentence = new RegExp(`${name} is damaged .*train the model again or restore the file`);
    expectRefusal(await damaged(name, (bytes) => bytes.subarray(0, bytes.length >> 1)), DATA, sentence);
    expectRefusal(await damaged(name, () => ""), DATA, sentence);
  });

  it.each(["config.json", "scaler.json"])("%s has lost its fields", async (name) => {
    const lost = (bytes: Buffer) => {
      const { format, version } = JSON.parse(bytes.toString());
      return JSON.stringify({ format, version });
    };
    expectRefusal(await damaged(name, lost), DATA, new RegExp(`${name} is damaged`));
    expectRefusal(await damaged(name, () => "[]"), DATA, new RegExp(`${name} is damaged`));
  });

  it("config.json is of another program, or of a later version", async () => {
    expectRefusal(await damaged("config.json", () => "{}"), DATA, /not a Refrain forecaster's/);
    const later = (bytes: Buffer) => bytes.toString().replace('"version": 1', '"version": 9');
    expectRefusal(await damaged("config.json", later), DATA, /version 9, this Refrain reads version 1/);
  });

  it("weights of another shape", async () => {
    const other = (bytes: Buffer) => bytes.toString().replace(/"hidden": 4/, '"hidden": 5');
    expectRefusal(await damaged("config.json", other), DATA, /model\.safetensors is damaged/);
  });

  it("a file with other columns", async () => {
    const ended = await refrain(folder, ["predict", "out", "other.csv", "--quiet"]);
    expectRefusal(ended, DATA, /made for the columns "sales", "price".*no column "sales"/);
  });

  it("a file that is shorter than the model's window", async () => {
    expectRefusal(
      await refrain(folder, ["predict", "out", "short.csv", "--quiet"]),
      DATA,
      /has 5 rows.*needs at least/,
    );
  });

  it("no model, a file for a model, a folder without one", async () => {
    mkdirSync(join(folder, "hollow"), { recursive: true });
    expectRefusal(await refrain(folder, ["predict", "none", "sales.csv"]), DATA, /cannot read the model none/);
    expectRefusal(await refrain(folder, ["predict", "sales.csv", "sales.csv"]), DATA, /is a file; a model is a folder/);
    expectRefusal(await refrain(folder, ["predict", "hollow", "sales.csv"]), DATA, /cannot read config\.json/);
  });

  it("an output folder below a file", async () => {
    const ended = await refrain(folder, ["predict", "out", "sales.csv", "--quiet", "--out", "other.csv/x"]);
    expectRefusal(ended, DATA, /cannot write to other\.csv\/x: /);
  });
});
