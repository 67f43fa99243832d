import { readFileSync } from "node:fs";
import { add, matmul, mul, nn, noGrad, optim, pow, randn, sub, sum, type Tensor, tanh, tensor } from "refrain";
import { describe, expect, it } from "vitest";

interface Recorded {
  shape: number[];
  values: number[];
}
type Name = "w" | "b" | "s" | "late" | "unused";
interface Case {
  line: string;
  name: string;
  options: Record<string, unknown>;
  groups: { names: Name[]; options: Record<string, unknown> }[] | null;
  float64: Record<string, number[][]>;
  float32: Record<string, number[][]>;
  losses: number[];
  state: { state: Record<string, Record<string, unknown>>; param_groups: Record<string, unknown>[] };
}
interface Fixtures {
  problem: Record<Name | "x" | "y", Recorded>;
  cases: Case[];
  clipping: { normType: string; limit: number; before: number[][]; after: number[][]; total: number | null }[];
}

const path = new URL("../fixtures/optim/optim.json", import.meta.url);
const { problem, cases, clipping }: Fixtures = JSON.parse(readFileSync(path, "utf8"));
const NAMES: Name[] = ["w", "b", "s", "late", "unused"];

/** Twenty steps amplify rounding; both sides round differently in square roots and running means. */
const TOLERANCE = { float64: 1e-10, float32: 2e-5 };
/**
 * LBFGS divides by differences of gradients: PyTorch's own steps move by as much (1e-12 and 1e-3 by step 7, 4e-5 in float64 by
 * step 20) when x is changed by one unit in its last place. Later steps are compared by their losses.
 */
const LBFGS_TOLERANCE = { float64: 1e-7, float32: 1e-2 };
const LBFGS_LAST_COMPARED = 7;

type DType = "float32" | "float64";
type AnyOptimizer = optim.Optimizer<{ lr: number }>;
const make = (name: string, params: unknown, options: object): AnyOptimizer => {
  const kind = optim[name as "SGD"] as unknown as new (params: unknown, options: object) => AnyOptimizer;
  return new kind(params, options);
};

function lossOf(p: Record<Name, Tensor>, x: Tensor, y: Tensor, number: number): Tensor {
  const loss = pow(sub(mul(tanh(add(matmul(x, p.w), p.b)), p.s), y), 2).mean();
  return number < 6 ? loss : add(loss, add(mul(sum(pow(p.late, 4)), 0.1), mul(sum(p.late), 0.05)));
}

/** For LBFGS, whose jumps are chaotic where there are several valleys or the loss changes. */
function convexLoss(p: Record<Name, Tensor>, x: Tensor, y: Tensor): Tensor {
  const off = sub(p.s, 1);
  const ofS = add(pow(off, 2), mul(pow(off, 4), 0.1));
  return add(pow(sub(add(matmul(x, p.w), p.b), y), 2).mean(), add(ofS, sum(pow(sub(p.late, 1), 2))));
}

function begin({ name, options, groups }: Case, dtype: DType) {
  const given = (key: keyof typeof problem) => {
    const { shape, values } = problem[key];
    return tensor(values, { dtype }).reshape(shape);
  };
  const [x, y] = [given("x"), given("y")];
  const p = Object.fromEntries(NAMES.map((key) => [key, given(key).requiresGrad_()])) as Record<Name, Tensor>;
  const params =
    groups?.map((group) => ({ params: group.names.map((key) => p[key]), ...group.options })) ?? Object.values(p);
  const optimizer = make(name, params, options);
  const sign = options.maximize ? -1 : 1;
  const step = (number: number) =>
    (
      optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = mul(name === "LBFGS" ? convexLoss(p, x, y) : lossOf(p, x, y, number), sign);
        loss.backward();
        return loss;
      }) as Tensor
    ).item();
  return { p, optimizer, step };
}

function expectNear(p: Record<Name, Tensor>, recorded: number[][], tolerance: number): void {
  NAMES.forEach((key, i) => {
    const own = Array.from(p[key].toTypedArray(), Number);
    const largest = Math.max(...recorded[i].map(Math.abs));
    const apart = Math.max(...recorded[i].map((value, k) => Math.abs(own[k] - value)));
    expect(apart / largest, key).toBeLessThanOrEqual(tolerance);
  });
}

describe.each(["float64", "float32"] as const)("in %s the parameters of 20 steps are PyTorch's", (dtype) => {
  it.each(cases)("$line", (each) => {
    const { p, step } = begin(each, dtype);
    const isLBFGS = each.name === "LBFGS";
    const tolerance = (isLBFGS ? LBFGS_TOLERANCE : TOLERANCE)[dtype];
    for (let number = 1; number <= 20; number++) {
      const loss = step(number);
      if (dtype === "float64") expect(loss).toBeCloseTo(each.losses[number - 1], isLBFGS ? 6 : 9);
      const recorded = each[dtype][number];
      if (recorded === undefined || (isLBFGS && number > LBFGS_LAST_COMPARED)) continue;
      expectNear(p, recorded, tolerance);
    }
  });
});

