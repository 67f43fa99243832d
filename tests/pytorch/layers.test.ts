/** Layers and activations give PyTorch's numbers, from PyTorch's seeds, and print as PyTorch prints. */

import { type DType, manualSeed, nn, randn, type Tensor, tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { casesOf, expectRecorded, type Recorded } from "./recorded.ts";

interface LayerCase {
  line: string;
  seed: number;
  dtype: DType;
  type: string;
  args: unknown[];
  options: Record<string, unknown>;
  shapes: number[][] | null;
  indices: number[] | null;
  passes: ("train" | "eval")[];
  text: string;
  initial: Record<string, Recorded>;
  outputs: Recorded[];
  inputGradients: Recorded[][];
  gradients: Record<string, Recorded>;
  final: Record<string, Recorded>;
}

interface ActivationCase {
  line: string;
  seed: number;
  dtype: DType;
  type: string;
  function: string | null;
  args: unknown[];
  points: Recorded;
  text: string;
  output: Recorded;
  gradient: Recorded;
  weightGradients: Record<string, Recorded>;
}

type Layer = nn.Module & { forward(...x: Tensor[]): Tensor };
const classes = nn as unknown as Record<string, new (...args: unknown[]) => Layer>;
const functions = nn.functional as unknown as Record<string, (x: Tensor, ...settings: unknown[]) => Tensor>;

/** Draws a gradient for y, and sends it back. */
const sendBack = (y: Tensor): void =>
  y
    .mul(randn(y.shape, { dtype: y.dtype }))
    .sum()
    .backward();

function expectState(module: nn.Module, recorded: Record<string, Recorded>): void {
  const state = module.stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(recorded));
  for (const [key, value] of Object.entries(recorded)) expectRecorded(key, state[key], value);
}

/** Uniform draws are PyTorch's to the bit; normal ones, to which an embedding starts, to the last bit but one. */
function expectSameDraws(module: nn.Module, recorded: Record<string, Recorded>): void {
  expectState(module, recorded);
  if (module instanceof nn.Embedding) return;
  for (const [key, value] of Object.entries(module.stateDict())) {
    expect(Array.from(value.toTypedArray(), Number), key).toEqual(
      recorded[key].values.map(value.dtype === "float32" ? Math.fround : (x) => x),
    );
  }
}

describe("a layer starts, computes and differentiates as PyTorch's", () => {
  for (const layer of casesOf<LayerCase>("layers/layers")) {
    it(`${layer.line}, ${layer.dtype}`, () => {
      manualSeed(layer.seed);
      const dtype = ["Identity", "Flatten", "Unflatten"].includes(layer.type) ? {} : { dtype: layer.dtype };
      const options = { ...layer.options, ...dtype };
      const module = new classes[layer.type](...layer.args, ...(Object.keys(options).length > 0 ? [options] : []));
      expect(String(module)).toBe(layer.text);
      expectSameDraws(module, layer.initial);
      layer.passes.forEach((mode, pass) => {
        module.train(mode === "train");
        const inputs =
          layer.indices !== null
            ? [tensor(layer.indices, { dtype: "int64" })]
            : (layer.shapes ?? []).map((shape) => randn(shape, { dtype: layer.dtype, requiresGrad: true }));
        const y = module.forward(...inputs);
        sendBack(y);
        expectRecorded(`output of pass ${pass}`, y, layer.outputs[pass]);
        layer.inputGradients[pass].forEach((gradient, i) => {
          expectRecorded(`gradient of input ${i} in pass ${pass}`, inputs[i].grad, gradient);
        });
      });
      expect([...module.namedParameters()].map(([name]) => name)).toEqual(Object.keys(layer.gradients));
      for (const [name, parameter] of module.namedParameters()) {
        expectRecorded(`gradient of ${name}`, parameter.grad, layer.gradients[name]);
      }
      expectState(module, layer.final);
    });
  }
});

describe("an activation computes and differentiates as PyTorch's, at its kinks too", () => {
  for (const a of casesOf<ActivationCase>("layers/activations")) {
    it(`${a.line}, ${a.dtype}`, () => {
      const module = new classes[a.type](...a.args).to(a.dtype);
      expect(String(module)).toBe(a.text);
      const input = () => tensor(a.points.values, { dtype: a.dtype, shape: a.points.shape, requiresGrad: true });
      manualSeed(a.seed);
      const x = input();
      const y = module.forward(x);
      sendBack(y);
      expectRecorded("output", y, a.output);
      expectRecorded("gradient", x.grad, a.gradient);
      for (const [name, parameter] of module.namedParameters()) {
        expectRecorded(`gradient of ${name}`, parameter.grad, a.weightGradients[name]);
      }
      if (a.function === null) return;
      const byFunction = functions[a.function](input(), ...a.args);
      expect(byFunction.toArray()).toEqual(y.toArray());
    });
  }

  it("NaN passes through, and infinite values have finite gradients where PyTorch's are", () => {
    for (const name of ["leakyRelu", "elu", "selu", "celu", "softplus", "hardtanh", "hardsigmoid", "hardswish"]) {
      const x = tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], { requiresGrad: true });
      const y = functions[name](x);
      expect(y.toArray(), name).toEqual([Number.NaN, expect.anything(), expect.anything()]);
      y.sum().backward();
      expect(x.grad?.slice(0, 1).isfinite().all().item(), name).toBe(1);
    }
  });
});

