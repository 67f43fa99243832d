import { manualSeed, nn, randn, type Tensor, tensor, zeros } from "refrain";
import { describe, expect, it } from "vitest";
import { FLOAT64_OF_MAXIMUM } from "../tolerances.ts";

const float64 = { dtype: "float64" } as const;
const [T, B, I, H] = [6, 4, 3, 5];
const lengths = [2, 6, 1, 4];

/** The largest difference as a share of the largest value. */
function apart(x: Tensor, y: Tensor): number {
  expect(x.shape).toEqual(y.shape);
  return x.sub(y).abs().amax().item() / y.abs().amax().item();
}

const expectSame = (x: Tensor, y: Tensor) => expect(apart(x, y)).toBeLessThanOrEqual(FLOAT64_OF_MAXIMUM);

/** A bidirectional layer, and a cell with the weights of each direction. */
const PAIRS = [
  ["RNN", "RNNCell", {}],
  ["RNN", "RNNCell", { nonlinearity: "relu" }],
  ["LSTM", "LSTMCell", {}],
  ["GRU", "GRUCell", {}],
  ["GRU", "GRUCell", { bias: false }],
] as const;

describe("a layer computes what its cell computes step by step", () => {
  const both = PAIRS.flatMap((pair) => [null, lengths].map((steps) => [...pair, steps] as const));
  it.each(both)("%s and %s, %o, lengths %o", (kind, cellKind, options, steps) => {
    manualSeed(1);
    const layer: nn.Recurrent = new nn[kind](I, H, { ...options, ...float64, bidirectional: true, batchFirst: true });
    const x = randn([B, T, I], { ...float64, requiresGrad: true });
    const sequence = steps === null ? {} : { lengths: steps };
    const [h0, c0] = [randn([2, B, H], float64), randn([2, B, H], float64)];
    const [output, state] = layer.forward(x, layer instanceof nn.LSTM ? [h0, c0] : h0, sequence);
    output.sum().backward();
    const gradient = x.grad as Tensor;
    x.grad = null;

    const byDirection = [false, true].map((reverse, d) => {
      const cell = new nn[cellKind](I, H, { ...options, ...float64 });
      const suffix = reverse ? "_l0_reverse" : "_l0";
      const own = layer.stateDict();
      cell.loadStateDict(Object.fromEntries(Object.keys(cell.stateDict()).map((name) => [name, own[name + suffix]])));
      const scanOptions = { batchFirst: true, reverse, ...sequence };
      if (cell instanceof nn.LSTMCell) {
        const [y, last] = nn.scan(cell, x, new nn.LSTMState(h0.select(0, d), c0.select(0, d)), scanOptions);
        expectSame(last.h, (state as nn.LSTMState).h.select(0, d));
        expectSame(last.c, (state as nn.LSTMState).c.select(0, d));
        return y;
      }
      const [y, last] = nn.scan<Tensor>(cell, x, h0.select(0, d), scanOptions);
      expectSame(last, (state as Tensor).select(0, d));
      return y;
    });
    byDirection.forEach((y, d) => {
      expectSame(y, output.slice(2, d * H, (d + 1) * H));
    });
    byDirection[0].sum().add(byDirection[1].sum()).backward();
    expectSame(x.grad as unknown as Tensor, gradient);
  });
});

