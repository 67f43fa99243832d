/** What is handed to layers, losses and initial values: nothing is passed over, and nonsense ends in one clear error. */

import { nn, ones, optim, RefrainError, randn, setPrintOptions, type Tensor, tensor } from "refrain";
import { describe, expect, it } from "vitest";

const F = nn.functional;
const x = randn([4, 3]);
const classes = tensor([0n, 1n, 2n, 0n]);
const misspelt = { reducton: "sum" } as never;

describe("an option that nobody reads", () => {
  it.each([
    ["mseLoss", () => F.mseLoss(x, x, misspelt)],
    ["l1Loss", () => F.l1Loss(x, x, misspelt)],
    ["smoothL1Loss", () => F.smoothL1Loss(x, x, misspelt)],
    ["huberLoss", () => F.huberLoss(x, x, misspelt)],
    ["crossEntropy", () => F.crossEntropy(x, classes, misspelt)],
    ["nllLoss", () => F.nllLoss(x, classes, misspelt)],
    ["binaryCrossEntropy", () => F.binaryCrossEntropy(x.sigmoid(), x.sigmoid(), misspelt)],
    ["binaryCrossEntropyWithLogits", () => F.binaryCrossEntropyWithLogits(x, x, misspelt)],
    ["klDiv", () => F.klDiv(x, x, misspelt)],
    ["gaussianNllLoss", () => F.gaussianNllLoss(x, x, ones([4, 3]), misspelt)],
    ["poissonNllLoss", () => F.poissonNllLoss(x, x, misspelt)],
    ["quantileLoss", () => F.quantileLoss(x, x, misspelt)],
    ["ctcLoss", () => F.ctcLoss(randn([5, 1, 3]), tensor([[1n]]), [5], [1], misspelt)],
  ])("is refused by %s", (name, act) => {
    expect(act).toThrow(`${name}: there is no option reducton; did you mean reduction?`);
  });

  it.each<[string, () => unknown]>([
    ["embedding", () => F.embedding(classes, x, { padding_idx: 1 } as object)],
    ["layerNorm", () => F.layerNorm(x, [3], { epsilon: 1 } as object)],
    ["rmsNorm", () => F.rmsNorm(x, [3], { epsilon: 1 } as object)],
    ["batchNorm", () => F.batchNorm(x, null, null, { train: true } as object)],
    ["conv1d", () => F.conv1d(x, ones([1, 4, 2]), null, { pading: 1 } as object)],
    ["pad", () => F.pad(x, [1, 1], { vale: 2 } as object)],
    ["dropout", () => F.dropout(x, { train: false } as object)],
    ["padSequence", () => nn.padSequence([x, x], { batch_first: true } as object)],
    ["packSequence", () => nn.packSequence([x, x], { enforceSort: false } as object)],
    ["packPaddedSequence", () => nn.packPaddedSequence(x, [4, 4, 4], { batchfirst: true } as object)],
    ["padPackedSequence", () => nn.padPackedSequence(nn.packSequence([x]), { total: 9 } as object)],
    ["unpadSequence", () => nn.unpadSequence(x, [4, 4, 4], { batchfirst: true } as object)],
    ["kaimingUniform_", () => nn.init.kaimingUniform_(ones([2, 2]), { mod: "fanOut" } as object)],
  ])("is refused by %s", (name, act) => {
    expect(act).toThrow(`${name}: there is no option`);
  });
});

