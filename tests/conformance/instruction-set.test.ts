/** `REFRAIN_ISA` in processes of their own, as it is read when the addon is loaded. */

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadNative } from "../../src/backend/native/load-native.ts";

const root = join(import.meta.dirname, "../..");
const directory = join(root, `build/isa-${process.pid}`);
const library = join(directory, "refrain.mjs");

beforeAll(async () => {
  const build = await rolldown({ input: join(root, "src/index.ts"), platform: "neutral", external: [/^node:/] });
  await build.write({ file: library, format: "esm", codeSplitting: false });
  await build.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function nativeReport(instructionSet: string): { available: boolean; text: string } {
  const program = `
    const { backendReport } = await import(process.argv[1]);
    console.log(JSON.stringify(backendReport().find(({ name }) => name === "native")));`;
  const environment = { ...process.env, REFRAIN_ISA: instructionSet, REFRAIN_BACKEND: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program, library], {
    cwd: root,
    encoding: "utf8",
    env: environment,
  });
  return status === 0 ? JSON.parse(stdout) : { available: false, text: stderr };
}

const there = "backend" in loadNative();

it.skipIf(!there)("the instruction set that is asked for is used, or refused in a sentence", () => {
  for (const name of ["avx512", "avx2", "baseline"]) {
    const { available, text } = nativeReport(name);
    expect(text).toContain(available ? name : `REFRAIN_ISA asks for "${name}"`);
  }
  expect(nativeReport("baseline").available).toBe(true);
});

it.skipIf(!there)("one that does not exist is an error, not another backend in silence", () => {
  const report = nativeReport("avx1024");
  expect(report.available).toBe(false);
  expect(report.text).toContain(
    'REFRAIN_ISA: the backend "native" cannot be used here: REFRAIN_ISA asks for "avx1024"',
  );
});
