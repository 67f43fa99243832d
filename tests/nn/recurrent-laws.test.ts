/** The laws of recurrent layers, on seeded random shapes, for every backend, every cell and both floating dtypes. */

import { cat, type DType, flip, grad, manualSeed, nn, noGrad, randn, setBackend, stack, Tensor, zeros } from "refrain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backend } from "../../src/backend/select.ts";
import { backendsUnderTest } from "../conformance/backends.ts";
import { Rng } from "../conformance/subjects.ts";
import { FLOAT32_OF_MAXIMUM, FLOAT64_OF_MAXIMUM } from "../tolerances.ts";

interface Options {
  numLayers?: number;
  bidirectional?: boolean;
  batchFirst?: boolean;
  bias?: boolean;
}

interface Layer {
  readonly module: nn.Module;
  /** h, and c for an LSTM; null for zeros. */
  forward(x: Tensor, state?: readonly Tensor[] | null, lengths?: readonly number[]): { y: Tensor; state: Tensor[] };
}

interface Kind {
  readonly name: string;
  make(inputs: number, hidden: number, options: Options & { dtype: DType }): Layer;
  /** The same as one cell, where there is one: from x [B, I] and the state to the new state. */
  cell?(inputs: number, hidden: number, options: { bias: boolean; dtype: DType }): CellStep;
  readonly states: 1 | 2;
  readonly projSize: 0 | 2;
}

interface CellStep {
  readonly module: nn.Module;
  step(x: Tensor, state: readonly Tensor[]): Tensor[];
}

const single = (module: nn.RNN | nn.GRU): Layer => ({
  module,
  forward(x, state, lengths) {
    const [y, h] = module.forward(x, state?.[0], lengths ? { lengths } : {});
    return { y, state: [h] };
  },
});

const double = (module: nn.LSTM): Layer => ({
  module,
  forward(x, state, lengths) {
    const given = state ? ([state[0], state[1]] as const) : null;
    const [y, { h, c }] = module.forward(x, given, lengths ? { lengths } : {});
    return { y, state: [h, c] };
  },
});

const singleCell = (module: nn.RNNCell | nn.GRUCell): CellStep => ({
  module,
  step: (x, [h]) => [module.forward(x, h)],
});

const KINDS: readonly Kind[] = [
  ...(["tanh", "relu"] as const).map(
    (nonlinearity): Kind => ({
      name: `RNN ${nonlinearity}`,
      make: (inputs, hidden, options) => single(new nn.RNN(inputs, hidden, { ...options, nonlinearity })),
      cell: (inputs, hidden, options) => singleCell(new nn.RNNCell(inputs, hidden, { ...options, nonlinearity })),
      states: 1,
      projSize: 0,
    }),
  ),
  {
    name: "GRU",
    make: (inputs, hidden, options) => single(new nn.GRU(inputs, hidden, options)),
    cell: (inputs, hidden, options) => singleCell(new nn.GRUCell(inputs, hidden, options)),
    states: 1,
    projSize: 0,
  },
  {
    name: "LSTM",
    make: (inputs, hidden, options) => double(new nn.LSTM(inputs, hidden, options)),
    cell(inputs, hidden, options) {
      const module = new nn.LSTMCell(inputs, hidden, options);
      return { module, step: (x, [h, c]) => [...module.forward(x, [h, c])] };
    },
    states: 2,
    projSize: 0,
  },
  {
    name: "LSTM projected",
    make: (inputs, hidden, options) => double(new nn.LSTM(inputs, hidden, { ...options, projSize: 2 })),
    states: 2,
    projSize: 2,
  },
];

/** A layer of random size with random input and state, all drawn from the seed. */
function draw(kind: Kind, dtype: DType, seed: number, options: Options = {}) {
  const rng = new Rng(seed);
  manualSeed(seed);
  const [T, B, I, H] = [rng.integer(2, 7), rng.integer(2, 5), rng.integer(1, 6), rng.integer(3, 9)];
  const numLayers = options.numLayers ?? rng.integer(1, 3);
  const bias = rng.chance(0.7);
  const layer = kind.make(I, H, { bias, ...options, numLayers, dtype });
  const D = options.bidirectional ? 2 : 1;
  const leaf = (...shape: number[]) => randn(shape, { dtype, requiresGrad: true });
  const x = leaf(...(options.batchFirst ? [B, T, I] : [T, B, I]));
  const state = [leaf(numLayers * D, B, kind.projSize || H)];
  if (kind.states === 2) state.push(leaf(numLayers * D, B, H));
  return { rng, layer, x, state, T, B, I, H, P: kind.projSize || H, numLayers, bias, D };
}

const weight = (module: nn.Module, name: string) => (module as unknown as Record<string, Tensor | null>)[name];
const NAMES = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];

