/** One whole job with Refrain: `node refrain-job.mjs <library> noisy-sine|windows`. Prints the backend and the last loss. */
import { pathToFileURL } from "node:url";

const [library, job] = process.argv.slice(2);
const { backend, linspace, manualSeed, NumpyRandom, nn, optim, tensor } = await import(pathToFileURL(library).href);

class Net extends nn.Module {
  constructor(layer, hidden) {
    super();
    this.rnn = new nn[layer](1, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, 1);
  }

  forward(x) {
    const [y] = this.rnn.forward(x);
    return this.out.forward(y.select(1, -1));
  }
}

/** The windows of `steps` values that start at `starts`, [B, T, 1], and the value after each, [B, 1]. */
function windowsAt(values, starts, steps) {
  const x = starts.map((i) => values.slice(i, i + steps));
  const y = starts.map((i) => values[i + steps]);
  return [tensor(x).unsqueeze(2), tensor(y).unsqueeze(1)];
}

/** The tutorial's lesson. → batches by step */
function noisySine() {
  const random = new NumpyRandom(1);
  const xs = linspace(0, 10 * Math.PI, 500, { dtype: "float64" }).toTypedArray();
  const noise = random.normal(0, 0.1, 500);
  const ys = Array.from(xs, (x, i) => Math.sin(x) + noise[i]);
  const order = random.permutation(359);
  return (step) => {
    const start = (32 * step) % 359;
    return windowsAt(ys, Array.from(order.subarray(start, start + 32)), 50);
  };
}

/** All windows of a sine at once, every epoch. */
function sineWindows() {
  const values = Array.from({ length: 490 }, (_, i) => Math.sin((2 * Math.PI * i) / 50));
  const starts = Array.from({ length: 450 }, (_, i) => i);
  const all = windowsAt(values, starts, 40);
  return () => all;
}

const [layer, hidden, steps, batches] =
  job === "noisy-sine" ? ["RNN", 50, 500, noisySine()] : ["LSTM", 100, 80, sineWindows()];
manualSeed(1);
const net = new Net(layer, hidden);
const optimizer = new optim.Adam(net.parameters());
const loss = new nn.MSELoss();
let last = 0;
for (let step = 0; step < steps; step++) {
  const [x, y] = batches(step);
  const error = loss.forward(net.forward(x), y);
  optimizer.zeroGrad();
  error.backward();
  optimizer.step();
  last = error.item();
}
console.log(backend().describe());
console.log(last.toPrecision(6));
