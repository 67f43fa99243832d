/**
 * Times the steps of a peer as it is asked to on standard input: a line of JSON for each request, one for each answer.
 *
 *   { workload }        → { backend }: makes the net, and trains it until the times settle
 *   { kind, repeats }   → { ms }: one step of that kind, the mean of so many
 */
import { createInterface } from "node:readline";

const WARM_UP_MS = 3000;

/**
 * @param stepsOf the workload's steps by kind, `{ train, forward }`; any of them may return a promise
 * @param describe the name of what computes
 */
export async function answer(stepsOf, describe) {
  let steps;
  for await (const line of createInterface({ input: process.stdin })) {
    const { workload, kind, repeats } = JSON.parse(line);
    let reply;
    if (workload) {
      steps = await stepsOf(workload);
      const started = performance.now();
      for (let i = 0; i < 3 || performance.now() - started < WARM_UP_MS; i++) {
        for (const step of Object.values(steps)) await step();
      }
      reply = { backend: describe() };
    } else {
      reply = { ms: await time(steps[kind], repeats) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

async function time(step, repeats) {
  const started = performance.now();
  for (let i = 0; i < repeats; i++) {
    const pending = step();
    if (pending instanceof Promise) await pending;
  }
  return (performance.now() - started) / repeats;
}
