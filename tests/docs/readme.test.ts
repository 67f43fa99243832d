/** The code in the README runs, and does what the text around it says. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as refrain from "refrain";
import ts from "typescript";
import { expect, test } from "vitest";
import fixture from "../fixtures/docs/readme.json" with { type: "json" };

const readme = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");
const manifest = JSON.parse(readFileSync(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8"));

/** Runs an example with its imports taken from the library, and returns what it printed. */
function run(source: string): unknown[] {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const printed: unknown[] = [];
  const body = new Function("require", "exports", "console", outputText);
  body(() => refrain, {}, { log: (value: unknown) => printed.push(value) });
  return printed;
}

test("the example of the README prints PyTorch's losses", () => {
  const [, source] = readme.match(/```ts\n([\s\S]*?)```/) ?? [];
  const losses = run(source) as number[];
  expect(losses).toHaveLength(fixture.losses.length);
  losses.forEach((loss, step) => {
    expect(Math.abs(loss / fixture.losses[step] - 1)).toBeLessThan(1e-5);
  });
});

test("the commands that the README names exist", () => {
  for (const [, name] of readme.matchAll(/npm (start|test)\b/g)) expect(manifest.scripts).toHaveProperty(name);
});
