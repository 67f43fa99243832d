import { readFileSync } from "node:fs";
import { manualSeed, nn, noGrad, optim, randn, tensor, zeros } from "refrain";
import { describe, expect, it } from "vitest";

const { lrScheduler } = optim;

interface Spec {
  name: string;
  args: unknown[];
  options: Record<string, unknown>;
}
interface Case {
  line: string;
  spec: Spec;
  kind: "SGD" | "Adam";
  byHand: boolean;
  steps: number;
  lrs: number[][];
  momentums: number[][] | null;
  lastLr: number[];
  state: Record<string, unknown>;
}

interface Averaged {
  weights: number[][];
  swa: number[][];
  ema: number[][];
  keys: string[];
  nAveraged: number;
  updateBn: {
    batches: number[][][];
    buffers: Record<string, number[]>;
    momentum: number;
    outputs: number[][];
  };
}

const path = new URL("../fixtures/optim/schedulers.json", import.meta.url);
const { cases, averaged }: { cases: Case[]; averaged: Averaged } = JSON.parse(readFileSync(path, "utf8"));

const LAMBDAS: Record<string, (epoch: number) => number> = {
  power: (e) => 0.95 ** e,
  root: (e) => 1 / Math.sqrt(1 + e),
  wave: (e) => 1 + 0.1 * Math.sin(e),
};

/** Powers and cosines of two libraries, multiplied sixty times. */
const TOLERANCE = 1e-13;
const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

function optimizerOf(kind: Case["kind"]) {
  const parameter = () => noGrad(() => zeros([2])).requiresGrad_();
  const groups = [{ params: [parameter()] }, { params: [parameter()], lr: 0.5 }];
  return kind === "Adam" ? new optim.Adam(groups, { lr: 0.1 }) : new optim.SGD(groups, { lr: 0.1, momentum: 0.9 });
}
type AnyOptimizer = ReturnType<typeof optimizerOf>;

const real = (value: unknown): unknown =>
  typeof value === "string" ? (LAMBDAS[value] ?? value) : Array.isArray(value) ? value.map(real) : value;

interface Stepped {
  step(score?: number): void;
  getLastLr(): number[];
  stateDict(): Record<string, unknown>;
  loadStateDict(state: Record<string, unknown>): void;
}

function build({ name, args, options }: Spec, optimizer: AnyOptimizer): Stepped {
  const members = () =>
    (args[0] as Spec[]).map((spec) => build(spec, optimizer) as unknown as optim.lrScheduler.LRScheduler);
  if (name === "SequentialLR") return new lrScheduler.SequentialLR(optimizer, members(), args[1] as number[]);
  if (name === "ChainedScheduler") return new lrScheduler.ChainedScheduler(members());
  const kind = lrScheduler[name as "StepLR"] as unknown as new (...args: unknown[]) => Stepped;
  const own = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, real(value)]));
  return new kind(optimizer, ...args.map(real), own);
}

/** Falls, stays, falls again, rises. */
const score = (step: number): number =>
  step < 60 ? [1 / step, 0.1, 0.05 - step * 1e-4, 0.2 + step * 0.01][Math.floor(step / 15) % 4] : 0.5;

function advance(each: Case, scheduler: Stepped, optimizer: AnyOptimizer, step: number): void {
  optimizer.step();
  if (each.byHand && step === 7) optimizer.paramGroups[0].lr = 0.3;
  if (each.spec.name === "ReduceLROnPlateau") scheduler.step(score(step));
  else scheduler.step();
}

const lrsOf = (optimizer: AnyOptimizer): number[] => optimizer.paramGroups.map(({ lr }) => lr);
const momentumsOf = (optimizer: AnyOptimizer): number[] =>
  optimizer instanceof optim.SGD
    ? optimizer.paramGroups.map(({ momentum }) => momentum)
    : (optimizer as optim.Adam).paramGroups.map(({ betas }) => betas[0]);

describe("the rates are PyTorch's at every step", () => {
  it.each(cases)("$line", (each) => {
    const optimizer = optimizerOf(each.kind);
    const scheduler = build(each.spec, optimizer);
    for (let step = 0; step <= each.steps; step++) {
      if (step > 0) advance(each, scheduler, optimizer, step);
      lrsOf(optimizer).forEach((lr, i) => {
        const expected = each.lrs[step][i];
        expect(Math.abs(lr - expected), `step ${step}`).toBeLessThanOrEqual(
          TOLERANCE * Math.max(1, Math.abs(expected)),
        );
      });
      if (each.momentums !== null) expect(momentumsOf(optimizer)).toEqual(near(each.momentums[step]));
    }
    expect(scheduler.getLastLr()).toEqual(near(each.lastLr));
  });
});

