/**
 * Whole jobs as processes, from start to exit, as a person waits for them: the library's start-up, the data, training, the last loss. And
 * what importing the library costs: a program that does nothing else, less one that does nothing.
 *
 *   npm run bench:jobs                    a table
 *   npm run bench:jobs -- --json          one object on standard output, and nothing else
 *   PYTHON=python3 npm run bench:jobs     with PyTorch and NumPy in turn
 *
 * noisy-sine: the tutorial's 500 steps of an RNN(1, 50) on windows of 50, batches of 32. windows: LSTM(1, 100) on all of 450 windows of 40,
 * 80 epochs. Both sides make the same numbers, and print who they are and the same last loss.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";
import { machine, machineLine, median, pinned, rounded } from "./machine.mjs";

const RUNS = 7;
const IMPORTS = 21;
const here = import.meta.dirname;
const about = machine();
const library = await bundle();
const python = process.env.PYTHON;

/** A process on one core: → { ms, printed } */
function run(...command) {
  const [file, ...args] = pinned(1, command);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return { ms, printed: stdout.trim() };
}

const sides = [(job) => run(process.execPath, join(here, "refrain-job.mjs"), library, job)];
if (python) sides.push((job) => run(python, join(here, "torch_job.py"), job));

const jobs = [];
const peers = [];
for (const name of ["noisy-sine", "windows"]) {
  const seconds = sides.map(() => []);
  const losses = [];
  for (let i = 0; i < RUNS; i++) {
    for (const [side, start] of sides.entries()) {
      const { ms, printed } = start(name);
      seconds[side].push(ms / 1000);
      [peers[side], losses[side]] = printed.split("\n");
    }
  }
  const [refrain, peer] = seconds.map(median);
  jobs.push({
    ...{ name, refrainS: rounded(refrain), peerS: rounded(peer), ratio: rounded(peer / refrain) },
    ...{ refrainLoss: Number(losses[0]), peerLoss: python ? Number(losses[1]) : null },
  });
}

/** Programs to compare, as files: what is given on the command line takes another way through Node. */
function program(name, text) {
  const file = join(dirname(library), name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const empty = program("empty.mjs", "");
const importing = program("import.mjs", `import ${JSON.stringify(pathToFileURL(library).href)};\n`);
const differences = Array.from({ length: IMPORTS }, () => {
  const without = run(process.execPath, empty).ms;
  return run(process.execPath, importing).ms - without;
});

const report = { machine: about, peers, jobs, importMs: rounded(median(differences)) };

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} else {
  console.log(machineLine(report.machine));
  console.log(peers.join("; "));
  for (const { name, refrainS, peerS, ratio, refrainLoss, peerLoss } of jobs) {
    const beside = peerS === null ? "" : `   PyTorch ${peerS.toFixed(2)} s (${peerLoss})   ratio ${ratio}`;
    console.log(`${name.padEnd(12)} ${refrainS.toFixed(2)} s (last loss ${refrainLoss})${beside}`);
  }
  console.log(`importing the library: ${report.importMs} ms`);
}
