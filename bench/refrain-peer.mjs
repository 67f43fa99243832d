/**
 * Times one workload after another with Refrain, as it is asked to on standard input: a line of JSON for each request, one for each answer.
 *
 *   { workload }        makes the net, and trains it until the times settle
 *   { kind, repeats }   → { ms }: one step of that kind, the mean of so many
 *
 * Everything goes through the public API. `bench/torch_peer.py` is the same for PyTorch.
 */
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { backend, manualSeed, nn, noGrad, optim, randn } = await import(pathToFileURL(process.argv[2]).href);

class Net extends nn.Module {
  constructor({ layer, inputs, hidden, outputs }) {
    super();
    this.rnn = new nn[layer](inputs, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, outputs);
  }

  forward(x) {
    const [y] = this.rnn.forward(x);
    return this.out.forward(y.select(1, -1));
  }
}

function stepsOf(workload) {
  manualSeed(0);
  const net = new Net(workload);
  const optimizer = new optim.Adam(net.parameters());
  const loss = new nn.MSELoss();
  const x = randn([workload.batch, workload.steps, workload.inputs]);
  const y = randn([workload.batch, workload.outputs]);
  return {
    train() {
      const error = loss.forward(net.forward(x), y);
      optimizer.zeroGrad();
      error.backward();
      optimizer.step();
    },
    forward() {
      noGrad(() => net.forward(x));
    },
  };
}

function time(step, repeats) {
  const started = performance.now();
  for (let i = 0; i < repeats; i++) step();
  return (performance.now() - started) / repeats;
}

const WARM_UP_MS = 3000;
let steps;
for await (const line of createInterface({ input: process.stdin })) {
  const { workload, kind, repeats } = JSON.parse(line);
  let answer;
  if (workload) {
    steps = stepsOf(workload);
    const started = performance.now();
    for (let i = 0; i < 3 || performance.now() - started < WARM_UP_MS; i++) {
      steps.train();
      steps.forward();
    }
    answer = { backend: backend().describe() };
  } else {
    answer = { ms: time(steps[kind], repeats) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