/** Numbers near one another, all else equal; what only PyTorch keeps is passed over. */
function expectState(own: unknown, saved: unknown, place: string): void {
  if (typeof own === "number" && Number.isFinite(own)) expect(Number(saved), place).toBeCloseTo(own, 10);
  else if (typeof own === "number") expect(String(saved), place).toBe(own > 0 ? "inf" : "-inf");
  else if (own instanceof Object) {
    for (const key of Object.keys(own)) {
      // PyTorch decides this only where momentum is cycled.
      if (key === "use_beta1" && !("use_beta1" in (saved as object))) continue;
      expectState((own as Record<string, unknown>)[key], (saved as Record<string, unknown>)[key], `${place}.${key}`);
    }
  } else expect(saved, place).toBe(own);
}

describe("states", () => {
  it.each(cases)("$line: what is saved is what PyTorch saves", (each) => {
    const optimizer = optimizerOf(each.kind);
    const scheduler = build(each.spec, optimizer);
    for (let step = 1; step <= each.steps; step++) advance(each, scheduler, optimizer, step);
    expectState(scheduler.stateDict(), each.state, "state");
  });

  it.each(cases)("$line: saved half way and loaded into a new schedule, the rates go on", (each) => {
    const optimizer = optimizerOf(each.kind);
    const scheduler = build(each.spec, optimizer);
    for (let step = 1; step <= 25; step++) advance(each, scheduler, optimizer, step);
    const state = JSON.parse(JSON.stringify(scheduler.stateDict()));
    const second = optimizerOf(each.kind);
    const again = build(each.spec, second);
    second.loadStateDict(optimizer.stateDict());
    again.loadStateDict(state);
    expect(again.getLastLr()).toEqual(scheduler.getLastLr());
    for (let step = 26; step <= each.steps; step++) {
      advance(each, again, second, step);
      expect(lrsOf(second)).toEqual(near(each.lrs[step]));
    }
  });
});

describe("schedules", () => {
  const sgd = () => optimizerOf("SGD");

  it("go on from a lastEpoch with groups that know their first rate, and refuse others", () => {
    expect(() => new lrScheduler.StepLR(sgd(), 5, { lastEpoch: 4 })).toThrow(/does not know its initialLr/);
    const optimizer = sgd();
    for (const group of optimizer.paramGroups) group.initialLr = group.lr;
    const scheduler = new lrScheduler.StepLR(optimizer, 5, { lastEpoch: 4 });
    expect(scheduler.lastEpoch).toBe(5);
    expect(lrsOf(optimizer)).toEqual(near([0.01, 0.05]));
  });

  it("with restarts take fractions of epochs", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 4, { tMult: 2 });
    scheduler.step(2.5);
    expect(lrsOf(optimizer)[0]).toBeCloseTo(0.05 * (1 + Math.cos((Math.PI * 2.5) / 4)), 12);
    scheduler.step(4 + 3);
    expect(lrsOf(optimizer)[0]).toBeCloseTo(0.05 * (1 + Math.cos((Math.PI * 3) / 8)), 12);
  });

  it("refuse what makes no sense, and name the option that was meant", () => {
    expect(() => new lrScheduler.StepLR(sgd(), 0)).toThrow(/stepSize must be a whole number ≥ 1, got 0/);
    expect(() => new lrScheduler.StepLR(sgd(), 5, { gama: 0.5 } as never)).toThrow(/did you mean gamma/);
    expect(() => new lrScheduler.ExponentialLR(sgd(), Number.NaN)).toThrow(/gamma must be a number, got NaN/);
    expect(() => new lrScheduler.ConstantLR(sgd(), { factor: 1.5 })).toThrow(/from 0 to 1/);
    expect(() => new lrScheduler.LinearLR(sgd(), { startFactor: 0 })).toThrow(/above 0/);
    expect(() => new lrScheduler.LambdaLR(sgd(), [(e) => e])).toThrow(/one for each of 2 groups/);
    expect(() => new lrScheduler.CyclicLR(sgd(), 0.1, [0.2])).toThrow(/one for each of 2 groups, got 1/);
    expect(() => new lrScheduler.OneCycleLR(sgd(), 0.1)).toThrow(/totalSteps, or epochs and stepsPerEpoch/);
    expect(() => new lrScheduler.ReduceLROnPlateau(sgd(), { factor: 1 })).toThrow(/below 1/);
    expect(() => new lrScheduler.StepLR({} as never, 5)).toThrow(/must be an optimiser/);
    const rprop = new optim.Rprop([zeros([1]).requiresGrad_()]);
    expect(() => new lrScheduler.CyclicLR(rprop, 0.1, 0.2)).toThrow(/cycleMomentum: false/);
    const beyond = new lrScheduler.OneCycleLR(sgd(), 0.1, { totalSteps: 1 });
    beyond.step();
    expect(() => beyond.step()).toThrow(/the cycle has 1 steps/);
  });

  it("of schedules refuse members that do not fit", () => {
    const [one, other] = [sgd(), sgd()];
    const steps = new lrScheduler.StepLR(one, 5);
    expect(() => new lrScheduler.SequentialLR(one, [steps], [5])).toThrow(/need 0 milestones, got 1/);
    expect(() => new lrScheduler.SequentialLR(other, [steps], [])).toThrow(/belongs to another optimiser/);
    expect(() => new lrScheduler.ChainedScheduler([new lrScheduler.ReduceLROnPlateau(one) as never])).toThrow();
    const chain = new lrScheduler.ChainedScheduler([steps]);
    expect(() => new lrScheduler.SequentialLR(one, [chain], [])).toThrow(/schedule of schedules/);
    expect(() => chain.loadStateDict({ _schedulers: [] })).toThrow(/not the state of 1 schedulers/);
    expect(() => steps.loadStateDict({})).toThrow(/last_epoch is missing/);
  });
});

