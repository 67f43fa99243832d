/** Losses give PyTorch's numbers and gradients, and refuse what would silently be another loss. */

import { type DType, nn, randn, type Tensor, tensor, zeros } from "refrain";
import { describe, expect, it } from "vitest";
import { casesOf, expectRecorded, type Recorded } from "./recorded.ts";

interface RecordedTensor extends Recorded {
  dtype: DType;
  grad?: boolean;
}

interface LossCase {
  line: string;
  type: string;
  function: string;
  inputs: (RecordedTensor | number | number[])[];
  /** Whether the first input goes through a log-softmax over its classes first. */
  logSoftmaxed: boolean;
  options: Record<string, unknown>;
  loss: Recorded;
  gradients: (Recorded | null)[];
}

const isRecorded = (value: unknown): value is RecordedTensor =>
  typeof value === "object" && value !== null && "dtype" in value;

const given = (value: unknown): unknown =>
  isRecorded(value)
    ? tensor(value.values, { dtype: value.dtype, shape: value.shape, requiresGrad: value.grad ?? false })
    : value;

const classes = nn as unknown as Record<string, new (options: object) => { forward(...x: unknown[]): Tensor }>;
const functions = nn.functional as unknown as Record<string, (...args: unknown[]) => Tensor>;

/** What CTC and NLL losses see; CTC's classes lie on the last axis, NLL's on the second. */
function seenBy(type: string, inputs: readonly unknown[], logSoftmaxed: boolean): unknown[] {
  const [scores, ...rest] = inputs;
  return logSoftmaxed ? [(scores as Tensor).logSoftmax(type === "CTCLoss" ? -1 : 1), ...rest] : [...inputs];
}

describe("a loss and its gradients are PyTorch's", () => {
  for (const c of casesOf<LossCase>("losses/losses")) {
    const shapes = c.inputs.map((x) => (isRecorded(x) ? `${x.dtype} [${x.shape}]` : String(x))).join(", ");
    it(`${c.line} of ${shapes}`, () => {
      const inputs = c.inputs.map(given);
      const options = Object.fromEntries(Object.entries(c.options).map(([name, value]) => [name, given(value)]));
      const loss = new classes[c.type](options).forward(...seenBy(c.type, inputs, c.logSoftmaxed));
      expectRecorded("loss", loss, c.loss);
      const weights = tensor(
        Array.from({ length: loss.elementCount }, (_, i) => i + 1),
        {
          dtype: loss.dtype,
          shape: loss.shape,
        },
      );
      loss.mul(weights).sum().backward();
      c.gradients.forEach((gradient, i) => {
        if (gradient !== null) expectRecorded(`gradient of input ${i}`, (inputs[i] as Tensor).grad, gradient);
      });
      const byFunction = functions[c.function](...seenBy(c.type, inputs, c.logSoftmaxed), options);
      expect(byFunction.toArray()).toEqual(loss.toArray());
    });
  }
});

describe("a loss is a module", () => {
  it("its weights follow the model's dtype and are saved under PyTorch's names", () => {
    const bce = new nn.BCEWithLogitsLoss({ posWeight: tensor([1, 2, 3]) });
    expect(Object.keys(bce.stateDict())).toEqual(["pos_weight"]);
    const x = randn([4, 3], { dtype: "float64" });
    expect(bce.to("float64").forward(x, zeros([4, 3], { dtype: "float64" })).dtype).toBe("float64");
  });

  it("prints its name alone", () => {
    expect(String(new nn.CrossEntropyLoss({ weight: tensor([1, 2]) }))).toBe("CrossEntropyLoss()");
    expect(String(new nn.CTCLoss())).toBe("CTCLoss()");
  });
});

