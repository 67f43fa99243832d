/** An LSTM learns to tell the next value of a noisy sine from the twenty before it: in a browser tab as in Node. */

import { manualSeed, nn, optim, randn, type Tensor, tensor } from "refrain";

const INPUT_STEPS = 20;
const SAMPLES = 256;

class Net extends nn.Module {
  rnn = new nn.LSTM(1, 50, { batchFirst: true });
  out = new nn.Linear(50, 1);

  // [B, T, 1] → [B, 1]
  forward(x: Tensor): Tensor {
    const [y] = this.rnn.forward(x);
    return this.out.forward(y.select(1, -1));
  }
}

/** Trains for a number of steps, and yields the loss of each. */
export function* train(steps: number): Generator<number> {
  manualSeed(1);
  const noise = randn([SAMPLES + INPUT_STEPS]).toArray() as number[];
  const series = noise.map((e, t) => Math.sin(t / 5) + 0.1 * e);
  const x = tensor(Array.from({ length: SAMPLES }, (_, i) => series.slice(i, i + INPUT_STEPS))).unsqueeze(2);
  const y = tensor(series.slice(INPUT_STEPS)).unsqueeze(1);

  const net = new Net();
  const criterion = new nn.MSELoss();
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
  for (let step = 0; step < steps; step++) {
    optimizer.zeroGrad();
    const loss = criterion.forward(net.forward(x), y);
    loss.backward();
    optimizer.step();
    yield loss.item();
  }
}
