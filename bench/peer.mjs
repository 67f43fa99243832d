/** The sides of a comparison: processes that time their own steps when they are asked, in turn. `refrain-peer.mjs` says what is asked. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { median, pinned } from "./machine.mjs";

const SAMPLES = 7;
/** With several threads: those of PyTorch spin for up to 200 ms after a step, on a core that the other side would be timed on. */
export const REST_MS = 300;
/** Long beside the 20 ms or so in which a side finds its data gone from the caches, since the other has worked. */
const SAMPLE_MS = 200;

/** A process that answers each line with a line. */
export class Peer {
  #child;
  #lines;

  constructor(command, args, environment, threads) {
    const [file, ...rest] = pinned(threads, [command, ...args]);
    this.#child = spawn(file, rest, {
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("a process of the benchmark has ended early; its own message is above");
    return JSON.parse(value);
  }

  end() {
    this.#child.stdin.end();
  }
}

/**
 * The peers in turn on one workload: → for each of them { train, forward } in ms, of the kinds that are asked for.
 * `rest` are the ms before each sample in which nobody works: threads of the side before may look for more work all the while. A step
 * that is not counted then wakes threads and fills caches.
 */
export async function measure(peers, workload, { kinds = ["train", "forward"], samples = SAMPLES, rest = 0 } = {}) {
  for (const peer of peers) peer.name = (await peer.ask({ workload })).backend;
  const medians = peers.map(() => ({}));
  for (const kind of kinds) {
    const repeats = [];
    for (const peer of peers) {
      const { ms } = await peer.ask({ kind, repeats: 1 });
      repeats.push(Math.max(1, Math.round(SAMPLE_MS / ms)));
    }
    const times = peers.map(() => []);
    for (let sample = 0; sample < samples; sample++) {
      for (const [i, peer] of peers.entries()) {
        if (rest > 0) {
          await setTimeout(rest);
          await peer.ask({ kind, repeats: 1 });
        }
        times[i].push((await peer.ask({ kind, repeats: repeats[i] })).ms);
      }
    }
    for (const [i, each] of times.entries()) medians[i][kind] = median(each);
  }
  return medians;
}
