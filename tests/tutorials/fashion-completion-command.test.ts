/** The lesson as people run it: Ctrl-C, the same command again, and options that other lessons do not have. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderWith, listing, refrain, start, withCommand } from "../cli/command.ts";
import { drawnFiles } from "./drawn-clothes.ts";

withCommand();

const LESSON = [
  "tutorial",
  "fashion-completion",
  "--quick",
  "--hidden",
  "16",
  "--epochs",
  "4",
  "--data",
  ".",
  "--out",
  "out",
];
const RUN = [...LESSON, "--checkpoints", "kept"];

/** What does not depend on the clock. */
function metricsOf(folder: string): unknown {
  const { elapsedMs, computingMs, peakMemoryMB, networks, data, ...others } = JSON.parse(
    readFileSync(join(folder, "out/metrics.json"), "utf8"),
  );
  return { ...others, networks: networks.map((each: object) => ({ ...each, elapsedMs: null, computingMs: null })) };
}

it("Ctrl-C leaves a whole checkpoint and nothing else, and the same command ends as if nothing had happened", async () => {
  const files = drawnFiles();
  const folder = folderWith(files);
  const { process: child, end } = start(folder, RUN);
  let told = "";
  await new Promise<void>((resolve) =>
    child.stdout!.on("data", (text: string) => {
      told += text;
      if (told.includes("epoch 2  loss")) resolve();
    }),
  );
  child.kill("SIGINT");
  expect((await end).code).toBe(130);
  expect(listing(folder)).toEqual([...Object.keys(files), "kept", join("kept", "hidden-16.safetensors")].sort());

  const others = await refrain(folder, [...RUN, "--seed", "2"]);
  expect(others.code).toBe(3);
  expect(others.stderr).toMatch(
    /^refrain: kept\/hidden-16\.safetensors is a checkpoint of another training: its seed is 1, not 2/,
  );

  const resumed = await refrain(folder, RUN);
  expect(resumed.code, resumed.stderr).toBe(0);
  const whole = folderWith(files);
  expect((await refrain(whole, LESSON)).code).toBe(0);
  expect(metricsOf(folder)).toEqual(metricsOf(whole));
  for (const figure of ["epoch-01", "epoch-04", "completions", "loss"]) {
    expect(readFileSync(join(folder, `out/${figure}.json`)), figure).toEqual(
      readFileSync(join(whole, `out/${figure}.json`)),
    );
  }
}, 120_000);

it("an option of this lesson is refused by the others, and a malformed one by this", async () => {
  const folder = folderWith();
  const leaked = await refrain(folder, ["tutorial", "shapes", "--images", "10"]);
  expect(leaked.code).toBe(2);
  expect(leaked.stderr).toMatch(/shapes has no --images; it is an option of fashion-completion/);
  const malformed = await refrain(folder, ["tutorial", "fashion-completion", "--images", "many"]);
  expect(malformed.code).toBe(2);
  expect(malformed.stderr).toMatch(/--images must be a whole number ≥ 1, got "many"/);
  expect(listing(folder)).toEqual([]);
});

it("a folder that has only some of the files is one line that names what is missing", async () => {
  const { "t10k-images-idx3-ubyte.gz": _, ...files } = drawnFiles();
  const folder = folderWith(files);
  const { code, stderr } = await refrain(folder, LESSON);
  expect(code).toBe(3);
  expect(stderr.trimEnd()).toMatch(/^refrain: data: no t10k-images-idx3-ubyte\.gz or .* with --data$/);
  expect(listing(folder)).toEqual(Object.keys(files).sort());
});
