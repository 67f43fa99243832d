/** One whole job with Refrain: `node refrain-job.mjs <library> noisy-sine|windows`. Prints the last loss. */
import { pathToFileURL } from "node:url";

const [library, job] = process.argv.slice(2);
const { manualSeed, nn, optim, tensor } = await import(pathToFileURL(library).href);

manualSeed(0);

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

/** Windows of a noisy sine, [count, steps, 1], and the value after each, [count, 1]. */
function windows(first, count, steps) {
  const at = (i) => Math.sin((2 * Math.PI * i) / 50) + 0.05 * Math.sin(12.9898 * i) * Math.cos(78.233 * i);
  const x = Array.from({ length: count }, (_, n) => Array.from({ length: steps }, (_, t) => [at(first + n + t)]));
  const y = Array.from({ length: count }, (_, n) => [at(first + n + steps)]);
  return [tensor(x), tensor(y)];
}

const isNoisySine = job === "noisy-sine";
const net = isNoisySine ? new Net("RNN", 64) : new Net("LSTM", 100);
const optimizer = new optim.Adam(net.parameters());
const loss = new nn.MSELoss();
const all = windows(0, 450, 40);
let last = 0;
for (let step = 0; step < (isNoisySine ? 500 : 80); step++) {
  const [x, y] = isNoisySine ? windows((step * 8) % 400, 8, 10) : all;
  const error = loss.forward(net.forward(x), y);
  optimizer.zeroGrad();
  error.backward();
  optimizer.step();
  last = error.item();
}
console.log(last.toFixed(5));