describe("what modules are asked", () => {
  const layer = () => new nn.Linear(1, 1);
  it.each<[string, () => unknown, string]>([
    ["a mode", () => layer().train("eval" as never), "Linear.train: the mode must be true or false, got string"],
    ["a target", () => layer().to(undefined as never), "Linear.to: name a dtype or a device"],
    ["a state", () => layer().loadStateDict(null as never), "Linear.loadStateDict: expects a state dict, got null"],
    ["strictness", () => layer().loadStateDict({}, false as never), "options must be an object such as { strict: … }"],
    ["a buffer", () => layer().registerBuffer("seen", [1] as never), '"seen" must be a tensor or null'],
    [
      "a buffer's option",
      () => layer().registerBuffer("seen", null, { persist: 1 } as never),
      "there is no option persist; there are persistent",
    ],
    ["a parameter", () => layer().registerParameter("w", ones([1]) as never), "make one with new nn.Parameter(tensor)"],
    ["a submodule", () => layer().registerModule("inner", 3 as never), '"inner" must be a module or null, got number'],
    ["a visit", () => layer().apply(3 as never), "Linear.apply: expects a function of a module, got number"],
    ["a hook", () => layer().registerForwardHook(3 as never), "a hook is a function, got number"],
    [
      "zeroGrad's option",
      () => layer().zeroGrad({ setToNil: true } as never),
      "there is no option setToNil; there are setToNone",
    ],
    [
      "backward's option",
      () => ones([1], { requiresGrad: true }).backward({ retain_graph: true } as never),
      "did you mean",
    ],
    ["summary's option", () => nn.summary(layer(), [1, 1], { dtpe: "float32" } as never), "did you mean dtype?"],
    ["a print option", () => setPrintOptions({ precison: 2 } as never), "did you mean precision?"],
  ])("is refused if it is not %s", (_, act, message) => {
    expect(act).toThrow(message);
  });

  it("zeroGrad leaves zeros where that is asked for", () => {
    const model = layer();
    model
      .forward(ones([1, 1]))
      .sum()
      .backward();
    model.zeroGrad({ setToNone: false });
    expect(model.parameters().map((parameter) => parameter.grad?.reshape(-1).toArray())).toEqual([[0], [0]]);
    new optim.SGD(model.parameters()).zeroGrad();
    expect(model.parameters().map((parameter) => parameter.grad)).toEqual([null, null]);
  });

  it("a gradient comes to backward by position, too, as in PyTorch", () => {
    const weight = ones([2], { requiresGrad: true });
    weight.mul(3).backward(tensor([1, 2]));
    expect(weight.grad?.toArray()).toEqual([3, 6]);
  });
});

describe("arrays where tensors are wanted", () => {
  const list = [1, 2, 3] as unknown as Tensor;
  it.each<[string, () => unknown]>([
    ["a prediction", () => new nn.MSELoss().forward(list, x)],
    ["a target", () => new nn.CrossEntropyLoss().forward(x, list)],
    ["an input of a linear layer", () => new nn.Linear(3, 1).forward(list)],
    ["an input of an embedding", () => new nn.Embedding(3, 1).forward(list)],
    ["an input of a norm", () => new nn.LayerNorm(3).forward(list)],
    ["a sequence", () => new nn.GRU(3, 1).forward(list)],
    ["sequences of a batch", () => nn.padSequence([list])],
    ["a padded batch", () => nn.packPaddedSequence(list, [1])],
    ["a weight", () => nn.init.xavierUniform_(list)],
    ["a parameter", () => new nn.Parameter(list)],
  ])("are refused as %s, and the cure is named", (_, act) => {
    expect(act).toThrow(RefrainError);
    expect(act).toThrow(/tensor/);
  });
});

describe("what is no number, no list, no module", () => {
  it.each<[string, () => unknown, string]>([
    ["gain", () => nn.init.xavierUniform_(x, { gain: 2 } as never), "xavierUniform_: gain must be a number"],
    ["mean", () => nn.init.normal_(x, { std: 2 } as never), "normal_: mean must be a number, got object"],
    ["std", () => nn.init.normal_(x, 0, Number.NaN), "normal_: std ≥ 0 expected, got NaN"],
    ["bounds", () => nn.init.uniform_(x, 1, Number.NaN), "low ≤ high, both finite, expected"],
    ["lengths", () => nn.packPaddedSequence(x, undefined as never), "packPaddedSequence: lengths must be"],
    ["modules", () => new nn.ModuleList(new nn.Linear(1, 1) as never), "ModuleList: expects a list of modules"],
    ["named modules", () => new nn.ModuleDict(3 as never), "ModuleDict: expects modules by name"],
    ["parameters", () => new nn.ParameterList({} as never), "ParameterList: expects a list of tensors"],
    ["axes of Flatten", () => new nn.Flatten({ startDim: 1 } as never), "Flatten: an axis is a whole number"],
    ["sizes of Unflatten", () => new nn.Unflatten(1, 2 as never), "Unflatten: sizes are a list"],
    ["a normalised shape", () => new nn.LayerNorm({} as never), "LayerNorm: normalizedShape must be a size or a list"],
    ["a packed sequence", () => nn.padPackedSequence(x as never), "padPackedSequence: expects a PackedSequence"],
    ["a cell", () => nn.scan(null as never, x, null), "scan: expects a cell first"],
    ["a model", () => nn.summary(x as never), "summary: expects a model first, got object"],
    ["sides", () => F.pad(x, [1, 2, 3]), "pad: sides are pairs [front, behind, …] of at most 2 axes"],
  ])("is refused as %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
