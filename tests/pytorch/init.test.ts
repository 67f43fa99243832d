/** Initial values are PyTorch's, draw for draw: uniform ones to the bit. */

import { readFileSync } from "node:fs";
import { type DType, Generator, manualSeed, nn, rand, type Tensor, zeros } from "refrain";
import { describe, expect, it } from "vitest";
import { expectRecorded, type Recorded } from "./recorded.ts";

interface InitCase {
  line: string;
  seed: number;
  function: string;
  shape: number[];
  dtype: DType;
  args: number[];
  options: Record<string, unknown>;
  result: Recorded;
  /** The next float32 uniform of the stream. */
  after: number;
}

const path = new URL("../fixtures/init/init.json", import.meta.url);
const { gains, cases } = JSON.parse(readFileSync(path, "utf8")) as {
  gains: Record<nn.init.Nonlinearity, number>;
  cases: InitCase[];
};
const functions = nn.init as unknown as Record<string, (x: Tensor, ...args: unknown[]) => Tensor>;

/** No logarithm, sine or product of the draws is in these. */
const isExact = (name: string): boolean =>
  /[uU]niform_$/.test(name) || ["constant_", "ones_", "zeros_", "eye_", "dirac_"].includes(name);

describe("the same values from the same seed", () => {
  for (const c of cases) {
    it(c.line, () => {
      manualSeed(c.seed);
      const x = zeros(c.shape, { dtype: c.dtype });
      const options = Object.keys(c.options).length > 0 ? [c.options] : [];
      expect(functions[c.function](x, ...c.args, ...options)).toBe(x);
      expectRecorded("values", x, c.result);
      if (isExact(c.function)) {
        const rounded = c.result.values.map(c.dtype === "float32" ? Math.fround : (value) => value);
        expect(Array.from(x.toTypedArray(), Number)).toEqual(rounded);
      }
      expect(rand([1]).item()).toBe(Math.fround(c.after));
    });
  }
});

describe("gains", () => {
  it("are PyTorch's", () => {
    for (const [name, gain] of Object.entries(gains)) {
      expect(nn.init.calculateGain(name as nn.init.Nonlinearity), name).toBeCloseTo(gain, 14);
    }
    expect(nn.init.calculateGain("leakyRelu", 0.2)).toBeCloseTo(Math.sqrt(2 / 1.04), 14);
  });
});

describe("laws", () => {
  it("an orthogonal matrix times its transpose is the identity", () => {
    for (const shape of [
      [7, 3],
      [3, 7],
    ]) {
      const x = nn.init.orthogonal_(zeros(shape, { dtype: "float64" }));
      const gram = shape[0] > shape[1] ? x.t().matmul(x) : x.matmul(x.t());
      const off = gram.sub(nn.init.eye_(zeros([3, 3], { dtype: "float64" })));
      expect(off.abs().max().item()).toBeLessThan(1e-14);
    }
  });

  it("a Dirac convolution hands its input on", () => {
    const conv = new nn.Conv1d(3, 3, 3, { padding: 1, bias: false });
    nn.init.dirac_(conv.weight);
    const x = rand([2, 3, 5]);
    expect(conv.forward(x).toArray()).toEqual(x.toArray());
  });

  it("both forget biases add up to the value, in every layer and direction, and nothing else changes", () => {
    const lstm = new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true });
    const before = Object.entries(lstm.stateDict()).map(([key, value]) => [key, value.clone()] as const);
    expect(nn.init.forgetGateBias_(lstm, 1.5)).toBe(lstm);
    for (const [key, old] of before) {
      const now = lstm.getParameter(key);
      if (!key.startsWith("bias")) {
        expect(now.toArray(), key).toEqual(old.toArray());
        continue;
      }
      expect(now.slice(0, 3, 6).toArray(), key).toEqual(new Array(3).fill(key.startsWith("bias_ih") ? 1.5 : 0));
      expect(now.slice(0, 0, 3).toArray(), key).toEqual(old.slice(0, 0, 3).toArray());
      expect(now.slice(0, 6).toArray(), key).toEqual(old.slice(0, 6).toArray());
    }
  });

  it("a generator of one's own leaves the common stream alone", () => {
    manualSeed(3);
    const expected = rand([1]).item();
    manualSeed(3);
    for (const draw of [nn.init.xavierNormal_, nn.init.orthogonal_]) draw(zeros([3, 3]), 1, new Generator(1));
    nn.init.kaimingUniform_(zeros([3, 3]), { generator: new Generator(1) });
    expect(rand([1]).item()).toBe(expected);
  });
});

describe("refused, with the reason", () => {
  const refused: [string, () => unknown, RegExp][] = [
    ["a bias as a weight", () => nn.init.xavierUniform_(zeros([3])), /two axes, got \[3\]/],
    ["an unknown nonlinearity", () => nn.init.calculateGain("swish" as "relu"), /swish/],
    ["an unknown mode", () => nn.init.kaimingNormal_(zeros([2, 2]), { mode: "fan_in" as "fanIn" }), /fanIn or fanOut/],
    ["bounds in the wrong order", () => nn.init.truncNormal_(zeros([3]), 0, 1, 2, -2), /low < high/],
    ["an identity that is no matrix", () => nn.init.eye_(zeros([2, 2, 2])), /a matrix/],
    ["a sparsity above 1", () => nn.init.sparse_(zeros([2, 2]), 1.2), /0 … 1/],
    ["a Dirac of a matrix", () => nn.init.dirac_(zeros([2, 2])), /Conv1d/],
    ["forget gates of a GRU", () => nn.init.forgetGateBias_(new nn.GRU(1, 2)), /no LSTM/],
    ["forget gates without biases", () => nn.init.forgetGateBias_(new nn.LSTM(1, 2, { bias: false })), /no biases/],
  ];
  for (const [what, act, message] of refused) it(what, () => expect(act).toThrow(message));
});