describe("laws of single losses", () => {
  it("an ignored target may be anything, even a class without probability", () => {
    const scores = tensor([
      [0, Number.NEGATIVE_INFINITY],
      [1, 2],
    ]);
    const loss = new nn.NLLLoss({ ignoreIndex: 1, reduction: "sum" });
    expect(loss.forward(scores, tensor([1, 1], { dtype: "int64" })).item()).toBe(0);
  });

  it("the mean over no counted target is NaN, as PyTorch's", () => {
    const loss = new nn.CrossEntropyLoss().forward(randn([2, 3]), tensor([-100, -100], { dtype: "int64" }));
    expect(loss.item()).toBeNaN();
  });

  it("an impossible alignment has an infinite loss", () => {
    const logs = randn([2, 1, 3]).logSoftmax(-1);
    const labels = tensor([[1, 1]], { dtype: "int64" }); // two alike need a blank between them
    expect(new nn.CTCLoss({ reduction: "sum" }).forward(logs, labels, [2], [2]).item()).toBe(Number.POSITIVE_INFINITY);
    expect(new nn.CTCLoss({ reduction: "sum" }).forward(logs.detach(), labels, [1], [1]).item()).toBeLessThan(20);
  });

  it("the gradient of an infinite loss is 0", () => {
    const logs = randn([2, 1, 3]).logSoftmax(-1).requiresGrad_();
    new nn.CTCLoss().forward(logs, tensor([[1n, 1n]]), [2], [2]).backward();
    expect(logs.grad?.eq(0).all().item()).toBe(1);
  });

  it("a sequence without steps costs nothing without labels and everything with one", () => {
    const logs = randn([3, 2, 4]).logSoftmax(-1);
    const loss = new nn.CTCLoss({ reduction: "none" }).forward(logs, tensor([[1n], [2n]]), [0, 0], [0, 1]);
    expect(loss.toArray()).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it("the constant that costs least under the pinball loss is the quantile", () => {
    const truth = tensor(Array.from({ length: 100 }, (_, i) => i));
    const costs = Array.from({ length: 100 }, (_, i) =>
      new nn.QuantileLoss({ quantiles: 0.905 }).forward(truth.mul(0).add(i), truth).item(),
    );
    expect(costs.indexOf(Math.min(...costs))).toBe(90);
  });

  it("NaN is not swallowed", () => {
    const x = tensor([Number.NaN, 0.5]);
    for (const name of ["mseLoss", "l1Loss", "huberLoss", "smoothL1Loss", "quantileLoss"]) {
      expect(functions[name](x, tensor([1, 1])).item(), name).toBeNaN();
    }
  });
});

describe("what would be another loss is refused, and the cure is named", () => {
  const x = randn([4, 3]);
  const classIndices = tensor([0, 1, 2, 0], { dtype: "int64" });
  const refused: [string, () => unknown, RegExp][] = [
    ["[N, 1] against [N]", () => new nn.MSELoss().forward(randn([4, 1]), randn([4])), /squeeze\(-1\).*broadcast: true/],
    ["[N] against [N, 1]", () => new nn.HuberLoss().forward(randn([4]), randn([4, 1])), /target\.squeeze\(-1\)/],
    ["transposed shapes", () => new nn.L1Loss().forward(x, randn([3, 4])), /target\.reshape\(4, 3\)/],
    ["other dtypes", () => new nn.MSELoss().forward(x, randn([4, 3], { dtype: "float64" })), /target\.to\("float32"\)/],
    ["an unknown reduction", () => new nn.MSELoss({ reduction: "avg" as "mean" }), /mean, sum, none.*"avg"/],
    ["batchmean but for the divergence", () => new nn.L1Loss({ reduction: "batchmean" as "mean" }), /batchmean/],
    ["a misspelt option", () => new nn.HuberLoss({ detla: 2 } as object), /did you mean delta/],
    ["a class out of range", () => new nn.CrossEntropyLoss().forward(randn([4, 2]), classIndices), /index 2 .* 2/],
    ["classes as floats", () => new nn.CrossEntropyLoss().forward(x, tensor([0, 1, 2, 0])), /to\("int64"\)/],
    ["classes as bools", () => new nn.NLLLoss().forward(x, tensor([true, true, false, true])), /int64, got bool/],
    [
      "too few targets",
      () => new nn.NLLLoss().forward(x, tensor([0, 1], { dtype: "int64" })),
      /must be \[4\], got \[2\]/,
    ],
    [
      "too few weights",
      () => new nn.NLLLoss({ weight: tensor([1, 2]) }).forward(x, classIndices),
      /weight must be \[3\]/,
    ],
    ["smoothing above 1", () => new nn.CrossEntropyLoss({ labelSmoothing: 1.5 }).forward(x, classIndices), /0 … 1/],
    ["scores as probabilities", () => new nn.BCELoss().forward(tensor([2]), tensor([1])), /WithLogits/],
    ["NaN as a probability", () => new nn.BCELoss().forward(tensor([Number.NaN]), tensor([1])), /input holds .* NaN/],
    ["a target above 1", () => new nn.BCELoss().forward(tensor([0.5]), tensor([1.5])), /target holds .* 1\.5/],
    ["whole scores", () => new nn.CrossEntropyLoss().forward(x.to("int64"), classIndices), /input\.to\("float32"\)/],
    ["a negative variance", () => new nn.GaussianNLLLoss().forward(x, x, tensor(-1)), /not negative, got -1/],
    ["a variance of another shape", () => new nn.GaussianNLLLoss().forward(x, x, tensor([1, 2])), /\[4, 3\], \[4\]/],
    ["a quantile of 1", () => new nn.QuantileLoss({ quantiles: 1 }).forward(x, x), /between 0 and 1/],
    [
      "quantiles without their axis",
      () => new nn.QuantileLoss({ quantiles: [0.1, 0.9] }).forward(x, x),
      /\[\.\.\., 2\]/,
    ],
    ["a delta of 0", () => new nn.HuberLoss({ delta: 0 }).forward(x, x), /delta must be positive/],
    [
      "a blank among the labels",
      () => nn.functional.ctcLoss(randn([5, 1, 3]), tensor([[0]], { dtype: "int64" }), [5], [1]),
      /blank 0/,
    ],
    [
      "a length beyond the input",
      () => nn.functional.ctcLoss(randn([5, 1, 3]), tensor([[1]], { dtype: "int64" }), [6], [1]),
      /0 to 5/,
    ],
  ];
  for (const [what, act, message] of refused) it(what, () => expect(act).toThrow(message));

  it("broadcasting is allowed when asked for", () => {
    const loss = new nn.MSELoss({ broadcast: true }).forward(tensor([[1], [2]]), tensor([1, 2]));
    expect(loss.item()).toBe(0.5);
  });
});
