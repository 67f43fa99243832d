/**
 * Whole jobs as processes, from start to exit, as a person waits for them: the library's start-up, the data, training, the last loss.
 *
 *   npm run bench:jobs
 *   PYTHON=python3 npm run bench:jobs    with PyTorch in turn
 *
 * noisy sine: 500 steps of an RNN(1, 64) on windows of 10, batches of 8. windows: LSTM(1, 100) on all of 450 windows of 40, 80 epochs.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";

const RUNS = 5;
const here = import.meta.dirname;
const library = await bundle();
const python = process.env.PYTHON;

const peers = [["refrain", (job) => [process.execPath, [join(here, "refrain-job.mjs"), library, job]]]];
if (python) peers.push(["PyTorch", (job) => [python, [join(here, "torch_job.py"), job]]]);

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

for (const job of ["noisy-sine", "windows"]) {
  const seconds = peers.map(() => []);
  const losses = [];
  for (let run = 0; run < RUNS; run++) {
    for (const [i, [, commandFor]] of peers.entries()) {
      const started = performance.now();
      const { status, stdout, stderr } = spawnSync(...commandFor(job), { encoding: "utf8" });
      seconds[i].push((performance.now() - started) / 1000);
      if (status !== 0) throw new Error(`${commandFor(job).flat().join(" ")}: ${stderr}`);
      losses[i] = stdout.trim();
    }
  }
  const cells = peers.map(([name], i) => `${name} ${median(seconds[i]).toFixed(2)} s (last loss ${losses[i]})`);
  console.log(`${job.padEnd(12)} ${cells.join("   ")}`);
}
