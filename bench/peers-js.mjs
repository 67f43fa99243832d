/**
 * The training steps of JavaScript's other libraries beside Refrain's on WASM, in turn.
 *
 *   npm install --prefix <folder> @tensorflow/tfjs@4 @tensorflow/tfjs-backend-wasm@4 @jax-js/jax
 *   JS_PEERS=<folder> npm run bench:js                   a table
 *   JS_PEERS=<folder> npm run bench:js -- --json         one object on standard output, and nothing else
 *   JS_PEERS=<folder> npm run bench:js -- --only h100    the workloads whose names contain this
 *   JS_PEERS=<folder> npm run bench:js -- --peer jax     the libraries whose names contain this
 *   JS_PEERS=<folder> npm run bench:js -- --threads 2    each side on two cores, of which it uses what it can; without this, on one
 *   JS_PEERS=<folder> npm run bench:js -- --isa relaxed  Refrain with relaxed SIMD; without this, with simd128
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";
import { machine, machineLine, rounded } from "./machine.mjs";
import { measure, Peer, REST_MS } from "./peer.mjs";

const SAMPLES = 5;
/** Those that the targets are about, and one small one. */
const NAMES = ["RNN i1 h50 B32 T50", "LSTM i1 h100 B450 T40", "LSTM i5 h10 B505 T7", "LSTM i28 h400 B128 T14"];

const folder = process.env.JS_PEERS;
if (!folder) throw new Error("JS_PEERS must name the folder in which the other libraries are installed");
const here = import.meta.dirname;
const about = machine();
const library = await bundle();
const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? "" : process.argv[at + 1];
};
const threads = Number(option("--threads") || 1);
const instructionSet = option("--isa") || "simd128";
const json = process.argv.includes("--json");

const start = (program, args, environment = {}) =>
  new Peer(process.execPath, [join(here, program), ...args], environment, threads);
const OTHERS = {
  "jax-js": () => start("jax-peer.mjs", [folder]),
  "TensorFlow.js WASM": () => start("tfjs-peer.mjs", [folder, "wasm"]),
  "TensorFlow.js CPU": () => start("tfjs-peer.mjs", [folder, "cpu"]),
};

const workloads = JSON.parse(readFileSync(join(here, "workloads.json"), "utf8")).filter(
  ({ name }) => NAMES.includes(name) && name.includes(option("--only")),
);
const others = Object.entries(OTHERS).filter(([name]) => name.includes(option("--peer")));
const peers = new Set();
const rows = [];
for (const workload of workloads) {
  for (const [name, startOther] of others) {
    process.stderr.write(`${workload.name}: ${name}\n`);
    const both = [
      start("refrain-peer.mjs", [library, instructionSet], { REFRAIN_THREADS: String(threads) }),
      startOther(),
    ];
    const rest = threads > 1 ? REST_MS : 0;
    const [own, other] = await measure(both, workload, { kinds: ["train"], samples: SAMPLES, rest });
    for (const peer of both) {
      peers.add(peer.name);
      peer.end();
    }
    rows.push({
      ...{ name: workload.name, peer: name, refrainMs: rounded(own.train), peerMs: rounded(other.train) },
      ratio: rounded(other.train / own.train),
    });
  }
}

const report = { machine: about, peers: [...peers], threads, workloads: rows };
if (json) {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} else {
  console.log(machineLine(report.machine));
  console.log(report.peers.join("; "));
  console.log(
    `${`training step, ${threads} ${threads === 1 ? "core" : "cores"}, ms`.padEnd(32)}${"".padEnd(22)}${"Refrain".padStart(10)}${"peer".padStart(10)}${"ratio".padStart(8)}`,
  );
  for (const { name, peer, refrainMs, peerMs, ratio } of rows) {
    console.log(
      `${name.padEnd(32)}${peer.padEnd(22)}${[
        [refrainMs, 10],
        [peerMs, 10],
        [ratio, 8],
      ]
        .map(([value, width]) => String(value).padStart(width))
        .join("")}`,
    );
  }
}
