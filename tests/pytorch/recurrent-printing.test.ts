import { nn, type Tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { casesOf } from "./recorded.ts";

class Net extends nn.Module {
  rnn = new nn.LSTM(1, 50, { batchFirst: true });
  head = new nn.Sequential(new nn.Linear(50, 20), new nn.Tanh(), new nn.Dropout(0.2), new nn.Linear(20, 1));
  override forward(x: Tensor): Tensor {
    return this.head.forward(this.rnn.forward(x)[0]);
  }
}

class Deep extends nn.Module {
  nets = new nn.ModuleList([new Net(), new Net()]);
  cells = new nn.ModuleList([new nn.GRUCell(2, 3), new nn.GRUCell(2, 3), new nn.GRUCell(3, 3)]);
  last = new nn.Linear(1, 1, { bias: false });
  override forward(x: Tensor): Tensor {
    return this.last.forward(x);
  }
}

class Empty extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

const { RNN, LSTM, GRU, RNNCell, LSTMCell, GRUCell, Sequential, ModuleList, Linear, Tanh } = nn;
const square = () => new Linear(2, 2);

/** For each line of the fixture the same in TypeScript. */
const SAME: Record<string, () => nn.Module> = {
  "nn.RNN(3, 5)": () => new RNN(3, 5),
  "nn.RNN(3, 5, nonlinearity='relu')": () => new RNN(3, 5, { nonlinearity: "relu" }),
  "nn.RNN(3, 5, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True)": () =>
    new RNN(3, 5, { numLayers: 2, bias: false, batchFirst: true, dropout: 0.5, bidirectional: true }),
  "nn.LSTM(3, 5)": () => new LSTM(3, 5),
  "nn.LSTM(3, 5, proj_size=2)": () => new LSTM(3, 5, { projSize: 2 }),
  "nn.LSTM(3, 5, num_layers=3, bias=False, batch_first=True, dropout=0.25, bidirectional=True, proj_size=4)": () =>
    new LSTM(3, 5, { numLayers: 3, bias: false, batchFirst: true, dropout: 0.25, bidirectional: true, projSize: 4 }),
  "nn.LSTM(3, 5, num_layers=2, dropout=1)": () => new LSTM(3, 5, { numLayers: 2, dropout: 1 }),
  "nn.GRU(3, 5)": () => new GRU(3, 5),
  "nn.GRU(3, 5, num_layers=2, bidirectional=True)": () => new GRU(3, 5, { numLayers: 2, bidirectional: true }),
  "nn.GRU(3, 5, 2, False, True, 0.1, True)": () =>
    new GRU(3, 5, { numLayers: 2, bias: false, batchFirst: true, dropout: 0.1, bidirectional: true }),
  "nn.RNNCell(3, 5)": () => new RNNCell(3, 5),
  "nn.RNNCell(3, 5, nonlinearity='relu')": () => new RNNCell(3, 5, { nonlinearity: "relu" }),
  "nn.RNNCell(3, 5, bias=False)": () => new RNNCell(3, 5, { bias: false }),
  "nn.RNNCell(3, 5, bias=False, nonlinearity='relu')": () => new RNNCell(3, 5, { bias: false, nonlinearity: "relu" }),
  "nn.LSTMCell(3, 5)": () => new LSTMCell(3, 5),
  "nn.LSTMCell(3, 5, bias=False)": () => new LSTMCell(3, 5, { bias: false }),
  "nn.GRUCell(3, 5)": () => new GRUCell(3, 5),
  "nn.GRUCell(3, 5, bias=False)": () => new GRUCell(3, 5, { bias: false }),
  "nn.Sequential()": () => new Sequential(),
  "nn.ModuleList()": () => new ModuleList(),
  "Empty()": () => new Empty(),
  "nn.Sequential(nn.Linear(1, 2))": () => new Sequential(new Linear(1, 2)),
  "Net()": () => new Net(),
  "Deep()": () => new Deep(),
  "nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))": () => new Sequential(square(), square()),
  "nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))": () =>
    new Sequential(square(), square(), new Tanh(), square()),
  "nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)])": () =>
    new ModuleList([square(), square(), square()]),
  "nn.ModuleList([nn.Linear(2, 2), nn.Tanh(), nn.Tanh()])": () =>
    new ModuleList<nn.Module>([square(), new Tanh(), new Tanh()]),
  "nn.ModuleList([nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))])":
    () => new ModuleList([new Sequential(square(), square()), new Sequential(square(), square())]),
};

describe("a module prints as PyTorch prints it", () => {
  it.each(casesOf<{ line: string; text: string }>("recurrent/printing").map(({ line, text }) => [line, text]))(
    "%s",
    (line, text) => {
      expect(String(SAME[line]())).toBe(text);
    },
  );
});
