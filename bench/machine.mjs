/** The machine as a report names it, and processes held to some of its cores, so that both sides of a comparison have the same. */
import { spawnSync } from "node:child_process";
import { cpus, loadavg } from "node:os";

export const canPin = spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;

/** A command line held to the first `threads` cores, where there is `taskset`. */
export const pinned = (threads, command) =>
  canPin ? ["taskset", "-c", threads === 1 ? "0" : `0-${threads - 1}`, ...command] : command;

export const machine = () => ({
  processor: cpus()[0].model.trim(),
  cores: cpus().length,
  node: process.version,
  pinned: canPin,
  load: rounded(loadavg()[0]),
});

export const machineLine = ({ processor, cores, node, pinned, load }) =>
  `${processor}, ${cores} cores, Node ${node}, load ${load}${pinned ? "; pinned" : ""}`;

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Four digits, or null where there is no number. */
export const rounded = (value) => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);
