/** What every module can: name what it holds, save and load it, run hooks, change dtype, print. */

import {
  ArgumentError,
  BackendError,
  DTypeError,
  FormatError,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "refrain";
import { describe, expect, it } from "vitest";
import { casesOf } from "../pytorch/recorded.ts";

class Net extends nn.Module {
  rnn = new nn.LSTM(1, 50, { batchFirst: true });
  heads = new nn.ModuleDict<nn.Linear | nn.Sequential>({
    price: new nn.Linear(50, 1),
    more: new nn.Sequential(new nn.Linear(50, 2), new nn.Tanh()),
  });
  blocks = new nn.ModuleList([0, 1, 2].map(() => new nn.Sequential(new nn.Linear(1, 2), new nn.Tanh())));

  override forward(x: Tensor): Tensor {
    const [y] = this.rnn.forward(x);
    return (this.heads.get("price") as nn.Linear).forward(y.select(1, -1));
  }
}

const linear = () => new nn.Linear(1, 2);
const shared = linear();

describe("printing, names and state are PyTorch's to the letter", () => {
  const modules: Record<string, () => nn.Module> = {
    "an empty list": () => new nn.ModuleList(),
    "a list of alike": () => new nn.ModuleList([linear(), linear(), linear()]),
    "a list of alike and others": () =>
      new nn.ModuleList<nn.Module>([linear(), new nn.ReLU(), new nn.ReLU(), linear()]),
    "a dict": () =>
      new nn.ModuleDict<nn.Module>([
        ["b", linear()],
        ["10", new nn.ReLU()],
        ["a", new nn.Tanh()],
        ["2", new nn.Sigmoid()],
      ]),
    "an empty sequence": () => new nn.Sequential(),
    "a module twice": () => new nn.Sequential(shared, new nn.Tanh(), shared),
    parameters: () => new nn.ParameterList([zeros([2, 3]), zeros([1])]),
    "one parameter": () => new nn.ParameterList([zeros([4])]),
    nested: () => new Net(),
  };
  for (const c of casesOf<{ name: string; text: string; keys: string[]; parameters: string[] }>("layers/printing")) {
    it(c.name, () => {
      const module = modules[c.name]();
      expect(String(module)).toBe(c.text);
      expect(Object.keys(module.stateDict())).toEqual(c.keys);
      expect([...module.namedParameters()].map(([name]) => name)).toEqual(c.parameters);
    });
  }
});

describe("what a module holds", () => {
  it("a module that is held twice runs twice and is trained once", () => {
    const square = new nn.Linear(2, 2);
    const twice = new nn.Sequential(square, square);
    const x = randn([3, 2]);
    expect(twice.forward(x).toArray()).toEqual(square.forward(square.forward(x)).toArray());
    expect(twice.parameters()).toHaveLength(2);
    expect([...twice.children()]).toHaveLength(1);
  });

  it("a shared parameter is one parameter under two keys, and stays one after a cast", () => {
    class Tied extends nn.Module {
      encoder = new nn.Linear(3, 3);
      decoder = new nn.Linear(3, 3);
      constructor() {
        super();
        this.decoder.weight = this.encoder.weight;
      }
      override forward(x: Tensor): Tensor {
        return this.decoder.forward(this.encoder.forward(x));
      }
    }
    const tied = new Tied();
    expect(tied.parameters()).toHaveLength(3);
    expect(Object.keys(tied.stateDict())).toHaveLength(4);
    tied.double();
    expect(tied.decoder.weight).toBe(tied.encoder.weight);
    const copy = new Tied();
    copy.loadStateDict(tied.stateDict());
    expect(copy.encoder.weight.toArray()).toEqual(tied.encoder.weight.float().toArray());
  });

  it("paths lead to submodules, parameters and buffers", () => {
    const net = new Net();
    expect(net.getSubmodule("")).toBe(net);
    expect(net.getSubmodule("heads.more.0")).toBeInstanceOf(nn.Linear);
    expect(net.getParameter("rnn.weight_ih_l0").shape).toEqual([200, 1]);
    expect(new nn.Sequential(new nn.BatchNorm1d(2)).getBuffer("0.running_mean").toArray()).toEqual([0, 0]);
    expect(() => net.getSubmodule("heads.prise")).toThrow(/no submodule prise; it has price, more/);
    expect(() => net.getParameter("heads.price.wait")).toThrow(/no wait; it has weight, bias/);
  });

  it("apply visits the innermost first and itself last", () => {
    const names: string[] = [];
    const model = new nn.Sequential(new nn.Sequential(new nn.Tanh()), new nn.ReLU());
    expect(model.apply((module) => names.push(module.moduleName))).toBe(model);
    expect(names).toEqual(["Tanh", "Sequential", "ReLU", "Sequential"]);
  });

  it("private fields are not seen", () => {
    class Secret extends nn.Module {
      readonly #hidden = new nn.Linear(1, 1);
      override forward(x: Tensor): Tensor {
        return this.#hidden.forward(x);
      }
    }
    expect(new Secret().parameters()).toEqual([]);
  });

  it("plain collections of modules or parameters are refused, with what to write instead", () => {
    class Holder extends nn.Module {
      readonly parts: unknown;
      constructor(parts: unknown) {
        super();
        this.parts = parts;
      }
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    const refuse = (parts: unknown, cure: RegExp) => expect(() => new Holder(parts).parameters()).toThrow(cure);
    refuse([linear()], /Holder\.parts.*this\.parts = new nn\.ModuleList/);
    refuse({ a: linear() }, /nn\.ModuleDict/);
    refuse(new Map([["a", linear()]]), /nn\.ModuleDict/);
    refuse([new nn.Parameter(zeros([1]))], /nn\.ParameterList/);
    expect(new Holder([1, "two", { three: 3 }]).parameters()).toEqual([]);
  });

  it("names that would break paths or hide members are refused", () => {
    const model = new nn.Sequential();
    expect(() => model.registerParameter("a.b", null)).toThrow(ArgumentError);
    expect(() => model.registerBuffer("forward", zeros([1]))).toThrow(/every module has a member of that name/);
    expect(() => new nn.ModuleDict({ "": linear() })).toThrow(ArgumentError);
    expect(() => new nn.Sequential(nn.Tanh as unknown as nn.Tanh)).toThrow(/a class needs `new`/);
  });

  it("a list grows, and is read from either end", () => {
    const list = new nn.ModuleList([linear()]);
    const [first, last] = [linear(), linear()];
    list.append(last).insert(0, first);
    expect([list.length, list.at(0), list.at(-1)]).toEqual([3, first, last]);
    expect(() => list.call()).toThrow(/its members/);
  });
});

describe("state", () => {
  it("a buffer that is not persistent is not saved, but follows a cast", () => {
    const model = new nn.Sequential(linear());
    model.registerBuffer("mask", ones([2]), { persistent: false });
    model.registerBuffer("scale", ones([2]));
    expect(Object.keys(model.stateDict())).toEqual(["scale", "0.weight", "0.bias"]);
    expect([...model.namedBuffers()].map(([name]) => name)).toEqual(["mask", "scale"]);
    expect(
      model
        .double()
        .buffers()
        .map((buffer) => buffer.dtype),
    ).toEqual(["float64", "float64"]);
  });

  it("save → load = same output", () => {
    const [a, b] = [new Net(), new Net()];
    const x = randn([2, 5, 1]);
    expect(b.forward(x).toArray()).not.toEqual(a.forward(x).toArray());
    expect(b.loadStateDict(a.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(b.forward(x).toArray()).toEqual(a.forward(x).toArray());
  });

  it("keys and shapes that do not fit are named, and nothing is changed", () => {
    const model = linear();
    const before = model.weight.toArray();
    const { weight } = linear().stateDict();
    expect(() => model.loadStateDict({ weight, extra: weight })).toThrow(/missing: bias; unexpected: extra/);
    expect(() => model.loadStateDict({ weight })).toThrow(FormatError);
    expect(() => model.loadStateDict({ weight, bias: zeros([3]) })).toThrow(/bias is \[2\], got \[3\]/);
    expect(() => model.loadStateDict({ weight, bias: zeros([3]) })).toThrow(ShapeError);
    expect(() => model.loadStateDict({ weight, bias: [1, 2] as never })).toThrow(/bias must be a tensor/);
    expect(model.weight.toArray()).toEqual(before);
    expect(model.loadStateDict({ weight, extra: weight }, { strict: false })).toEqual({
      missingKeys: ["bias"],
      unexpectedKeys: ["extra"],
    });
    expect(model.weight.toArray()).toEqual(weight.toArray());
  });
});

describe("dtype and device", () => {
  it("a cast keeps the parameters the same objects, so an optimiser goes on training them", () => {
    const model = linear();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const before = model.parameters();
    model.double();
    expect(model.parameters().every((parameter, i) => parameter === before[i])).toBe(true);
    const start = model.weight.toArray();
    model
      .forward(ones([1, 1], { dtype: "float64" }))
      .sum()
      .backward();
    optimizer.step();
    expect(model.weight.toArray()).not.toEqual(start);
    expect(model.weight.dtype).toBe("float64");
  });

  it("gradients are cast along", () => {
    const model = linear();
    model
      .forward(ones([1, 1]))
      .sum()
      .backward();
    model.to("float64");
    expect(model.weight.grad?.dtype).toBe("float64");
    expect(model.weight.grad?.toArray()).toEqual([[1], [1]]);
  });

  it("the CPU is a device, others are one clear error, and whole numbers are no dtype for weights", () => {
    const model = linear();
    expect(model.to("cpu")).toBe(model);
    expect(() => model.to("cuda")).toThrow(BackendError);
    expect(() => model.to("cuda")).toThrow(/Linear\.to: there is no "cuda"/);
    expect(() => model.to("int64")).toThrow(DTypeError);
  });

  it("frozen parameters get no gradient", () => {
    const model = new nn.Sequential(linear(), new nn.Linear(2, 1));
    (model.at(0) as nn.Linear).requiresGrad_(false);
    model
      .forward(ones([3, 1]))
      .sum()
      .backward();
    expect(model.parameters().map((parameter) => parameter.grad !== null)).toEqual([false, false, true, true]);
  });
});

describe("hooks", () => {
  it("run with call, and with nothing else", () => {
    const seen: string[] = [];
    const model = new nn.Sequential(new nn.Tanh());
    model.registerForwardPreHook((module, inputs) => void seen.push(`before ${module.moduleName}, ${inputs.length}`));
    (model.at(0) as nn.Module).registerForwardHook((module) => void seen.push(`after ${module.moduleName}`));
    const handle = model.registerForwardHook((module) => void seen.push(`after ${module.moduleName}`));
    model.call(zeros([1]));
    expect(seen).toEqual(["before Sequential, 1", "after Tanh", "after Sequential"]);
    handle.remove();
    model.call(zeros([1]));
    expect(seen.slice(3)).toEqual(["before Sequential, 1", "after Tanh"]);
    seen.length = 0;
    new nn.Tanh().forward(zeros([1]));
    expect(seen).toEqual([]);
  });

  it("what they return replaces inputs and outputs", () => {
    const model = new nn.Identity();
    model.registerForwardPreHook((_, [x]) => (x as Tensor).add(1));
    model.registerForwardHook((_, [x], y) => (x as Tensor).mul(10).add(y as Tensor));
    expect((model.call(tensor([2])) as Tensor).toArray()).toEqual([33]);
  });

  it("of the gradients see and replace them, as PyTorch's full backward hooks", () => {
    const model = new nn.Bilinear(1, 1, 1, { bias: false });
    noGrad(() => model.weight.fill_(3));
    const seen: unknown[] = [];
    model.registerFullBackwardPreHook((_, [dy]) => [(dy as Tensor).mul(2)]);
    model.registerFullBackwardHook((_, inputs, outputs) => {
      seen.push(
        inputs.map((gradient) => gradient?.toArray() ?? null),
        outputs.map((gradient) => gradient?.toArray() ?? null),
      );
      return inputs.map((gradient) => gradient?.mul(100) ?? null);
    });
    const x = tensor([[5]], { requiresGrad: true });
    const data = tensor([[7]]);
    model.call(x, data).sum().backward();
    expect(seen).toEqual([[[[42]], null], [[[2]]]]);
    expect(x.grad?.toArray()).toEqual([[4200]]);
    expect(model.weight.grad?.toArray()).toEqual([[[70]]]);
  });

  it("of the gradients run where no input wants one", () => {
    const model = linear();
    const seen: unknown[] = [];
    model.registerFullBackwardHook((_, inputs, outputs) => void seen.push(inputs, outputs[0]?.toArray()));
    model
      .call(ones([1, 1]))
      .sum()
      .backward();
    expect(seen).toEqual([[null], [[1, 1]]]);
    noGrad(() => model.call(ones([1, 1])));
    expect(seen).toHaveLength(2);
  });

  it("do not change what is computed by looking on", () => {
    const run = (watched: boolean) => {
      manualSeed(2);
      const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 1));
      if (watched) for (const module of model.modules()) module.registerFullBackwardHook(() => undefined);
      const loss = model
        .call(randn([5, 3]))
        .square()
        .sum();
      loss.backward();
      return [loss.item(), ...model.parameters().map((parameter) => parameter.grad?.toArray())];
    };
    expect(run(true)).toEqual(run(false));
  });
});

describe("summary", () => {
  it("names every layer with its output and its parameters, and leaves model and stream as they were", () => {
    const model = new Net();
    model.blocks.at(0)?.requiresGrad_(false);
    manualSeed(9);
    const expected = rand([1]).item();
    manualSeed(9);
    const summary = nn.summary(model, [8, 10, 1]);
    expect(rand([1]).item()).toBe(expected);
    expect(model.training).toBe(true);
    expect(Object.hasOwn(model.rnn, "forward")).toBe(false);
    const own = 4 * 50 * (1 + 50 + 2);
    expect(summary.layers.slice(0, 3)).toEqual([
      { path: "", type: "Net", outputShape: [8, 1], parameters: 0 },
      { path: "rnn", type: "LSTM", outputShape: [8, 10, 50], parameters: own },
      { path: "heads.price", type: "Linear", outputShape: [8, 1], parameters: 51 },
    ]);
    expect(summary.parameters).toBe(model.parameters().reduce((sum, parameter) => sum + parameter.elementCount, 0));
    expect(summary.parameters - summary.trainable).toBe(4);
    expect(summary.layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(summary.parameters);
    expect(String(summary)).toContain(`${"10,600"}`);
    expect(String(summary).split("\n").at(-1)).toBe("10,765 parameters, 10,761 trainable");
  });

  it("takes several inputs, other dtypes, and none", () => {
    const bilinear = nn.summary(new nn.Bilinear(2, 3, 4), [
      [5, 2],
      [5, 3],
    ]);
    expect(bilinear.layers[0].outputShape).toEqual([5, 4]);
    const letters = nn.summary(new nn.Embedding(4, 2), [7, 3], { dtype: "int64" });
    expect(letters.layers[0].outputShape).toEqual([7, 3, 2]);
    expect(nn.summary(linear()).layers[0]).toEqual({ path: "", type: "Linear", outputShape: null, parameters: 4 });
  });

  it("a model that fails leaves no trace of having been watched", () => {
    const model = new nn.Sequential(new nn.Linear(2, 2));
    expect(() => nn.summary(model, [3, 5])).toThrow(ShapeError);
    expect(Object.hasOwn(model, "forward")).toBe(false);
    expect(model.training).toBe(true);
  });
});

describe("a module and all below it", () => {
  class Own extends nn.Module {
    readonly gain = 2;

    constructor() {
      super();
      this.registerModule("inner", new nn.Sequential(new nn.Linear(1, 1), new nn.Tanh()));
      this.registerModule("none", null);
      this.registerBuffer("seen", zeros([1]));
    }

    override forward(x: Tensor): Tensor {
      return x.mul(this.gain);
    }

    override extraRepr(): string {
      return `gain=${this.gain}`;
    }
  }

  it("is named, children first hand and modules with their paths", () => {
    const own = new Own();
    expect([...own.namedChildren()].map(([name]) => name)).toEqual(["inner"]);
    expect([...own.children()].map((child) => child.moduleName)).toEqual(["Sequential"]);
    expect([...own.namedModules()].map(([path]) => path)).toEqual(["", "inner", "inner.0", "inner.1"]);
    expect([...own.modules()]).toHaveLength(4);
    expect(own.buffers().map((buffer) => buffer.toArray())).toEqual([[0]]);
    expect([...own.namedBuffers()].map(([path]) => path)).toEqual(["seen"]);
  });

  it("is trained and evaluated together, and forgets its gradients together", () => {
    const own = new nn.Sequential(new nn.Linear(1, 1), new nn.Sequential(new nn.Dropout(0.5)));
    expect(own.eval()).toBe(own);
    expect([...own.modules()].map((module) => module.training)).toEqual([false, false, false, false]);
    own.train();
    expect([...own.modules()].every((module) => module.training)).toBe(true);
    own
      .forward(ones([1, 1]))
      .sum()
      .backward();
    expect(own.parameters().every((parameter) => parameter.grad !== null)).toBe(true);
    own.zeroGrad();
    expect(own.parameters().map((parameter) => parameter.grad)).toEqual([null, null]);
    expect(own.toString()).toBe(String(own));
  });

  it("has parameters that print as PyTorch's", () => {
    expect(String(new nn.Parameter(ones([2, 2])))).toBe(
      "Parameter containing:\ntensor([[1., 1.],\n        [1., 1.]], requires_grad=True)",
    );
    expect(String(new nn.Parameter(tensor([1.5]), false))).toBe("Parameter containing:\ntensor([1.5000])");
  });

  it("is printed below what extraRepr says", () => {
    expect(String(new Own())).toBe(
      [
        "Own(",
        "  gain=2",
        "  (inner): Sequential(",
        "    (0): Linear(in_features=1, out_features=1, bias=True)",
        "    (1): Tanh()",
        "  )",
        ")",
      ].join("\n"),
    );
  });
});