/** A recorded value as PyTorch's state dict has it: tensors are tensors, numbers numbers. */
const revived = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const { shape, values } = value as Recorded;
  return tensor(values, { dtype: "float64" }).reshape(shape);
};
const flat = (value: unknown): number[] =>
  value instanceof Object && "toTypedArray" in value
    ? Array.from((value as Tensor).toTypedArray(), Number)
    : Array.isArray(value)
      ? value.flatMap(flat)
      : [Number(value)];

describe("state dicts are PyTorch's", () => {
  it.each(cases)("$line: the same keys, numbers and groups", (each) => {
    const { optimizer, step } = begin(each, "float64");
    for (let number = 1; number <= 20; number++) step(number);
    const own = optimizer.stateDict();
    for (const [number, memory] of Object.entries(each.state.state)) {
      // Adagrad of PyTorch remembers what never got a gradient; `al` is a workspace of LBFGS.
      if (own.state[number] === undefined) {
        expect(flat(revived((memory as { step: unknown }).step))).toEqual([0]);
        continue;
      }
      for (const [key, value] of Object.entries(memory)) {
        if (key === "al" || value === null) continue;
        const [a, b] = [flat(own.state[number][key]), flat(revived(value))];
        const largest = Math.max(...b.map(Math.abs), 1e-300);
        expect(a.length, key).toBe(b.length);
        // Once LBFGS has arrived, its curvatures are quotients of rounding errors.
        if (each.name !== "LBFGS")
          expect(Math.max(...b.map((v, i) => Math.abs(a[i] - v))) / largest, key).toBeLessThan(1e-8);
      }
    }
    own.param_groups.forEach((group, i) => {
      expect(each.state.param_groups[i]).toMatchObject(JSON.parse(JSON.stringify(group)));
    });
  });

  it.each(cases.filter(({ name }) => name !== "LBFGS"))("$line: training goes on from PyTorch's state", (each) => {
    const one = begin(each, "float64");
    for (let number = 1; number <= 20; number++) one.step(number);
    const other = begin(each, "float64");
    noGrad(() => {
      NAMES.forEach((key, i) => {
        const { shape } = problem[key];
        other.p[key].copy_(tensor(each.float64[20][i], { dtype: "float64" }).reshape(shape));
      });
    });
    const state = Object.entries(each.state.state).map(([number, memory]) => [
      number,
      Object.fromEntries(Object.entries(memory).map(([key, value]) => [key, revived(value)])),
    ]);
    const saved = { state: Object.fromEntries(state), param_groups: each.state.param_groups };
    other.optimizer.loadStateDict(saved as unknown as optim.OptimizerState);
    for (let number = 21; number <= 25; number++) {
      one.step(number);
      other.step(number);
    }
    expectNear(
      other.p,
      NAMES.map((key) => flat(one.p[key])),
      1e-9,
    );
  });
});

