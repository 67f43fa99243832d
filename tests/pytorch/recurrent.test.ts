import { manualSeed, nn, type Tensor } from "refrain";
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

  it("stay as they are when flattened", () => {
    const lstm = new nn.LSTM(3, 5, options);
    const before = lstm.parameters().map((weight) => weight.toArray());
    expect(lstm.flattenParameters()).toBeUndefined();
    expect(lstm.parameters().map((weight) => weight.toArray())).toEqual(before);
  });
});
