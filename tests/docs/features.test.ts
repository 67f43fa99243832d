/** FEATURES.md says what there is: no public name is missing from it, none of its names is gone, and every test named tests it. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as refrain from "refrain";
import { Generator, NumpyRandom, nn, optim, Tensor } from "refrain";
import * as data from "refrain/data";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** What stands behind the first word of a name on the page. */
const PROTOTYPES: Record<string, object> = {
  x: Tensor.prototype,
  module: nn.Module.prototype,
  lstm: nn.Recurrent.prototype,
  packed: nn.PackedSequence.prototype,
  optimizer: optim.Optimizer.prototype,
  generator: Generator.prototype,
  numpyRandom: NumpyRandom.prototype,
};

/** Members that one part of the library has for another. */
const INTERNAL = [
  "constructor",
  ...["x.peekGrad", "x.adoptGrad", "x.dropGrad"],
  ...["module.ownModules", "optimizer.shapedAsParameter", "packed.layout", "packed.with"],
  ...["lstm.run", "lstm.runLayer", "lstm.moduleName", "lstm.extraRepr"],
];

const NAMESPACES: Record<string, object> = {
  "": refrain,
  "nn.": nn,
  "nn.functional.": nn.functional,
  "nn.init.": nn.init,
  "optim.": optim,
  "optim.lrScheduler.": optim.lrScheduler,
  "optim.swaUtils.": optim.swaUtils,
  "random.": refrain.random,
  "data.": data,
};

const isNamespace = (value: unknown) => Object.prototype.toString.call(value) === "[object Module]";

/** Every public name, as the page writes it. */
function publicNames(): string[] {
  const exported = Object.entries(NAMESPACES).flatMap(([prefix, namespace]) =>
    Object.entries(namespace)
      .filter(([, value]) => !isNamespace(value))
      .map(([name]) => prefix + name),
  );
  const members = Object.entries(PROTOTYPES).flatMap(([of, prototype]) =>
    Object.getOwnPropertyNames(prototype).map((name) => (name === "constructor" ? name : `${of}.${name}`)),
  );
  return [...exported, ...members].filter((name) => !INTERNAL.includes(name));
}

function exists(name: string): boolean {
  const [first, ...path] = name.split(".");
  let value: unknown = PROTOTYPES[first];
  if (value !== undefined) return path[0] in (value as object);
  value = first === "data" ? data : (refrain as Record<string, unknown>)[first];
  for (const part of path) value = (value as Record<string, unknown> | undefined)?.[part];
  return value !== undefined;
}

interface Row {
  names: string[];
  options: string[];
  test: string;
}

const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
const rows: Row[] = [...read("FEATURES.md").matchAll(/^\| (.+) \|$/gm)]
  .map(([, row]) => row.split(" | "))
  .filter((cells) => cells[0] !== "PyTorch" && !cells[0].startsWith("---"))
  .map(([, names, notes, tested]) => ({
    names: codes(names),
    options: codes(notes).filter((code) => /^\w+$/.test(code)),
    test: /\]\(([^)]+)\)/.exec(tested)?.[1] ?? "",
  }));

const texts = new Map<string, string>();
/** A test with the fixtures that it reads and the modules beside it that it imports. */
function textOf(test: string): string {
  const known = texts.get(test);
  if (known !== undefined) return known;
  const own = read(test);
  const fixtures = [...own.matchAll(/["`](?:[^"`\s]*fixtures\/)?([\w/-]+?)(?:\.json)?["`]/g)]
    .map(([, path]) => `tests/fixtures/${path}.json`)
    .filter((file) => existsSync(join(ROOT, file)));
  const beside = [...own.matchAll(/from "\.\/([\w.-]+\.ts)"/g)].map(([, file]) => join(test, "..", file));
  const text = [own, ...[...fixtures, ...beside].map(read)].join("\n");
  texts.set(test, text);
  return text;
}

const mentions = (text: string, name: string) => new RegExp(`(?<![\\w$])${name}(?![\\w$])`).test(text);

describe("FEATURES.md", () => {
  it("misses no public name; write a row: | PyTorch's name | `name` | `options` | [area/test](tests/area/test.test.ts) |", () => {
    const listed = new Set(rows.flatMap(({ names }) => names));
    expect(publicNames().filter((name) => !listed.has(name))).toEqual([]);
  });

  it("has no name that is gone", () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.flatMap(({ names }) => names).filter((name) => !exists(name))).toEqual([]);
  });

  it("names tests that are there and that mention what they are said to test", () => {
    const untrue = rows.flatMap(({ names, options, test }) => {
      if (!existsSync(join(ROOT, test)) || !test.endsWith(".test.ts")) return [`${names[0]}: there is no ${test}`];
      const words = [names[0].split(".").at(-1) as string, ...options];
      return words.filter((word) => !mentions(textOf(test), word)).map((word) => `${names[0]}: ${test} has no ${word}`);
    });
    expect(untrue).toEqual([]);
  });
});
