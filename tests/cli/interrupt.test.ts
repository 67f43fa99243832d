/** Ctrl-C: what is left, and that going on from it changes nothing. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { appears, folderWith, listing, refrain, SALES, start, withCommand } from "./command.ts";

withCommand();

const QUICK = ["forecast", "sales.csv", "--out", "out", "--hidden", "8", "--epochs"];
const RUN = [...QUICK, "60", "--seeds", "3"];

/** Resolves when the command has written so many lines of epochs. */
const epochs = (child: ReturnType<typeof start>["process"], count: number): Promise<void> =>
  new Promise((resolve) => {
    let seen = 0;
    child.stderr!.on("data", (text: string) => {
      seen += text.match(/ epoch /g)?.length ?? 0;
      if (seen >= count) resolve();
    });
  });

const withoutTimings = (text: string) => ({ ...JSON.parse(text), timings: null });

it("Ctrl-C leaves a checkpoint and nothing else, and --resume ends as if nothing had happened", async () => {
  const folder = folderWith({ "sales.csv": SALES });
  const { process: child, end } = start(folder, RUN);
  await epochs(child, 5);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await end;
  expect(code).toBe(130);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/out\/checkpoint\.safetensors holds all that was trained; run the same command with --resume/);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(listing(folder)).toEqual(["out", "out/checkpoint.safetensors", "sales.csv"]);

  const checkpoint = readFileSync(join(folder, "out/checkpoint.safetensors"));
  const others = await refrain(folder, [...RUN, "--resume", "--quiet", "--seed", "1"]);
  expect(others.code).toBe(3);
  expect(others.stderr).toMatch(/belongs to another series or to other options/);
  writeFileSync(join(folder, "sales.csv"), SALES.replace(/^(2019-12,[^,]*,).*$/m, "$177"));
  expect((await refrain(folder, [...RUN, "--resume", "--quiet"])).stderr).toMatch(/belongs to another series/);
  writeFileSync(join(folder, "sales.csv"), SALES);
  expect(readFileSync(join(folder, "out/checkpoint.safetensors"))).toEqual(checkpoint);

  const resumed = await refrain(folder, [...RUN, "--resume", "--json"]);
  expect(resumed.code).toBe(0);
  expect(listing(folder)).not.toContain("out/checkpoint.safetensors");
  const trainedBefore = stderr.match(/ epoch /g)!.length;

  const whole = folderWith({ "sales.csv": SALES });
  const uninterrupted = await refrain(whole, [...RUN, "--json"]);
  expect(withoutTimings(resumed.stdout)).toEqual(withoutTimings(uninterrupted.stdout));
  for (const file of [
    "forecast.csv",
    "report.html",
    "model/model.safetensors",
    "model/scaler.json",
    "model/config.json",
  ]) {
    expect(readFileSync(join(folder, "out", file)), file).toEqual(readFileSync(join(whole, "out", file)));
  }
  const lines = (text: string) => text.split("\n").filter((line) => line.includes(" epoch "));
  expect(lines(resumed.stderr)).toEqual(lines(uninterrupted.stderr).slice(trainedBefore));
});

it("Ctrl-C twice while the report is being written leaves nothing half written", async () => {
  const folder = folderWith({ "sales.csv": SALES });
  const { process: child, end } = start(folder, [...QUICK, "1", "--quiet"]);
  await appears(() => {
    const staging = readdirSync(folder).find((name) => name.startsWith(".out-"));
    return staging && join(folder, staging, "report.html");
  });
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 30));
  child.kill("SIGINT");
  const { code } = await end;
  expect(code).toBe(130);
  expect(listing(folder)).toEqual(["sales.csv"]);
});
