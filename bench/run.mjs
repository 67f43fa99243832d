/**
 * How fast the nine workloads are, through the public API.
 *
 *   npm run bench                     a table
 *   npm run bench -- --json           one object on standard output, and nothing else
 *   PYTHON=python3 npm run bench      with PyTorch beside it, in turn: A B A B
 *   npm run bench -- --only h100      the workloads whose names contain this
 *   npm run bench -- --quick          one thread only
 *   npm run bench -- --isa avx2       both sides held to AVX2
 *   npm run bench -- --peer-keeps-memory  PyTorch with glibc told not to hand freed memory back to the system
 *
 * Each side is a process of its own, both pinned to the same cores where there is `taskset`, and only one of them runs at a time. A figure is
 * the median of at least 7 samples after warm-up; a sample is the mean of as many steps as take some 200 ms.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";
import { machine, machineLine, rounded } from "./machine.mjs";
import { measure, Peer, REST_MS } from "./peer.mjs";

const here = import.meta.dirname;
const json = process.argv.includes("--json");
const quick = process.argv.includes("--quick");
const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const isa = option("--isa");
const peerKeepsMemory = process.argv.includes("--peer-keeps-memory");
const only = option("--only") ?? "";
const python = process.env.PYTHON;
const note = (text) => process.stderr.write(`${text}\n`);

/**
 * PyTorch takes the states of a large pass from the system at each step and hands them back. What that costs hangs on the machine more than on
 * the arithmetic: a tenth of a step on one, three quarters on another. By environment variables of glibc, in bytes.
 */
const KEEPING_MEMORY = { MALLOC_MMAP_THRESHOLD_: String(2 ** 32), MALLOC_TRIM_THRESHOLD_: String(2 ** 34) };

const about = machine();
const library = await bundle();

function refrain(threads, backendName, cores = threads) {
  const environment = { REFRAIN_THREADS: String(threads), REFRAIN_BACKEND: backendName };
  if (isa !== undefined) environment.REFRAIN_ISA = isa;
  return new Peer(process.execPath, [join(here, "refrain-peer.mjs"), library], environment, cores);
}

