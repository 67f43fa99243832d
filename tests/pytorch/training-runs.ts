/** The runs of `tools/fixtures/training-runs.py`, line by line in TypeScript; each yields the loss of every step. */

import { readFileSync } from "node:fs";
import { linspace, manualSeed, NumpyRandom, nn, optim, randn, type Tensor, tensor } from "refrain";
import { DataLoader, readTable, TensorDataset } from "refrain/data";

type Run = Generator<number, void, undefined>;

/** float64 series [N] → float32 windows [N − length, length], each of which has a next value. */
const windows = (values: Float64Array, length: number): Tensor =>
  tensor(values)
    .float()
    .unfold(0, length, 1)
    .slice(0, 0, values.length - length);

const column = (values: Float64Array, start: number, count: number): Tensor =>
  tensor(values.slice(start, start + count))
    .float()
    .unsqueeze(1);

const mse = new nn.MSELoss();

/** One step of an optimiser. @returns the loss before it */
function step(optimizer: optim.SGD | optim.Adam, loss: Tensor): number {
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss.item();
}

export function* noisySine(): Run {
  const numpy = new NumpyRandom(1);
  const noise = numpy.normal(0, 0.1, 500);
  const time = linspace(0, 10 * Math.PI, 500, { dtype: "float64" }).toTypedArray() as Float64Array;
  const ys = time.map((t, i) => Math.sin(t) + noise[i]);
  const xs = windows(ys, 50).slice(0, 0, 359).unsqueeze(-1);
  const targets = column(ys, 50, 359);
  const perm = tensor([...numpy.permutation(359)], { dtype: "int64" });
  manualSeed(1);
  const rnn = new nn.RNN(1, 50, { batchFirst: true });
  const head = new nn.Linear(50, 1);
  const adam = new optim.Adam([...rnn.parameters(), ...head.parameters()]);
  for (let i = 0; i < 500; i++) {
    const start = (32 * i) % 359;
    const batch = perm.slice(0, start, start + 32);
    const [y] = rnn.forward(xs.indexSelect(0, batch));
    yield step(adam, mse.forward(head.forward(y.select(1, -1)), targets.indexSelect(0, batch)));
  }
}

export function* sineLstm(): Run {
  const ys = Float64Array.from({ length: 500 }, (_, i) => Math.sin((2 * Math.PI * i) / 50));
  const xs = windows(ys, 40).slice(0, 0, 450).transpose(0, 1).unsqueeze(-1); // [40, 450, 1]
  const targets = column(ys, 40, 450);
  manualSeed(1);
  const lstm = new nn.LSTM(1, 100);
  const head = new nn.Linear(100, 1);
  const net = new nn.ModuleList<nn.Module>([lstm, head]);
  net.apply((module) => {
    if (module instanceof nn.Linear) nn.init.xavierUniform_(module.weight);
  });
  const adam = new optim.Adam(net.parameters(), { lr: 1e-3 });
  for (let epoch = 0; epoch < 80; epoch++) {
    const [y] = lstm.forward(xs);
    yield step(adam, mse.forward(head.forward(y.select(0, -1)), targets));
  }
}

/** Prices and volumes that no exchange has seen: open, high, low, volume, close in 220 rows. */
function syntheticPrices(): number[][] {
  const numpy = new NumpyRandom(7);
  let sum = 0;
  const close = numpy.normal(0, 0.012, 220).map((change) => {
    sum += change;
    return 100 * Math.exp(sum);
  });
  const open = numpy.normal(0, 0.004, 220).map((gap, i) => close[i] * (1 + gap));
  const high = numpy.normal(0, 0.004, 220).map((up, i) => Math.max(open[i], close[i]) * (1 + Math.abs(up)));
  const low = numpy.normal(0, 0.004, 220).map((down, i) => Math.min(open[i], close[i]) * (1 - Math.abs(down)));
  const volume = numpy.normal(13, 0.3, 220).map(Math.exp);
  return Array.from(close, (_, i) => [open[i], high[i], low[i], volume[i], close[i]]);
}