describe("scan", () => {
  const x = () => {
    manualSeed(2);
    return randn([T, B, I], float64);
  };
  const counting = (input: Tensor, [sum, steps]: readonly [Tensor, { n: Tensor }]) => {
    const next = [sum.add(input), { n: steps.n.add(1) }] as const;
    return [next[0].mul(2), next] as const;
  };
  const nothing = [zeros([B, I], float64), { n: zeros([B, 1], float64) }] as const;

  it("carries any nesting of tensors, and takes an output beside the state", () => {
    const series = x();
    const [output, [sum, { n }]] = nn.scan(counting, series, nothing);
    expectSame(output, series.cumsum(0).mul(2));
    expectSame(sum, series.sum({ dim: 0 }));
    expect(n.toArray()).toEqual([[T], [T], [T], [T]]);
  });

  it("stops every part of the state at each sequence's own end, and gives zeros beyond it", () => {
    const [output, [, { n }]] = nn.scan(counting, x(), nothing, { lengths });
    expect(n.toArray()).toEqual(lengths.map((length) => [length]));
    output.unbind(1).forEach((sequence, b) => {
      sequence.unbind(0).forEach((row, t) => {
        expect(row.abs().sum().item() > 0).toBe(t < lengths[b]);
      });
    });
  });

  it("in reverse is the reversed sequence forward, reversed", () => {
    const series = x();
    const [output] = nn.scan(counting, series, nothing, { reverse: true });
    const [turned] = nn.scan(counting, series.flip(0), nothing);
    expect(output.toArray()).toEqual(turned.flip(0).toArray());
  });

  it("in two halves with the state carried is the whole", () => {
    const gru = new nn.GRUCell(I, H, float64);
    const series = x();
    const [whole, last] = nn.scan<Tensor>(gru, series, null);
    const [first, middle] = nn.scan<Tensor>(gru, series.slice(0, 0, 2), null);
    const [second, end] = nn.scan<Tensor>(gru, series.slice(0, 2), middle);
    expectSame(first, whole.slice(0, 0, 2));
    expectSame(second, whole.slice(0, 2));
    expectSame(end, last);
  });

  it("gives no padding a gradient", () => {
    const series = x().requiresGrad_();
    nn.scan<Tensor>(new nn.GRUCell(I, H, float64), series, null, { lengths, reverse: true })[0]
      .sum()
      .backward();
    (series.grad!.toArray() as number[][][]).forEach((step, t) => {
      step.forEach((row, b) => {
        expect(row.some((value) => value !== 0)).toBe(t < lengths[b]);
      });
    });
  });

  const addTo = (input: Tensor, state: Tensor) => state.add(input);
  it.each([
    ["no steps", () => nn.scan(addTo, zeros([0, 2]), zeros([2])), /at least one step, got \[0, 2\]/],
    [
      "a length beyond the padding",
      () => nn.scan(addTo, zeros([3, 2]), zeros([2]), { lengths: [1, 4] }),
      /lengths\[1\]/,
    ],
    ["another number of lengths", () => nn.scan(addTo, zeros([3, 2]), zeros([2]), { lengths: [1] }), /1 lengths.*of 2/],
    ["a state without an output", () => nn.scan(() => ({ c: zeros([2]) }), zeros([3, 2]), null), /no h/],
    ["a list that is no pair", () => nn.scan(() => [zeros([2])] as never, zeros([3, 2]), null), /list of 1/],
    [
      "a misspelt option",
      () => nn.scan(addTo, zeros([3, 2]), zeros([2]), { batch_first: true } as never),
      /batchFirst\?/,
    ],
  ])("refuses %s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe("the extended layers", () => {
  const kinds = ["RNN", "LSTM", "GRU"] as const;
  const everything = { numLayers: 2, bidirectional: true, batchFirst: true, dropout: 0.3, ...float64 };
  const outputsOf = (layer: nn.Recurrent, x: Tensor, steps: number[] | null): Tensor[] => {
    const [y, state] = layer.forward(x, null, steps === null ? {} : { lengths: steps });
    return state instanceof nn.LSTMState ? [y, state.h, state.c] : [y, state];
  };

  it.each(kinds.flatMap((kind) => [null, lengths].map((steps) => [kind, steps] as const)))(
    "without extensions are %s, from the same seed in training too, lengths %o",
    (kind, steps) => {
      const [expected, own] = [nn[kind], nn[`Extended${kind}`]].map((Layer) => {
        manualSeed(3);
        const layer = new Layer(I, H, everything);
        return outputsOf(layer, randn([B, T, I], float64), steps);
      });
      own.forEach((tensor, i) => {
        expectSame(tensor, expected[i]);
      });
    },
  );

  it("take a projection and a packed batch as LSTM does", () => {
    const [expected, own] = [nn.LSTM, nn.ExtendedLSTM].map((Layer) => {
      manualSeed(4);
      const lstm = new Layer(I, H, { projSize: 2, ...float64 });
      const packed = nn.packPaddedSequence(randn([T, B, I], float64), lengths, { enforceSorted: false });
      const [y, { h, c }] = lstm.forward(packed, [randn([1, B, 2], float64), randn([1, B, H], float64)]);
      return [y.data, h, c];
    });
    own.forEach((tensor, i) => {
      expectSame(tensor, expected[i]);
    });
  });

  it("exchange state dicts with the plain layers, and add only scales and shifts", () => {
    const lstm = new nn.ExtendedLSTM(I, H, { layerNorm: true, bidirectional: true });
    const { missingKeys, unexpectedKeys } = lstm.loadStateDict(new nn.LSTM(I, H, { bidirectional: true }).stateDict(), {
      strict: false,
    });
    expect(unexpectedKeys).toEqual([]);
    const added = ["norm_ih", "norm_hh", "norm_c", "norm_c_bias"];
    expect(missingKeys).toEqual([...added.map((name) => `${name}_l0`), ...added.map((name) => `${name}_l0_reverse`)]);
    expect(lstm.stateDict().norm_ih_l0.toArray()).toEqual(new Array(4 * H).fill(1));
    expect(lstm.stateDict().norm_c_bias_l0.toArray()).toEqual(new Array(H).fill(0));
  });

  it("draw the plain layer's initial values again when reset, and scales of 1", () => {
    manualSeed(5);
    const gru = new nn.ExtendedGRU(I, H, { layerNorm: true });
    const before = gru.parameters().map((parameter) => parameter.toArray());
    nn.init.zeros_(gru.stateDict().norm_hh_l0);
    manualSeed(5);
    gru.resetParameters();
    expect(gru.parameters().map((parameter) => parameter.toArray())).toEqual(before);
  });

  /** Layer normalisation written out from the paper for one step of an LSTM: everything from the state dict. */
  it("normalise as Ba, Kiros & Hinton write it", () => {
    manualSeed(6);
    const lstm = new nn.ExtendedLSTM(I, H, { layerNorm: true, ...float64 });
    const own = lstm.stateDict();
    for (const name of ["norm_ih_l0", "norm_hh_l0", "norm_c_l0", "norm_c_bias_l0"]) nn.init.uniform_(own[name], 0.5, 2);
    const numbers = (t: Tensor) => t.toArray() as number[];
    const rows = (t: Tensor) => t.toArray() as number[][];
    const LN = (v: number[], scale: number[], shift: number[]) => {
      const mean = v.reduce((a, b) => a + b) / v.length;
      const variance = v.reduce((sum, value) => sum + (value - mean) ** 2, 0) / v.length;
      return v.map((value, i) => (scale[i] * (value - mean)) / Math.sqrt(variance + 1e-5) + shift[i]);
    };
    const times = (weight: number[][], v: number[]) => weight.map((row) => row.reduce((s, w, i) => s + w * v[i], 0));
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    const x = randn([1, 1, I], float64);
    const [h0, c0] = [randn([1, 1, H], float64), randn([1, 1, H], float64)];
    const a = LN(
      times(rows(own.weight_ih_l0), numbers(x.reshape(-1))),
      numbers(own.norm_ih_l0),
      numbers(own.bias_ih_l0),
    );
    const u = LN(
      times(rows(own.weight_hh_l0), numbers(h0.reshape(-1))),
      numbers(own.norm_hh_l0),
      numbers(own.bias_hh_l0),
    );
    const gate = (k: number, j: number) => a[k * H + j] + u[k * H + j];
    const c = numbers(c0.reshape(-1)).map(
      (memory, j) => sigmoid(gate(1, j)) * memory + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)),
    );
    const shown = LN(c, numbers(own.norm_c_l0), numbers(own.norm_c_bias_l0));
    const h = shown.map((memory, j) => sigmoid(gate(3, j)) * Math.tanh(memory));
    const [y, state] = lstm.forward(x, [h0, c0]);
    expectSame(y.reshape(-1), tensor(h, float64));
    expectSame(state.c.reshape(-1), tensor(c, float64));
  });

  it.each(kinds)("train every scale and shift of an Extended%s", (kind) => {
    manualSeed(7);
    const layer: nn.Recurrent = new nn[`Extended${kind}`](I, H, {
      layerNorm: true,
      inputDropout: 0.2,
      recurrentDropout: 0.2,
      bidirectional: true,
      numLayers: 2,
    });
    layer
      .forward(randn([T, B, I]))[0]
      .square()
      .sum()
      .backward();
    for (const [name, parameter] of layer.namedParameters()) {
      expect(parameter.grad?.abs().sum().item(), name).toBeGreaterThan(0);
    }
  });

  it("drop the same features of the input at every step", () => {
    manualSeed(8);
    const rnn = new nn.ExtendedRNN(I, H, { inputDropout: 0.5 });
    const x = randn([T, B, I], { requiresGrad: true });
    rnn.forward(x)[0].sum().backward();
    const dropped = x.grad!.eq(0).toArray() as boolean[][][];
    for (const step of dropped) expect(step).toEqual(dropped[0]);
    const count = dropped[0].flat().filter(Boolean).length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(B * I);
  });

  it("drop the same features of h at every step: none of them ever reaches U", () => {
    manualSeed(9);
    const rnn = new nn.ExtendedRNN(I, H, { recurrentDropout: 0.5 });
    const h0 = randn([1, 1, H], { requiresGrad: true });
    rnn
      .forward(randn([T, 1, I]), h0)[0]
      .sum()
      .backward();
    const neverRead = h0.grad!.reshape(-1).eq(0);
    const columns = rnn.stateDict().weight_hh_l0.grad!.abs().sum({ dim: 0 }).eq(0);
    expect(columns.toArray()).toEqual(neverRead.toArray());
    expect(new Set(neverRead.toArray() as boolean[]).size).toBe(2);
  });

  it("drop nothing in evaluation", () => {
    manualSeed(10);
    const gru = new nn.ExtendedGRU(I, H, { inputDropout: 0.5, recurrentDropout: 0.5 }).eval();
    const x = randn([T, B, I]);
    expect(gru.forward(x)[0].toArray()).toEqual(gru.forward(x)[0].toArray());
  });
});