function torch(threads) {
  const environment = { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
  if (isa === "avx2") {
    Object.assign(environment, {
      ATEN_CPU_CAPABILITY: "avx2",
      ONEDNN_MAX_CPU_ISA: "AVX2",
      MKL_ENABLE_INSTRUCTIONS: "AVX2",
    });
  }
  if (peerKeepsMemory) Object.assign(environment, KEEPING_MEMORY);
  return new Peer(python, [join(here, "torch_peer.py"), String(threads)], environment, threads);
}

/** Whether a backend can be used here, asked of a process of its own. */
function isAvailable(backendName) {
  const program = `import(${JSON.stringify(library)}).then(({ backend }) => backend())`;
  const environment = { ...process.env, REFRAIN_BACKEND: backendName };
  return spawnSync(process.execPath, ["-e", program], { env: environment, stdio: "ignore" }).status === 0;
}

const workloads = JSON.parse(readFileSync(join(here, "workloads.json"), "utf8")).filter(({ name }) =>
  name.includes(only),
);
if (workloads.length === 0) {
  note(`bench: --only "${only}" is in no workload's name; they are in bench/workloads.json`);
  process.exit(2);
}
const configurations = [{ backend: "native", threads: 1 }];
if (!quick) {
  if (cpus().length > 1) configurations.push({ backend: "native", threads: 2 });
  if (isAvailable("wasm")) configurations.push({ backend: "wasm", threads: 1 });
}

/** For each configuration the results of all workloads: [{ train, forward }, peer's or undefined]. */
const measured = new Map();
const names = new Set();
for (const { backend, threads } of configurations) {
  const peers = [refrain(threads, backend)];
  if (python) peers.push(torch(threads));
  const rows = [];
  for (const workload of workloads) {
    note(`${backend}, ${threads} thread${threads === 1 ? "" : "s"}: ${workload.name}`);
    rows.push(await measure(peers, workload, { rest: threads > 1 ? REST_MS : 0 }));
  }
  for (const peer of peers) {
    names.add(peerKeepsMemory && peer !== peers[0] ? `${peer.name}, memory kept` : peer.name);
    peer.end();
  }
  measured.set(`${backend} ${threads}`, rows);
}

/**
 * A second thread against one, on the same two cores, for the workloads that have work for both. They rest, so that each has a step that is
 * not counted in which its threads wake up.
 */
const scaling = [];
if (configurations.some(({ threads }) => threads > 1)) {
  const peers = [refrain(1, "native", 2), refrain(2, "native")];
  for (const workload of workloads.filter(({ hidden, batch }) => hidden >= 100 && batch >= 64)) {
    note(`native, two threads against one: ${workload.name}`);
    const [one, two] = await measure(peers, workload, { kinds: ["train"], rest: REST_MS });
    scaling.push({
      ...{ name: workload.name, oneMs: rounded(one.train), twoMs: rounded(two.train) },
      ratio: rounded(one.train / two.train),
    });
  }
  for (const peer of peers) peer.end();
}

const kindOf = (workload) => (workload.inference ? "forward" : "train");
const [mainRows] = measured.values();
const table = workloads.map((workload, i) => {
  const [own, peer] = mainRows[i].map((times) => times[kindOf(workload)]);
  return {
    name: workload.name,
    refrainMs: rounded(own),
    peerMs: rounded(peer),
    ratio: rounded(peer / own),
  };
});
const ratios = table.filter((_, i) => !workloads[i].inference).map(({ ratio }) => ratio);
const geometricMean = ratios.includes(null)
  ? null
  : rounded(Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length));

const report = {
  machine: about,
  peers: [...names],
  workloads: table,
  geometricMean,
  more: {
    ...Object.fromEntries(
      [...measured].map(([configuration, rows]) => [
        configuration,
        workloads.map(({ name }, i) => {
          const [own, peer] = rows[i];
          const of = (kind) => ({
            refrainMs: rounded(own[kind]),
            peerMs: rounded(peer?.[kind]),
            ratio: rounded(peer?.[kind] / own[kind]),
          });
          return { name, train: of("train"), forward: of("forward") };
        }),
      ]),
    ),
    scaling,
  },
};

if (json) {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} else {
  console.log(machineLine(report.machine));
  console.log(report.peers.join("; "));
  const cell = (value, width) => String(value ?? "–").padStart(width);
  for (const configuration of measured.keys()) {
    const rows = report.more[configuration];
    console.log(`\n${configuration} thread${configuration.endsWith(" 1") ? "" : "s"}: ms`);
    console.log(
      `${"".padEnd(32)}${cell("train", 10)}${cell("peer", 10)}${cell("ratio", 8)}${cell("forward", 12)}${cell("peer", 10)}${cell("ratio", 8)}`,
    );
    for (const { name, train, forward } of rows) {
      console.log(
        `${name.padEnd(32)}${cell(train.refrainMs, 10)}${cell(train.peerMs, 10)}${cell(train.ratio, 8)}` +
          `${cell(forward.refrainMs, 12)}${cell(forward.peerMs, 10)}${cell(forward.ratio, 8)}`,
      );
    }
  }
  if (scaling.length > 0) {
    console.log(`\n${"a second thread, native: ms".padEnd(32)}${cell("one", 10)}${cell("two", 10)}${cell("ratio", 8)}`);
    for (const { name, oneMs, twoMs, ratio } of scaling)
      console.log(`${name.padEnd(32)}${cell(oneMs, 10)}${cell(twoMs, 10)}${cell(ratio, 8)}`);
  }
  if (geometricMean !== null)
    console.log(`\ngeometric mean of the training rows, native, one thread: ${geometricMean}`);
}