describe("an optimiser", () => {
  const parameter = () => randn([2, 3]).requiresGrad_();

  it.each(cases.filter(({ groups }) => groups === null))(
    "$line: saved and loaded half way, goes on as if nothing had been",
    (each) => {
      const through = begin(each, "float64");
      for (let number = 1; number <= 14; number++) through.step(number);
      const first = begin(each, "float64");
      for (let number = 1; number <= 7; number++) first.step(number);
      const second = begin(each, "float64");
      noGrad(() => {
        for (const key of NAMES) second.p[key].copy_(first.p[key]);
      });
      second.optimizer.loadStateDict(first.optimizer.stateDict());
      for (let number = 8; number <= 14; number++) second.step(number);
      for (const key of NAMES) expect(second.p[key].toArray()).toEqual(through.p[key].toArray());
    },
  );

  it("copies what it loads", () => {
    const x = parameter();
    const one = new optim.Adam([x]);
    sum(x).backward();
    one.step();
    const other = new optim.Adam([x]);
    other.loadStateDict(one.stateDict());
    const before = (one.stateDict().state["0"].exp_avg as Tensor).toArray();
    other.step();
    expect((one.stateDict().state["0"].exp_avg as Tensor).toArray()).toEqual(before);
  });

  it("takes more parameters on the way", () => {
    const [x, y] = [parameter(), parameter()];
    const optimizer = new optim.SGD([x], { lr: 0.5 });
    optimizer.addParamGroup({ params: [y], lr: 0 });
    const before = [x.detach().clone(), y.detach().clone()];
    add(sum(x), sum(y)).backward();
    optimizer.step();
    expect(x.detach().sub(before[0]).add(0.5).abs().max().item()).toBeLessThan(1e-6);
    expect(y.toArray()).toEqual(before[1].toArray());
  });

  it.each([
    "SGD",
    "Adam",
    "AdamW",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "NAdam",
    "RAdam",
    "Rprop",
    "ASGD",
    "LBFGS",
  ])(
    "%s refuses negative rates, NaN, nothing to train, options that do not exist and parameters named twice",
    (name) => {
      expect(() => make(name, [parameter()], { lr: -1 })).toThrow(/lr must be a number ≥ 0, got -1/);
      expect(() => make(name, [parameter()], { lr: Number.NaN })).toThrow(/got NaN/);
      expect(() => make(name, [], {})).toThrow(/no parameters to train/);
      expect(() => make(name, [parameter()], { lrr: 1 })).toThrow(`${name}: there is no option lrr; did you mean lr?`);
      const x = parameter();
      expect(() => make(name, [x, x], {})).toThrow(/named twice/);
      expect(() => make(name, [x.mul(2)], {})).toThrow(/only leaves/);
      expect(() => make(name, x, {})).toThrow(/list of tensors/);
    },
  );

  it("refuses settings out of range, in groups too", () => {
    expect(() => new optim.Adam([parameter()], { betas: [0.9, 1] })).toThrow(/betas\[1\]/);
    expect(() => new optim.SGD([parameter()], { nesterov: true })).toThrow(/momentum above 0/);
    expect(() => new optim.Rprop([parameter()], { etas: [1.2, 0.5] })).toThrow(/η⁻ < 1 < η⁺/);
    expect(() => new optim.Adadelta([parameter()], { rho: 1.5 })).toThrow(/\[0, 1\]/);
    expect(() => new optim.SGD([{ params: [parameter()], lr: -2 }])).toThrow(/got -2/);
    expect(() => new optim.SGD([{ params: [parameter()], momentom: 0.9 } as never])).toThrow(/did you mean momentum/);
    expect(() => new optim.LBFGS([parameter()]).step()).toThrow(/closure/);
    expect(() => new optim.LBFGS([{ params: [parameter()] }, { params: [parameter()] }])).toThrow(/one group/);
  });

  it("refuses states of other models", () => {
    const [x, y] = [parameter(), randn([4]).requiresGrad_()];
    const optimizer = new optim.Adam([x]);
    sum(x).backward();
    optimizer.step();
    const state = optimizer.stateDict();
    expect(() => new optim.Adam([y]).loadStateDict(state)).toThrow(
      /exp_avg of parameter 0 is \[2, 3\], the parameter \[4\]/,
    );
    expect(() => new optim.Adam([x, y]).loadStateDict(state)).toThrow(/have 2 parameters, the saved ones 1/);
    expect(() => optimizer.loadStateDict({} as never)).toThrow(/param_groups/);
  });
});

describe("clipping gradients", () => {
  const withGradients = (before: number[][]) => {
    const all = before.map((values) => tensor(values.map(() => 0)).requiresGrad_());
    all.forEach((parameter, i) => {
      parameter.grad = tensor(before[i]);
    });
    return [...all, tensor([0]).requiresGrad_()];
  };

  it.each(clipping)(
    "by $normType to $limit is PyTorch's, and returns the norm",
    ({ normType, limit, before, after, total }) => {
      const all = withGradients(before);
      if (total === null) nn.clipGradValue(all, limit);
      else expect(nn.clipGradNorm(all, limit, { normType: Number(normType) })).toBeCloseTo(total, 5);
      after.forEach((values, i) => {
        (all[i].grad as Tensor).toArray().forEach((value, k) => {
          expect(value).toBeCloseTo(values[k], 6);
        });
      });
      expect(all[2].grad).toBeNull();
    },
  );

  it("takes one tensor, too, and refuses what is no limit", () => {
    const [one] = withGradients([[3, 4]]);
    expect(nn.clipGradNorm(one, 1)).toBeCloseTo(5, 6);
    expect(one.grad?.norm().item()).toBeCloseTo(1, 5);
    expect(() => nn.clipGradNorm([one], Number.NaN)).toThrow("clipGradNorm: maxNorm must be a number ≥ 0, got NaN");
    expect(() => nn.clipGradValue([one], -1)).toThrow("clipGradValue: clipValue must be a number ≥ 0, got -1");
    expect(() => nn.clipGradNorm([one], 1, { normtype: 1 } as object)).toThrow("did you mean normType?");
    expect(() => nn.clipGradNorm(new nn.Linear(1, 1) as never, 1)).toThrow("expects tensors, as model.parameters()");
    one.grad = tensor([Number.NaN, 1]);
    expect(() => nn.clipGradNorm([one], 1, { errorIfNonfinite: true })).toThrow("the norm of the gradients is NaN");
  });

  it("that are NaN spoils them all, as in PyTorch", () => {
    const all = withGradients([[Number.NaN, 1], [2]]);
    nn.clipGradNorm(all, 1);
    expect(all[1].grad?.toArray()).toEqual([Number.NaN]);
  });
});
