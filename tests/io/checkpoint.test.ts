import fc from "fast-check";
import {
  ArgumentError,
  defaultGenerator,
  FormatError,
  Generator,
  linspace,
  manualSeed,
  nn,
  noGrad,
  optim,
  randperm,
  type Tensor,
  tensor,
} from "refrain";
import { type Checkpoint, loadCheckpoint, loadSafetensors, saveCheckpoint, saveSafetensors } from "refrain/io";
import { describe, expect, it } from "vitest";
import { plain } from "./fixture.ts";

const ROWS = 12;
const BATCH = 4;
const STEPS_PER_EPOCH = ROWS / BATCH;

class Net extends nn.Module {
  lstm = new nn.LSTM(2, 6, { numLayers: 2, dropout: 0.3, batchFirst: true });
  drop = new nn.Dropout(0.2);
  out = new nn.Linear(6, 1);
  override forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(x);
    return this.out.forward(this.drop.forward(y.select(1, -1)));
  }
}

const x = linspace(-1, 1, ROWS * 5 * 2).reshape([ROWS, 5, 2]); // [rows, T, I]
const target = linspace(1, -1, ROWS).reshape([ROWS, 1]);

type MakeOptimizer = (parameters: nn.Parameter[]) => optim.Optimizer<{ lr: number }>;

/** A training run that can stop after any step, in the middle of an epoch too. */
class Run {
  readonly net = new Net();
  readonly optimizer: optim.Optimizer<{ lr: number }>;
  /** Draws the order of the rows, apart from dropout. */
  readonly shuffling = new Generator(7);
  order: Tensor | null = null;
  losses: number[] = [];
  step = 0;

  constructor(makeOptimizer: MakeOptimizer) {
    this.optimizer = makeOptimizer(this.net.parameters());
  }

  train(steps: number): void {
    for (const end = this.step + steps; this.step < end; this.step++) {
      const at = this.step % STEPS_PER_EPOCH;
      if (at === 0 || this.order === null) this.order = randperm(ROWS, { generator: this.shuffling });
      const rows = this.order.slice(0, at * BATCH, (at + 1) * BATCH);
      this.optimizer.zeroGrad();
      const loss = new nn.MSELoss().forward(this.net.forward(x.indexSelect(0, rows)), target.indexSelect(0, rows));
      loss.backward();
      this.optimizer.step();
      this.losses.push(loss.item());
    }
  }

  save(): Uint8Array {
    return saveCheckpoint({
      model: this.net.stateDict(),
      optimizer: this.optimizer.stateDict(),
      generators: { default: defaultGenerator.getState(), shuffling: this.shuffling.getState() },
      epoch: Math.floor(this.step / STEPS_PER_EPOCH),
      step: this.step,
      extra: { order: this.order, losses: this.losses, best: Number.POSITIVE_INFINITY },
    });
  }

  load(bytes: Uint8Array): void {
    const { model, optimizer, generators, step, extra } = loadCheckpoint(bytes);
    this.net.loadStateDict(model);
    this.optimizer.loadStateDict(optimizer as optim.OptimizerState);
    defaultGenerator.setState((generators as Record<string, Uint8Array>).default);
    this.shuffling.setState((generators as Record<string, Uint8Array>).shuffling);
    this.step = step as number;
    ({ order: this.order, losses: this.losses } = extra as { order: Tensor; losses: number[] });
  }
}

const OPTIMIZERS: Record<string, MakeOptimizer> = {
  Adam: (parameters) => new optim.Adam(parameters, { lr: 0.01 }),
  AdamW: (parameters) => new optim.AdamW(parameters, { lr: 0.01 }),
  "SGD with momentum": (parameters) => new optim.SGD(parameters, { lr: 0.05, momentum: 0.9 }),
};