describe("inplace", () => {
  for (const { type, args, text } of casesOf<{ type: string; args: unknown[]; text: string }>("layers/inplace")) {
    it(`${text} is taken and printed, and leaves x as it is`, () => {
      const module = new classes[type](...args);
      expect(String(module)).toBe(text);
      const x = tensor([-1, 2], { requiresGrad: true });
      module.forward(x).sum().backward();
      expect(x.toArray()).toEqual([-1, 2]);
      expect(x.grad).not.toBeNull();
    });
  }
});

describe("the settings of activations", () => {
  it("come in order or by name", () => {
    expect(String(new nn.LeakyReLU({ negativeSlope: 0.2, inplace: true }))).toBe(
      "LeakyReLU(negative_slope=0.2, inplace=True)",
    );
    expect(String(new nn.Softmax({ dim: 1 }))).toBe("Softmax(dim=1)");
    expect(String(new nn.Dropout({ p: 0.2 }))).toBe("Dropout(p=0.2, inplace=False)");
    expect(new nn.Hardtanh({ maxVal: 2 }).forward(tensor([-3, 3])).toArray()).toEqual([-1, 2]);
  });

  it("are never passed over", () => {
    expect(() => new nn.LeakyReLU({ negative_slope: 0.2 } as object)).toThrow("did you mean negativeSlope?");
    expect(() => new nn.Sigmoid(1)).toThrow("Sigmoid: takes no settings, got 1 of them");
    expect(() => new nn.Tanh({ inplace: true })).toThrow("Tanh: takes no settings");
    expect(() => new nn.ReLU(0.2)).toThrow("ReLU: inplace must be true or false, got number");
    expect(() => new nn.Dropout(0.2, true as never)).toThrow("options must be an object such as { inplace: … }");
  });
});

describe("what PyTorch refuses is refused, and the cure is named", () => {
  const x = randn([4, 3]);
  const refused: [string, () => unknown, RegExp][] = [
    ["an index out of range", () => new nn.Embedding(3, 2).forward(tensor([3], { dtype: "int64" })), /index 3 .* 3/],
    ["indices that are floats", () => new nn.Embedding(3, 2).forward(tensor([1])), /int64.*x\.to\("int64"\)/],
    ["a padding index out of range", () => new nn.Embedding(3, 2, { paddingIdx: 3 }), /paddingIdx/],
    ["a misspelt option", () => new nn.Embedding(3, 2, { padingIdx: 1 } as object), /did you mean paddingIdx/],
    ["a negative length", () => new nn.Embedding(3, 2, { maxNorm: -1 }), /maxNorm must be a number ≥ 0/],
    ["sizes by name", () => new nn.Embedding({ numEmbeddings: 3 } as never, 2), /numEmbeddings comes by position/],
    [
      "all of a layer by name",
      () => new nn.LSTM({ inputSize: 1, hiddenSize: 5 } as never, undefined as never),
      /LSTM: inputSize must be a whole number ≥ 1, got an object with inputSize, hiddenSize; inputSize comes by position, options last: new LSTM\(inputSize, …, \{ … \}\)/,
    ],
    ["another last axis", () => new nn.LayerNorm(4).forward(x), /must end with \[4\].*\[4, 3\]/],
    ["another number of channels", () => new nn.BatchNorm1d(4).forward(x), /\[N, 4\].*\[4, 3\]/],
    ["one value for a channel", () => new nn.BatchNorm1d(3).forward(randn([1, 3])), /more than one value.*eval\(\)/],
    ["channels that do not divide", () => new nn.Conv1d(3, 4, 2, { groups: 2 }), /inChannels \(3\)/],
    ["same padding with a stride", () => new nn.Conv1d(3, 4, 2, { padding: "same", stride: 2 }), /stride 1/],
    ["a window longer than its input", () => new nn.Conv1d(4, 1, 5).forward(x), /window of 5/],
    ["time before channels", () => new nn.Conv1d(4, 1, 2).forward(randn([2, 9, 4])), /channels come before time/],
    ["a mirror longer than its input", () => nn.functional.pad(x, [3, 0], { mode: "reflect" }), /at most 2/],
    ["bilinear inputs of other sizes", () => new nn.Bilinear(3, 2, 1).forward(x, x), /x2 \[\.\.\., 2\]/],
    ["no axis for softmax", () => new (nn.Softmax as unknown as new () => nn.Module)(), /dim must be a number/],
    ["an unknown gelu", () => nn.functional.gelu(x, "erf" as "tanh"), /"none" or "tanh"/],
    ["a slope for other channels", () => new nn.PReLU(2).forward(x), /\[3\]/],
  ];
  for (const [what, act, message] of refused) it(what, () => expect(act).toThrow(message));
});

describe("embeddings", () => {
  it("of given vectors are these vectors, frozen unless asked otherwise", () => {
    const vectors = randn([3, 2]);
    const frozen = nn.Embedding.fromPretrained(vectors);
    expect(frozen.weight.requiresGrad).toBe(false);
    expect(frozen.forward(tensor([2, 0], { dtype: "int64" })).toArray()).toEqual([
      vectors.select(0, 2).toArray(),
      vectors.select(0, 0).toArray(),
    ]);
    expect(nn.Embedding.fromPretrained(vectors, { freeze: false }).weight.requiresGrad).toBe(true);
    expect(String(nn.Embedding.fromPretrained(vectors, { paddingIdx: 1 }))).toBe("Embedding(3, 2, padding_idx=1)");
  });

  it("of given vectors draw nothing from the stream", () => {
    const vectors = randn([3, 2]);
    manualSeed(5);
    nn.Embedding.fromPretrained(vectors);
    const after = randn([2]).toArray();
    manualSeed(5);
    expect(randn([2]).toArray()).toEqual(after);
  });
});
