/** What a module computes is what its function computes: PyTorch's `nn.functional` and its modules are one. */

import { nn, randn, type Tensor, tensor } from "refrain";
import { describe, expect, it } from "vitest";

const F = nn.functional;
const same = (a: Tensor, b: Tensor) => expect(a.toArray()).toEqual(b.toArray());

describe("the function of a layer gives what the layer gives", () => {
  it("prelu, layerNorm, rmsNorm, bilinear, conv1d, embedding, linear", () => {
    const x = randn([4, 3]);
    const [slopes, layer, rms] = [new nn.PReLU(3), new nn.LayerNorm(3), new nn.RMSNorm(3)];
    same(F.prelu(x, slopes.weight), slopes.forward(x));
    same(F.layerNorm(x, [3], { weight: layer.weight, bias: layer.bias }), layer.forward(x));
    same(F.rmsNorm(x, [3], { weight: rms.weight }), rms.forward(x));
    const [pair, window] = [new nn.Bilinear(3, 3, 2), new nn.Conv1d(4, 2, 2)];
    same(F.bilinear(x, x, pair.weight, pair.bias), pair.forward(x, x));
    same(F.conv1d(x, window.weight, window.bias), window.forward(x));
    const [table, line] = [new nn.Embedding(5, 2), new nn.Linear(3, 2)];
    const letters = tensor([4n, 0n]);
    same(F.embedding(letters, table.weight), table.forward(letters));
    same(F.linear(x, line.weight, line.bias), line.forward(x));
  });

  it("batchNorm, while training and after", () => {
    const norm = new nn.BatchNorm1d(3);
    const [mean, variance] = [tensor([0, 0, 0]), tensor([1, 1, 1])];
    for (const training of [true, true, false]) {
      const x = randn([5, 3]);
      norm.train(training);
      const { weight, bias } = norm;
      same(F.batchNorm(x, mean, variance, { weight, bias, training }), norm.forward(x));
    }
    same(mean, norm.running_mean as Tensor);
    same(variance, norm.running_var as Tensor);
  });

  it("losses", () => {
    const [x, y] = [randn([4, 3]), randn([4, 3])];
    const classes = tensor([0n, 2n, 1n, 1n]);
    same(F.mseLoss(x, y), new nn.MSELoss().forward(x, y));
    same(F.l1Loss(x, y, { reduction: "sum" }), new nn.L1Loss({ reduction: "sum" }).forward(x, y));
    same(F.smoothL1Loss(x, y, { beta: 0.5 }), new nn.SmoothL1Loss({ beta: 0.5 }).forward(x, y));
    same(F.huberLoss(x, y, { delta: 0.5 }), new nn.HuberLoss({ delta: 0.5 }).forward(x, y));
    same(F.crossEntropy(x, classes), new nn.CrossEntropyLoss().forward(x, classes));
    same(F.nllLoss(x, classes), new nn.NLLLoss().forward(x, classes));
    const quantiles = [0.1, 0.5, 0.9]; // one for each feature of x
    const of = y.select(1, 0);
    same(F.quantileLoss(x, of, { quantiles }), new nn.QuantileLoss({ quantiles }).forward(x, of));
  });
});

describe("a loss of one's own", () => {
  /** The mean of |x − y|³. */
  const cubic = (x: Tensor, y: Tensor, { scale = 1 }: { scale?: number } = {}): Tensor =>
    x.sub(y).abs().pow(3).mean().mul(scale);

  it("is made a module by lossModule, with options that are checked", () => {
    class CubicLoss extends nn.lossModule("CubicLoss", cubic, ["scale"]) {}
    const loss = new CubicLoss({ scale: 2 });
    expect(loss).toBeInstanceOf(nn.Loss);
    expect(String(loss)).toBe("CubicLoss()");
    expect(loss.forward(tensor([1, 3]), tensor([0, 1])).item()).toBe(9);
    expect(() => new CubicLoss({ scael: 2 } as object)).toThrow(
      "CubicLoss: there is no option scael; did you mean scale?",
    );
  });
});
