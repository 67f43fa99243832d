/** Where the WASM module cannot be used, the next backend takes over, and the report says why; asked for by name, that is an error. */

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { backend, setBackend } from "refrain";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WasmOptions } from "../../src/backend/wasm/load-wasm.ts";
import { inlinedWasm } from "../../src/inlined-wasm.ts";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const whole = new Uint8Array(readFileSync(at("src/backend/wasm/simd128.wasm")));
/** Far from anything built, so that there is no native backend. */
let directory = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "refrain-wasm-"));
  const build = await rolldown({ input: at("src/index.ts"), platform: "neutral", external: [/^node:/] });
  await build.write({ file: join(directory, "refrain.mjs"), format: "esm", codeSplitting: false });
  await build.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Report {
  readonly name: string;
  readonly text: string;
  readonly inUse: boolean;
}

/** A program's report of its backends, with these bytes as simd128.wasm. */
function reportWith(bytes: Uint8Array | string | null, environment: Record<string, string> = {}) {
  const file = join(directory, "simd128.wasm");
  rmSync(file, { force: true });
  if (bytes !== null) writeFileSync(file, bytes);
  const program = `
    const { backendReport, tensor } = await import(${JSON.stringify(join(directory, "refrain.mjs"))});
    const sum = tensor([1, 2, 3]).sum().item();
    console.log(JSON.stringify({ sum, report: backendReport() }));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, REFRAIN_BACKEND: "", ...environment },
  });
  return { status, stderr, ...(status === 0 ? (JSON.parse(stdout) as { sum: number; report: Report[] }) : {}) };
}

const flipped = (at: number) => whole.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("without the native backend", () => {
  test("a whole module is used", () => {
    const { report } = reportWith(whole);
    expect(report!.find(({ inUse }) => inUse)?.name).toBe("wasm");
    expect(report![0].text).toMatch(/there is no build\/.*\.node/);
  });

  test.each([
    ["missing", null, /simd128\.wasm cannot be read \(ENOENT.*copy it there/],
    [
      "cut short",
      whole.subarray(0, whole.length / 2),
      /simd128\.wasm is damaged, or not the simd128 module of this version/,
    ],
    ["empty", new Uint8Array(0), /simd128\.wasm is not a WASM module \(0 bytes\)/],
    ["a page", "<!doctype html>", /simd128\.wasm is not a WASM module \(15 bytes\)/],
    ["changed in one bit of its code", flipped(whole.length >> 1), /simd128\.wasm is damaged/],
    ["of another format's version", flipped(4), /simd128\.wasm is damaged/],
  ] as const)("the reference computes where the module is %s, and the report says so", (_, bytes, reason) => {
    const { sum, report } = reportWith(bytes);
    expect(sum).toBe(6);
    expect(report!.find(({ inUse }) => inUse)?.name).toBe("reference");
    expect(report!.find(({ name }) => name === "wasm")?.text).toMatch(reason);
  });

  test("REFRAIN_BACKEND=wasm is an error then, with the reason", () => {
    const { status, stderr } = reportWith(null, { REFRAIN_BACKEND: "wasm" });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/REFRAIN_BACKEND: the backend "wasm" cannot be used here: .*simd128\.wasm cannot be read/);
  });

  test("a name that no backend has is an error that lists those there are", () => {
    const { status, stderr } = reportWith(whole, { REFRAIN_BACKEND: "cuda" });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/REFRAIN_BACKEND: there is no backend "cuda"; there are native, wasm, reference/);
  });

  test("an engine without relaxed SIMD says how to get it, one that has it computes with it", () => {
    copyFileSync(at("src/backend/wasm/relaxed.wasm"), join(directory, "relaxed.wasm"));
    const program = `
      const { backend, setBackend } = await import(${JSON.stringify(join(directory, "refrain.mjs"))});
      await setBackend("wasm", { instructionSet: "relaxed" });
      console.log(backend().describe());`;
    const run = (...flags: string[]) =>
      spawnSync(process.execPath, [...flags, "--input-type=module", "-e", program], { encoding: "utf8" });
    const plain = run();
    if (plain.status !== 0) expect(plain.stderr).toMatch(/has no relaxed SIMD \(Node 20 takes the flag/);
    if (process.version.startsWith("v20.")) {
      expect(run("--experimental-wasm-relaxed-simd").stdout).toMatch(/wasm \(C\+\+, relaxed/);
    }
  });
});

describe("setBackend", () => {
  test("takes the module's bytes, and refuses those of another module", async () => {
    const before = backend().name;
    await setBackend("wasm", { bytes: inlinedWasm() });
    expect(backend().describe()).toMatch(/simd128/);
    await setBackend(before);
    const refused = () => setBackend("wasm", { bytes: inlinedWasm(), instructionSet: "relaxed" });
    expect(refused).toThrow(/the module given as `bytes` is damaged, or not the relaxed module of this version/);
    expect(backend().name).toBe(before);
  });

  test("refuses options where there are none, and names that no backend has", () => {
    expect(() => setBackend("reference", { instructionSet: "simd128" })).toThrow(/"reference" takes no options/);
    expect(() => setBackend("gpu")).toThrow(/there is no backend "gpu"; there are native, wasm, reference/);
  });

  test.each<[options: unknown, message: RegExp]>([
    [{ instructionSet: "avx2" }, /no instruction set "avx2" for WASM; there are simd128, relaxed/],
    [{ instructionSet: 3 }, /no instruction set "3" for WASM/],
    [{ instructionSet: "toString" }, /no instruction set "toString" for WASM/],
    [{ instrutionSet: "relaxed" }, /no option instrutionSet; did you mean instructionSet\?/],
    [{ threads: -1 }, /setBackend: threads: expected a whole number ≥ 1, or 0 for the default, got -1/],
    [{ threads: 1.5 }, /expected a whole number ≥ 1, or 0 for the default, got 1.5/],
    [{ threads: "two" }, /expected a whole number ≥ 1, or 0 for the default, got two/],
    [null, /setBackend: options must be an object .*, got null/],
    [5, /setBackend: options must be an object .*, got number 5/],
  ])("refuses %j for WASM, and computes on as before", (options, message) => {
    const before = backend().describe();
    expect(() => setBackend("wasm", options as WasmOptions)).toThrow(message);
    expect(backend().describe()).toBe(before);
  });
});
