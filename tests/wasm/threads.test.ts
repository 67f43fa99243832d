/** Threads of the WASM backend: they change nothing but the time, and keep nobody waiting. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
let directory = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "refrain-threads-"));
  const build = await rolldown({ input: at("src/index.ts"), platform: "neutral", external: [/^node:/] });
  await build.write({ file: join(directory, "refrain.mjs"), format: "esm", codeSplitting: false });
  await build.close();
  for (const name of readdirSync(at("src/backend/wasm")))
    if (name.endsWith(".wasm")) await copyFile(at(`src/backend/wasm/${name}`), join(directory, name));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a program prints that has a net `step()`, which gives a loss, and `arrive()`, which waits for the workers. */
function run(body: string, environment: Record<string, string> = {}): string[] {
  const program = `
    const { backend, getNumThreads, manualSeed, nn, optim, randn, setBackend, setNumThreads } =
      await import(${JSON.stringify(join(directory, "refrain.mjs"))});
    function net() {
      manualSeed(1);
      const rnn = new nn.LSTM(3, 61, { batchFirst: true, bidirectional: true });
      const optimizer = new optim.Adam(rnn.parameters());
      const x = randn([67, 11, 3]);
      return () => {
        const loss = rnn.forward(x)[0].square().mean();
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss.item();
      };
    }
    const arrive = async () => {
      while (backend().threadsPresent < getNumThreads()) await new Promise((done) => setTimeout(done, 5));
    };
    ${body}`;
  const { status, stdout, stderr, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, REFRAIN_BACKEND: "wasm", ...environment },
    timeout: 60000,
  });
  if (status !== 0) throw new Error(`${signal ?? ""} ${stderr}`);
  return stdout.trim().split("\n");
}

test("losses are the same bits for every number of threads, the process ends by itself, and the report says how many", () => {
  const lines = run(`
    for (const threads of [1, 2, 3, 5, 1]) {
      setNumThreads(threads);
      await arrive();
      const step = net();
      console.log(backend().describe() + ": " + Array.from({ length: 12 }, step).join());
    }`);
  expect(lines.map((line) => line.split(": ")[0])).toEqual(
    [1, 2, 3, 5, 1].map((n) => `wasm (C++, simd128, ${n} thread${n === 1 ? "" : "s"})`),
  );
  expect(new Set(lines.map((line) => line.split(": ")[1])).size).toBe(1);
});

test("asking for threads between a forward and its backward loses nothing", () => {
  const [before, after] = run(`
    const losses = (threads) => {
      manualSeed(2);
      const rnn = new nn.GRU(3, 70);
      const loss = rnn.forward(randn([9, 40, 3]))[0].sum();
      setNumThreads(threads);
      loss.backward();
      return [...rnn.parameters()].map(({ grad }) => grad.sum().item()).join();
    };
    console.log(losses(1));
    console.log(losses(3));`);
  expect(after).toBe(before);
});

test("REFRAIN_THREADS says how many from the start", () => {
  expect(run("console.log(backend().describe());", { REFRAIN_THREADS: "2" })).toEqual([
    "wasm (C++, simd128, 2 threads)",
  ]);
});

test("without the module that has threads it stays one thread, in silence", () => {
  rmSync(join(directory, "simd128-threads.wasm"));
  expect(run("setNumThreads(4); console.log(backend().describe(), getNumThreads(), net()());")[0]).toMatch(
    /^wasm \(C\+\+, simd128, 1 thread\) 1 /,
  );
});
