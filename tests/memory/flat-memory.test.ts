/**
 * Nobody frees anything, and memory stays flat: whole runs as processes of their own, each in one synchronous loop, in which no finaliser
 * gets to run. And a process finds memory for its first outputs in few pages.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { backendReport } from "refrain";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MB = 2 ** 20;
const hasNative = backendReport().some(({ name, available }) => name === "native" && available);
const root = join(import.meta.dirname, "../..");
/** In the package, so that the library finds the native kernels. */
const directory = join(root, `build/memory-${process.pid}`);
const library = join(directory, "refrain.mjs");

beforeAll(async () => {
  const build = await rolldown({ input: join(root, "src/index.ts"), platform: "neutral", external: [/^node:/] });
  await build.write({ file: library, format: "esm", codeSplitting: false });
  await build.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const NET = `
  const { manualSeed, nn, optim, randn } = await import(process.argv[1]);
  manualSeed(1);
  function make(kind, inputs, hidden, batch, steps) {
    const rnn = new nn[kind](inputs, hidden, { batchFirst: true });
    const out = new nn.Linear(hidden, 1);
    const optimizer = new optim.Adam([...rnn.parameters(), ...out.parameters()]);
    const loss = new nn.MSELoss();
    const x = randn([batch, steps, inputs]);
    const y = randn([batch, 1]);
    const forward = () => loss.forward(out.forward(rnn.forward(x)[0].select(1, -1)), y);
    const train = () => {
      const error = forward();
      optimizer.zeroGrad();
      error.backward();
      optimizer.step();
    };
    return { forward, train };
  }
`;

interface Memory {
  /** The most ever resident in the first fifth of the run, in bytes. */
  early: number;
  /** The most ever. */
  most: number;
}

/** Runs `what` (made of `make(…)`) so many times, with a JavaScript heap of 64 MB, and looks at the memory a hundred times. */
function run(what: string, times: number): Memory {
  const program = `${NET}
    const body = ${what};
    let early = 0;
    let most = 0;
    for (let i = 0; i < ${times}; i++) {
      body();
      if (i % ${Math.ceil(times / 100)} === 0) most = Math.max(most, process.memoryUsage.rss());
      if (i === ${Math.floor(times / 5)}) early = most;
    }
    console.log(JSON.stringify({ early, most }));`;
  return printedBy(program, "--max-old-space-size=64") as Memory;
}

/** What a program prints as JSON, in a process of its own that is told where the library is. */
function printedBy(program: string, ...options: string[]): unknown {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...options, "--input-type=module", "-e", program, library],
    { cwd: root, encoding: "utf8" },
  );
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** Whether malloc is glibc's, and the system gives pages of 2 MB to those who ask. */
function hasLargePages(): boolean {
  const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
  const setting = "/sys/kernel/mm/transparent_hugepage/enabled";
  return glibcVersionRuntime !== undefined && existsSync(setting) && !readFileSync(setting, "utf8").includes("[never]");
}

describe("memory is flat", () => {
  it("over 100,000 training steps", { timeout: 60_000 }, () => {
    const { early, most } = run(`make("LSTM", 1, 4, 2, 3).train`, 100_000);
    expect(most).toBeLessThan(200 * MB);
    expect(most - early).toBeLessThan(16 * MB);
  });

  it("over 10,000 forwards with gradients on and no backward", { timeout: 60_000 }, () => {
    const { early, most } = run(`make("RNN", 1, 50, 32, 10).forward`, 10_000);
    expect(most).toBeLessThan(300 * MB);
    expect(most - early).toBeLessThan(32 * MB);
  });

  // The reference would need minutes for it.
  it.skipIf(!hasNative)("and LSTM(1, 100) on 450 × 40 trains in less than 300 MB", { timeout: 60_000 }, () => {
    expect(run(`make("LSTM", 1, 100, 450, 40).train`, 20).most).toBeLessThan(300 * MB);
  });
});

// Of 4 KB it would take 4,700 pages.
it.skipIf(!hasNative || !hasLargePages())("the first outputs of a process lie in large pages", () => {
  const program = `
    const { zeros } = await import(process.argv[1]);
    const x = zeros([80_000]);
    const faults = () => process.resourceUsage().minorPageFault;
    const before = faults();
    const outputs = Array.from({ length: 60 }, () => x.add(1));
    console.log(JSON.stringify({ faults: faults() - before, outputs: outputs.length }));`;
  const { faults, outputs } = printedBy(program) as { faults: number; outputs: number };
  expect(outputs).toBe(60);
  expect(faults).toBeLessThan(1000);
});