export function* stockWindow(): Run {
  const rows = syntheticPrices();
  const all = tensor(rows, { dtype: "float64" });
  const low = all.amin({ dim: 0 });
  const scaled = all
    .sub(low)
    .div(all.amax({ dim: 0 }).sub(low))
    .float();
  const train = Math.floor(0.7 * (rows.length - 7));
  const xs = scaled.unfold(0, 7, 1).slice(0, 0, train).transpose(1, 2); // [train, 7, 5]
  const targets = scaled.slice(0, 7, 7 + train).slice(1, -1);
  manualSeed(0);
  const lstm = new nn.LSTM(5, 10, { batchFirst: true });
  const head = new nn.Linear(10, 1);
  const adam = new optim.Adam([...lstm.parameters(), ...head.parameters()], { lr: 0.01 });
  for (let epoch = 0; epoch < 500; epoch++) {
    const [y] = lstm.forward(xs);
    yield step(adam, mse.forward(head.forward(y.select(1, -1)), targets));
  }
}

export function* learningASine(): Run {
  manualSeed(1);
  const ys = linspace(-2 * Math.PI, 2 * Math.PI, 50)
    .sin()
    .add(randn([50]).mul(0.3));
  const xs = ys.unfold(0, 10, 1).slice(0, 0, 40).unsqueeze(-1);
  const targets = ys.slice(0, 10).unsqueeze(-1);
  const loader = new DataLoader(new TensorDataset(xs, targets), { batchSize: 8, shuffle: true });
  const rnn = new nn.RNN(1, 64, { batchFirst: true });
  const head = new nn.Linear(64, 1);
  const sgd = new optim.SGD([...rnn.parameters(), ...head.parameters()], { lr: 0.01 });
  for (let epoch = 0; epoch < 200; epoch++) {
    for (const [x, target] of loader) {
      const [y] = rnn.forward(x);
      yield step(sgd, mse.forward(head.forward(y.select(1, -1)), target));
    }
  }
}

export function* sineToCosine(): Run {
  manualSeed(1);
  const lstm = new nn.LSTM(1, 20);
  const head = new nn.Linear(20, 1);
  const time = linspace(0, 2 * Math.PI, 10);
  const x = time.sin().reshape(10, 1, 1);
  const target = time.cos().reshape(10, 1, 1);
  let state = new nn.LSTMState(randn([1, 1, 20]), randn([1, 1, 20]));
  const sgd = new optim.SGD([...lstm.parameters(), ...head.parameters()], { lr: 0.001 });
  for (let i = 0; i < 100; i++) {
    const [y, next] = lstm.forward(x, state.detach());
    state = next;
    yield step(sgd, mse.forward(head.forward(y), target));
  }
}

export function* nikkeiGru(): Run {
  const file = new URL("../../apps/cli/data/dax_in_nikkei_format.csv", import.meta.url);
  const closes = Float64Array.from(readTable(readFileSync(file)).column("終値").values);
  const known = closes.slice(0, Math.floor(0.7 * closes.length));
  const low = Math.min(...known);
  const high = Math.max(...known);
  const scaled = known.map((price) => (price - low) / (high - low));
  const xs = windows(scaled, 6).unsqueeze(-1);
  const targets = column(scaled, 6, scaled.length - 6);
  manualSeed(1);
  const gru = new nn.GRU(1, 100, { batchFirst: true });
  const head = new nn.Linear(100, 1);
  const adam = new optim.Adam([...gru.parameters(), ...head.parameters()], { lr: 0.01 });
  const loader = new DataLoader(new TensorDataset(xs, targets), { batchSize: 32, shuffle: true });
  for (let epoch = 0; epoch < 50; epoch++) {
    for (const [x, target] of loader) {
      const [y] = gru.forward(x);
      yield step(adam, mse.forward(head.forward(y.select(1, -1)), target));
    }
  }
}