describe("a checkpoint", () => {
  for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
    it(`continues exactly, with ${name}: 10 steps = 5 + save + load + 5, dropout and shuffled batches included`, () => {
      manualSeed(1);
      const whole = new Run(makeOptimizer);
      whole.train(10);
      const end = whole.save();

      manualSeed(1);
      const first = new Run(makeOptimizer);
      first.train(5);
      const middle = first.save();

      manualSeed(99);
      const second = new Run(makeOptimizer);
      second.train(3);
      second.load(middle);
      second.train(5);

      expect(second.losses).toEqual(whole.losses);
      expect(second.save()).toEqual(end);
      expect(new Set(whole.losses).size).toBe(10);
    });
  }

  it("changes nothing: training goes on after saving as if it had not happened", () => {
    manualSeed(1);
    const saving = new Run(OPTIMIZERS.Adam);
    for (let i = 0; i < 4; i++) {
      saving.train(1);
      saving.save();
    }
    manualSeed(1);
    const plainRun = new Run(OPTIMIZERS.Adam);
    plainRun.train(4);
    expect(saving.losses).toEqual(plainRun.losses);
  });

  it("is a moment, not a view: training on does not change what was saved", () => {
    manualSeed(1);
    const run = new Run(OPTIMIZERS.Adam);
    run.train(2);
    const bytes = run.save();
    const before = plain(loadCheckpoint(bytes));
    run.load(bytes);
    run.train(2);
    expect(plain(loadCheckpoint(bytes))).toEqual(before);
  });

  it("gives back what was put in: load ∘ save = identity", () => {
    const key = fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__");
    const leaf = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.float32Array({ maxLength: 5 }).map((numbers) => tensor(numbers)),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("tree")),
        fc.dictionary(key, tie("tree"), { noNullPrototype: true }),
      ),
    }));
    const tensors = fc.dictionary(
      key,
      fc.float32Array({ maxLength: 5 }).map((numbers) => tensor(numbers)),
      {
        noNullPrototype: true,
      },
    );
    const generators = fc.dictionary(key, fc.uint8Array(), { noNullPrototype: true });
    fc.assert(
      fc.property(tree, tensors, generators, fc.nat(), (extra, model, streams, epoch) => {
        const parts: Checkpoint = { model, generators: streams, epoch, extra };
        expect(plain(loadCheckpoint(saveCheckpoint(parts)))).toEqual(plain(parts));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the numbers that JSON lacks", () => {
    const extra = {
      best: Number.POSITIVE_INFINITY,
      worst: Number.NEGATIVE_INFINITY,
      none: Number.NaN,
      list: [-0, 0, 5e-324],
    };
    const back = loadCheckpoint(saveCheckpoint({ model: {}, extra })).extra as typeof extra;
    expect(Object.is(back.list[0], -0)).toBe(true);
    expect(Object.is(back.list[1], 0)).toBe(true);
    expect(back).toEqual(extra);
  });

  it("is a safetensors file in which other programs find the weights by name", () => {
    const linear = noGrad(() => new nn.Linear(2, 1));
    const { state } = loadSafetensors(saveCheckpoint({ model: linear.stateDict(), epoch: 1 }));
    expect(Object.keys(state)).toEqual(["model/weight", "model/bias"]);
  });

  it("names the path of what it cannot keep", () => {
    const save = (extra: unknown) => () => saveCheckpoint({ model: {}, extra });
    expect(save({ a: [{ when: new Date(0) }] })).toThrow(ArgumentError);
    expect(save({ a: [{ when: new Date(0) }] })).toThrow("extra.a.0.when is a Date");
    expect(save({ f: () => 1 })).toThrow("extra.f is a function");
    expect(save({ n: 1n })).toThrow("extra.n is a bigint");
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(save(circular)).toThrow("extra.self contains itself");
    expect(save(JSON.parse('{"__proto__": 1}'))).toThrow('extra has the key "__proto__"');
  });
});

describe("loadCheckpoint", () => {
  const file = (content: unknown, state = {}) =>
    saveSafetensors(state, { "refrain.checkpoint": typeof content === "string" ? content : JSON.stringify(content) });
  const of = (tree: unknown, numbers = {}) => ({ version: 1, tree, numbers });
  const one = { "model/w": tensor([1]) };

  const wrong: [what: string, bytes: Uint8Array, message: string][] = [
    ["a plain state dict", saveSafetensors(one), "read by loadSafetensors"],
    ["a later version", file({ version: 2 }), "version 2"],
    ["text that is no JSON", file("{"), "not JSON"],
    ["a name given twice", file('{"version":1,"tree":{"model":{},"model":{}},"numbers":{}}'), '"model" twice'],
    [
      "the name __proto__",
      file('{"version":1,"tree":{"model":{},"extra":{"__proto__":{}}},"numbers":{}}'),
      "__proto__",
    ],
    ["a tensor without a place", file(of({ model: {} }), one), 'no place for "model/w"'],
    ["a tensor in the place of a number", file(of({ model: { w: 3 } }), one), 'no place for "model/w"'],
    ["a tensor in the place of a method", file(of({ model: {} }), { "model/toString/w": tensor([1]) }), "no place"],
    ["a place without its tensor", file(of({ model: { w: null } })), "model must hold tensors"],
    ["no model", file(of({ epoch: 1 })), "model must hold tensors"],
    ["an optimiser of another form", file(of({ model: {}, optimizer: { state: [] } })), "optimizer must have"],
    ["an epoch that is no number", file(of({ model: {}, epoch: "3" })), "epoch must be a number"],
    [
      "generators that are no bytes",
      file(of({ model: {}, generators: { a: null } }), { "generators/a": tensor([1]) }),
      "bytes",
    ],
    [
      "an odd number that is none",
      file(of({ model: {}, epoch: null }, { epoch: "5" })),
      'the number at "epoch" is "5"',
    ],
  ];
  for (const [what, bytes, message] of wrong) {
    it(`refuses ${what}`, () => {
      expect(() => loadCheckpoint(bytes)).toThrow(FormatError);
      expect(() => loadCheckpoint(bytes)).toThrow(message);
    });
  }
});