/** The parameters of one layer and direction become those of another module. */
function copyWeights(from: nn.Module, suffix: string, to: nn.Module, toSuffix: string): void {
  for (const name of NAMES) {
    const source = weight(from, name + suffix);
    if (source) noGrad(() => weight(to, name + toSuffix)?.copy_(source));
  }
}

/** dL/d(inputs) for L = Σ of the outputs, each element weighted by its place; zeros where nothing depends. */
function gradients(outputs: readonly Tensor[], inputs: readonly Tensor[]): Tensor[] {
  const weights = outputs.map((y) => {
    const places = Float64Array.from({ length: y.elementCount }, (_, i) => Math.cos(i));
    return new Tensor(backend().adopt(places.buffer), "float64", [y.elementCount], [1]).to(y.dtype).reshape(y.shape);
  });
  return grad(outputs, inputs, { gradOutputs: weights, allowUnused: true, retainGraph: true }).map(
    (gradient, i) => gradient ?? zeros(inputs[i].shape, { dtype: inputs[i].dtype }),
  );
}

function expectSame(what: string, a: Tensor | readonly Tensor[], b: Tensor | readonly Tensor[]): void {
  const [left, right] = [[a].flat() as Tensor[], [b].flat() as Tensor[]];
  expect(left.length).toBe(right.length);
  left.forEach((x, i) => {
    const name = left.length > 1 ? `${what} ${i}` : what;
    expect(x.shape, `shape of ${name}`).toEqual(right[i].shape);
    if (x.elementCount === 0) return;
    const largest = right[i].detach().abs().max().item();
    const apart = x.detach().sub(right[i].detach()).abs().max().item();
    const tolerance = x.dtype === "float64" ? FLOAT64_OF_MAXIMUM : FLOAT32_OF_MAXIMUM;
    expect(apart, `${name}, of at most ${largest}`).toBeLessThanOrEqual(tolerance * Math.max(largest, 1e-3));
  });
}

const parametersOf = (module: nn.Module): Tensor[] => [...module.parameters()];
const lengthsFor = (rng: Rng, B: number, T: number): number[] => Array.from({ length: B }, () => rng.integer(1, T));

/** Every sequence of [T, B, …] turned round by itself: only its first `length` steps. */
function reversed(x: Tensor, lengths: readonly number[]): Tensor {
  const T = x.shape[0];
  const columns = lengths.map((length, b) => {
    const column = x.select(1, b);
    return cat([flip(column.narrow(0, 0, length), 0), column.narrow(0, length, T - length)], 0);
  });
  return stack(columns, 1);
}

type Law = (kind: Kind, dtype: DType, seed: number) => void;

