import { manualSeed, nn, type Tensor, zeros } from "refrain";
import { describe, expect, it } from "vitest";
import { casesOf } from "./recorded.ts";
import {
  type CellName,
  drawInputs,
  expectGradients,
  expectOutputs,
  makeLayer,
  optionsOf,
  type RecurrentCase,
  sendBack,
  titleOf,
} from "./recurrent-case.ts";

describe("from the same seed a layer gives PyTorch's outputs, final states and gradients", () => {
  it.each(casesOf<RecurrentCase>("recurrent/layers").map((example) => [titleOf(example), example] as const))(
    "%s",
    (_, example) => {
      const layer = makeLayer(example);
      const inputs = drawInputs(example);
      const [x, h0, c0] = inputs;
      const outputs = runLayer(layer, x, h0, c0);
      sendBack(outputs);
      expectOutputs(outputs, example);
      expectGradients(layer, inputs, example);
    },
  );
});

function runLayer(layer: nn.RNN | nn.LSTM | nn.GRU, x: Tensor, h0?: Tensor, c0?: Tensor): Tensor[] {
  if (layer instanceof nn.LSTM) {
    const [output, { h, c }] = layer.forward(x, h0 === undefined || c0 === undefined ? null : [h0, c0]);
    return [output, h, c];
  }
  return layer.forward(x, h0);
}

describe("from the same seed a cell gives PyTorch's new state and gradients", () => {
  it.each(casesOf<RecurrentCase>("recurrent/cells").map((example) => [titleOf(example), example] as const))(
    "%s",
    (_, example) => {
      manualSeed(example.seed);
      const cell = new nn[example.kind as CellName](example.inputSize, example.hiddenSize, optionsOf(example));
      const inputs = drawInputs(example);
      const [x, h, c] = inputs;
      const outputs: Tensor[] =
        cell instanceof nn.LSTMCell ? [...cell.forward(x, h === undefined ? null : [h, c])] : [cell.forward(x, h)];
      sendBack(outputs);
      expectOutputs(outputs, example);
      expectGradients(cell, inputs, example);
    },
  );
});

describe("a layer's weights", () => {
  const options = { numLayers: 2, bidirectional: true, projSize: 2 };

  it("are listed by layer and direction in the order of the state dict", () => {
    const lstm = new nn.LSTM(3, 5, options);
    const parameters = lstm.parameters();
    expect(lstm.allWeights.flat().every((weight, i) => weight === parameters[i])).toBe(true);
    expect(lstm.allWeights.map((list) => list.length)).toEqual([5, 5, 5, 5]);
    expect(Object.keys(lstm.stateDict()).slice(0, 5)).toEqual([
      "weight_ih_l0",
      "weight_hh_l0",
      "bias_ih_l0",
      "bias_hh_l0",
      "weight_hr_l0",
    ]);
  });

  it("are made for as many directions and outputs as it says", () => {
    expect([new nn.LSTM(3, 5, options).directions, new nn.LSTM(3, 5).directions]).toEqual([2, 1]);
    expect([new nn.LSTM(3, 5, { projSize: 2 }).outputSize, new nn.GRU(3, 5).outputSize]).toEqual([2, 5]);
    expect(new nn.GRU(3, 5)).toBeInstanceOf(nn.Recurrent);
  });

  it("stay as they are when flattened", () => {
    const lstm = new nn.LSTM(3, 5, options);
    const before = lstm.parameters().map((weight) => weight.toArray());
    expect(lstm.flattenParameters()).toBeUndefined();
    expect(lstm.parameters().map((weight) => weight.toArray())).toEqual(before);
  });
});

describe("what PyTorch rejects is rejected, with axes and cure", () => {
  const lstm = new nn.LSTM(5, 4, { numLayers: 2, batchFirst: true });
  const gru = new nn.GRU(1, 4, { bidirectional: true });
  const x = zeros([3, 7, 5]);
  const h = zeros([2, 3, 4]);

  it.each([
    [
      "another number of features",
      () => lstm.forward(zeros([3, 7, 6])),
      /\[B, T, 5\] \(inputSize is 5\).*got \[3, 7, 6\]/,
    ],
    ["axes in another order", () => lstm.forward(zeros([5, 3, 7])), /permute/],
    ["an axis too many", () => lstm.forward(zeros([3, 7, 1, 5])), /did you mean x\.squeeze\(2\)\?/],
    ["a series without features", () => gru.forward(zeros([7, 3])), /did you mean x\.unsqueeze\(-1\)\?/],
    ["another dtype", () => lstm.forward(x.double()), /x is float64.*x\.to\("float32"\)/],
    ["no steps", () => lstm.forward(zeros([3, 0, 5])), /no steps.*\[3, 0, 5\]/],
    [
      "a state of another batch",
      () => lstm.forward(x, [zeros([2, 4, 4]), h]),
      /h0 must be \[2, 3, 4\].*got \[2, 4, 4\]/,
    ],
    [
      "a state batch-first",
      () => lstm.forward(x, [h, zeros([3, 2, 4])]),
      /c0.*never batch-first.*c0\.transpose\(0, 1\)/,
    ],
    ["a state of another dtype", () => lstm.forward(x, [h.double(), h]), /h0 is float64/],
    [
      "a batched state for a sequence alone",
      () => lstm.forward(zeros([7, 5]), [h, h]),
      /h0 must be \[2, 4\] \(layers, features\)/,
    ],
    ["half a state", () => lstm.forward(x, h as never), /both h and c/],
    ["a direction's state missing", () => gru.forward(zeros([7, 3, 1]), zeros([1, 3, 4])), /directions · layers/],
    [
      "a length beyond the padding",
      () => gru.forward(zeros([7, 2, 1]), null, { lengths: [7, 8] }),
      /lengths\[1\].*7 steps/,
    ],
    ["a length of 0", () => gru.forward(zeros([7, 2, 1]), null, { lengths: [7, 0] }), /lengths\[1\].*got 0/],
    ["no hidden features", () => new nn.RNN(1, 0), /hiddenSize must be a whole number ≥ 1, got 0/],
    ["no layers", () => new nn.RNN(1, 2, { numLayers: 0 }), /numLayers must be a whole number ≥ 1/],
    ["a dropout above 1", () => new nn.GRU(1, 2, { dropout: 1.5 }), /dropout must be a probability.*1\.5/],
    ["a nonlinearity that is none", () => new nn.RNN(1, 2, { nonlinearity: "sin" as "tanh" }), /"tanh" or "relu"/],
    [
      "a projection as large as h",
      () => new nn.LSTM(1, 4, { projSize: 4 }),
      /projSize must be smaller than hiddenSize \(4\)/,
    ],
    ["a projection of a GRU", () => new nn.GRU(1, 4, { projSize: 2 } as never), /no option projSize/],
    ["a misspelt option", () => new nn.LSTM(1, 4, { batch_first: true } as never), /did you mean batchFirst\?/],
    [
      "a cell's input of other features",
      () => new nn.GRUCell(5, 4).forward(zeros([3, 6])),
      /\[B, 5\] or \[5\].*got \[3, 6\]/,
    ],
    [
      "a cell's state of another batch",
      () => new nn.GRUCell(5, 4).forward(zeros([3, 5]), zeros([2, 4])),
      /state must be \[3, 4\]/,
    ],
    [
      "a cell's state of another dtype",
      () => new nn.GRUCell(5, 4).forward(zeros([3, 5]), zeros([3, 4]).double()),
      /float64/,
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});