describe("averaged weights", () => {
  const { AveragedModel, getEmaAvgFn } = optim.swaUtils;
  const load = (model: nn.Linear, values: number[]) => noGrad(() => model.weight.copy_(tensor(values).reshape(2, 3)));

  it.each([
    ["swa", {}],
    ["ema", { avgFn: getEmaAvgFn(0.9) }],
    ["swa", { avgFn: optim.swaUtils.getSwaAvgFn() }],
    ["swa", { multiAvgFn: optim.swaUtils.getSwaMultiAvgFn() }],
    ["ema", { multiAvgFn: optim.swaUtils.getEmaMultiAvgFn(0.9) }],
  ] as const)("%s are PyTorch's after every update, and so are the keys", (name, options) => {
    const model = new nn.Linear(3, 2);
    const means = new AveragedModel(model, options);
    averaged.weights.forEach((values, i) => {
      load(model, values);
      means.updateParameters(model);
      const own = means.stateDict()["module.weight"].flatten().toArray() as number[];
      own.forEach((value, k) => {
        expect(value).toBeCloseTo(averaged[name][i][k], 6);
      });
    });
    expect(Object.keys(means.stateDict()).toSorted()).toEqual(averaged.keys.toSorted());
    expect(means.n_averaged.item()).toBe(averaged.nAveraged);
  });

  it("are used by the averaged model and leave the model's own in place", () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Dropout(0.5), new nn.Linear(4, 2));
    const means = new AveragedModel(model).eval();
    const x = randn([5, 3]);
    means.updateParameters(model);
    const before = model.eval().forward(x).toArray();
    noGrad(() => {
      for (const parameter of model.train().parameters()) parameter.mul_(3);
    });
    const own = model.parameters().map((parameter) => parameter.toArray());
    expect(means.forward(x).toArray()).toEqual(before);
    expect(model.parameters().map((parameter) => parameter.toArray())).toEqual(own);
    expect([...model.modules()].every((module) => module.training)).toBe(true);
  });

  it("have the running statistics that updateBn counts, as PyTorch's, and the model keeps its own", () => {
    const { updateBn } = averaged;
    manualSeed(4);
    const model = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2, { momentum: 0.3 }), new nn.Tanh());
    const means = new AveragedModel(model);
    for (let update = 0; update < 3; update++) {
      noGrad(() => model.getParameter("0.weight").add_(0.5));
      model.forward(randn([4, 3]));
      means.updateParameters(model);
    }
    const before = model.buffers().map((buffer) => buffer.toArray());
    optim.swaUtils.updateBn(
      updateBn.batches.map((batch) => [tensor(batch), "what is not for the model"]),
      means,
    );
    for (const [key, values] of Object.entries(updateBn.buffers)) {
      const own = means.stateDict()[key].reshape(-1).toArray();
      own.forEach((value, i) => {
        expect(value, key).toBeCloseTo(values[i], 6);
      });
    }
    expect(model.buffers().map((buffer) => buffer.toArray())).toEqual(before);
    expect(model.training && (model.getSubmodule("1") as nn.BatchNorm1d).momentum).toBe(0.3);
    const outputs = means.eval().forward(tensor(updateBn.batches[0]));
    expect(outputs.sub(tensor(updateBn.outputs)).abs().max().item()).toBeLessThan(1e-6);
    expect(() => optim.swaUtils.updateBn([["text"]], model)).toThrow(/begin with the model's input/);
  });

  it("survive saving and loading", () => {
    const model = new nn.GRU(2, 3);
    const one = new AveragedModel(model);
    one.updateParameters(model);
    const other = new AveragedModel(new nn.GRU(2, 3));
    other.loadStateDict(one.stateDict());
    expect(other.n_averaged.item()).toBe(1);
    expect(other.module.parameters().map((mean) => mean.toArray())).toEqual(
      model.parameters().map((parameter) => parameter.toArray()),
    );
    expect(() => getEmaAvgFn(1.5)).toThrow(/from 0 to 1/);
    expect(() => new AveragedModel(model, { avgfn: getEmaAvgFn() } as never)).toThrow(/did you mean avgFn/);
  });
});