const LAWS: Record<string, Law> = {
  "two halves with the state carried are the whole"(kind, dtype, seed) {
    const { rng, layer, x, state, T } = draw(kind, dtype, seed);
    const cut = rng.integer(1, T - 1);
    const whole = layer.forward(x, state);
    const first = layer.forward(x.narrow(0, 0, cut), state);
    const second = layer.forward(x.narrow(0, cut, T - cut), first.state);
    const y = cat([first.y, second.y], 0);
    expectSame("y", y, whole.y);
    expectSame("state", second.state, whole.state);
    const inputs = [x, ...state, ...parametersOf(layer.module)];
    expectSame("gradient", gradients([y, ...second.state], inputs), gradients([whole.y, ...whole.state], inputs));
  },

  "the past does not change when the future does"(kind, dtype, seed) {
    const { rng, layer, x, state, T } = draw(kind, dtype, seed);
    const cut = rng.integer(1, T - 1);
    const past = x.narrow(0, 0, cut);
    const other = cat([past, randn([T - cut, ...x.shape.slice(1)], { dtype })], 0);
    const before = layer.forward(x, state).y;
    expectSame("y", layer.forward(other, state).y.narrow(0, 0, cut), before.narrow(0, 0, cut));
    const [dx] = gradients([before.narrow(0, 0, cut)], [x]);
    expect(
      dx
        .narrow(0, cut, T - cut)
        .abs()
        .max()
        .item(),
    ).toBe(0);
  },

  "rows of a batch do not influence one another"(kind, dtype, seed) {
    const { rng, layer, x, state, B } = draw(kind, dtype, seed, { bidirectional: seed % 2 === 0 });
    const b = rng.integer(0, B - 1);
    const all = layer.forward(x, state);
    const alone = layer.forward(
      x.narrow(1, b, 1),
      state.map((s) => s.narrow(1, b, 1)),
    );
    expectSame("y", all.y.narrow(1, b, 1), alone.y);
    expectSame(
      "state",
      all.state.map((s) => s.narrow(1, b, 1)),
      alone.state,
    );
    const [dx, ...dstate] = gradients([all.y.select(1, b)], [x, ...state]);
    for (const d of [dx, ...dstate]) {
      const others = Array.from({ length: B }, (_, i) => i).filter((i) => i !== b);
      for (const other of others) expect(d.select(1, other).abs().max().item()).toBe(0);
    }
  },

  "batchFirst is a transposition"(kind, dtype, seed) {
    const shared = { bidirectional: seed % 2 === 0 };
    const one = draw(kind, dtype, seed, shared);
    const two = draw(kind, dtype, seed, { ...shared, batchFirst: true });
    const x = one.x.transpose(0, 1);
    const lengths = seed % 3 === 0 ? undefined : lengthsFor(one.rng, one.B, one.T);
    const timeFirst = one.layer.forward(one.x, one.state, lengths);
    const batchFirst = two.layer.forward(x, one.state, lengths);
    const y = batchFirst.y.transpose(0, 1);
    expectSame("y", y, timeFirst.y);
    expectSame("state", batchFirst.state, timeFirst.state);
    expectSame(
      "gradient",
      gradients([y, ...batchFirst.state], [one.x, ...one.state, ...parametersOf(two.layer.module)]),
      gradients([timeFirst.y, ...timeFirst.state], [one.x, ...one.state, ...parametersOf(one.layer.module)]),
    );
  },

  "no state is a state of zeros"(kind, dtype, seed) {
    const { layer, x, state } = draw(kind, dtype, seed, { bidirectional: seed % 2 === 0 });
    const without = layer.forward(x);
    const zero = layer.forward(
      x,
      state.map((s) => zeros(s.shape, { dtype })),
    );
    expectSame("y", without.y, zero.y);
    expectSame("state", without.state, zero.state);
    const inputs = [x, ...parametersOf(layer.module)];
    expectSame("gradient", gradients([without.y], inputs), gradients([zero.y], inputs));
  },

  "the reverse direction is the forward one on the reversed sequence, padding included"(kind, dtype, seed) {
    const { rng, layer, x, state, T, B, I, H, P, bias } = draw(kind, dtype, seed, {
      numLayers: 1,
      bidirectional: true,
    });
    const lengths = seed % 3 === 0 ? Array.from({ length: B }, () => T) : lengthsFor(rng, B, T);
    const forwards = kind.make(I, H, { bias, dtype });
    copyWeights(layer.module, "_l0_reverse", forwards.module, "_l0");
    const both = layer.forward(x, state, lengths);
    const second = state.map((s) => s.narrow(0, 1, 1));
    const turned = forwards.forward(reversed(x, lengths), second, lengths);
    const y = reversed(turned.y, lengths);
    const reverseY = both.y.narrow(2, P, P);
    expectSame("y", reverseY, y);
    const reverseState = both.state.map((s) => s.narrow(0, 1, 1));
    expectSame("state", reverseState, turned.state);
    const named = NAMES.flatMap((name) => {
      const pair = [weight(layer.module, `${name}_l0_reverse`), weight(forwards.module, `${name}_l0`)];
      return pair[0] && pair[1] ? [pair as [Tensor, Tensor]] : [];
    });
    expectSame(
      "gradient",
      gradients([reverseY, ...reverseState], [x, ...state, ...named.map(([a]) => a)]),
      gradients([y, ...turned.state], [x, ...state, ...named.map(([, b]) => b)]),
    );
  },

  "two layers are two stacked"(kind, dtype, seed) {
    const bidirectional = seed % 2 === 0;
    const { layer, x, state, I, H, P, bias, D } = draw(kind, dtype, seed, { numLayers: 2, bidirectional });
    const lower = kind.make(I, H, { bias, bidirectional, dtype });
    const upper = kind.make(P * D, H, { bias, bidirectional, dtype });
    for (const suffix of bidirectional ? ["", "_reverse"] : [""]) {
      copyWeights(layer.module, `_l0${suffix}`, lower.module, `_l0${suffix}`);
      copyWeights(layer.module, `_l1${suffix}`, upper.module, `_l0${suffix}`);
    }
    const part = (from: number) => state.map((s) => s.narrow(0, from, D));
    const deep = layer.forward(x, state);
    const below = lower.forward(x, part(0));
    const above = upper.forward(below.y, part(D));
    const states = below.state.map((s, i) => cat([s, above.state[i]], 0));
    expectSame("y", deep.y, above.y);
    expectSame("state", deep.state, states);
    expectSame(
      "gradient",
      gradients([deep.y, ...deep.state], [x, ...state, ...parametersOf(layer.module)]),
      gradients([above.y, ...states], [x, ...state, ...parametersOf(lower.module), ...parametersOf(upper.module)]),
    );
  },

  "a sequence without batch is a batch of one"(kind, dtype, seed) {
    const { layer, x, state } = draw(kind, dtype, seed, { bidirectional: seed % 2 === 0 });
    const batch = layer.forward(
      x.narrow(1, 0, 1),
      state.map((s) => s.narrow(1, 0, 1)),
    );
    const one = layer.forward(
      x.select(1, 0),
      state.map((s) => s.select(1, 0)),
    );
    expectSame("y", one.y, batch.y.squeeze(1));
    expectSame(
      "state",
      one.state,
      batch.state.map((s) => s.squeeze(1)),
    );
  },

  "a layer is its cell stepped through time"(kind, dtype, seed) {
    if (kind.cell === undefined) return;
    const { layer, x, state, T, I, H, bias } = draw(kind, dtype, seed, { numLayers: 1 });
    const cell = kind.cell(I, H, { bias, dtype });
    copyWeights(layer.module, "_l0", cell.module, "");
    const whole = layer.forward(x, state);
    let now = state.map((s) => s.select(0, 0));
    const outputs: Tensor[] = [];
    for (let t = 0; t < T; t++) {
      now = cell.step(x.select(0, t), now);
      outputs.push(now[0]);
    }
    const y = stack(outputs, 0);
    const final = now.map((s) => s.unsqueeze(0));
    expectSame("y", whole.y, y);
    expectSame("state", whole.state, final);
    expectSame(
      "gradient",
      gradients([whole.y, ...whole.state], [x, ...state, ...parametersOf(layer.module)]),
      gradients([y, ...final], [x, ...state, ...parametersOf(cell.module)]),
    );
  },

  "the final hidden state is the last output"(kind, dtype, seed) {
    const { layer, x, state, T, numLayers } = draw(kind, dtype, seed);
    const { y, state: final } = layer.forward(x, state);
    expectSame("hn", final[0].select(0, numLayers - 1), y.select(0, T - 1));
  },

  "what stands in the padding never matters, and its gradient is 0"(kind, dtype, seed) {
    const { rng, layer, x, state, T, B } = draw(kind, dtype, seed, { bidirectional: seed % 2 === 0 });
    const lengths = lengthsFor(rng, B, T);
    const noise = randn(x.shape, { dtype }).mul(1000);
    const other = stack(
      lengths.map((length, b) =>
        cat([x.select(1, b).narrow(0, 0, length), noise.select(1, b).narrow(0, length, T - length)], 0),
      ),
      1,
    );
    const clean = layer.forward(x, state, lengths);
    const noisy = layer.forward(other, state, lengths);
    expectSame("y", noisy.y, clean.y);
    expectSame("state", noisy.state, clean.state);
    const [dx] = gradients([clean.y, ...clean.state], [x]);
    lengths.forEach((length, b) => {
      if (length === T) return;
      const beyond = (z: Tensor) =>
        z
          .detach()
          .select(1, b)
          .narrow(0, length, T - length)
          .abs()
          .max()
          .item();
      expect([beyond(clean.y), beyond(dx)], `sequence ${b} of ${length} steps`).toEqual([0, 0]);
    });
  },

  "with lengths every sequence ends, with its state and gradients, as it does alone"(kind, dtype, seed) {
    const { rng, layer, x, state, T, B } = draw(kind, dtype, seed, { bidirectional: seed % 2 === 0 });
    const lengths = lengthsFor(rng, B, T);
    const together = layer.forward(x, state, lengths);
    const alone = lengths.map((length, b) =>
      layer.forward(
        x.narrow(1, b, 1).narrow(0, 0, length),
        state.map((s) => s.narrow(1, b, 1)),
      ),
    );
    const y = cat(
      alone.map((one, b) => {
        const rest = zeros([T - lengths[b], 1, one.y.shape[2]], { dtype });
        return cat([one.y, rest], 0);
      }),
      1,
    );
    const final = together.state.map((_, i) =>
      cat(
        alone.map((one) => one.state[i]),
        1,
      ),
    );
    expectSame("y", together.y, y);
    expectSame("state", together.state, final);
    const inputs = [x, ...state, ...parametersOf(layer.module)];
    expectSame("gradient", gradients([together.y, ...together.state], inputs), gradients([y, ...final], inputs));
  },
};

const SEEDS = [1, 2, 3, 4, 5, 6];

for (const name of backendsUnderTest) {
  describe(`on the ${name} backend`, () => {
    const before = backend().name;
    beforeAll(() => setBackend(name));
    afterAll(() => setBackend(before));

    for (const kind of KINDS) {
      for (const dtype of ["float64", "float32"] as const) {
        describe(`${kind.name}, ${dtype}`, () => {
          for (const [law, check] of Object.entries(LAWS)) {
            if (kind.cell === undefined && law.includes("cell")) continue;
            it.each(SEEDS)(`${law} (seed %i)`, (seed) => check(kind, dtype, seed));
          }
        });
      }
    }
  });
}
