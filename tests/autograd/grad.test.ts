/** grad(): gradients returned instead of added to the leaves. */

import { AutogradError, grad, nn, randn, type Tensor, tensor } from "refrain";
import { describe, expect, it } from "vitest";

const parameter = (...data: number[]) => tensor(data, { requiresGrad: true });
const arrays = (gradients: readonly (Tensor | null)[]) => gradients.map((g) => g?.toArray() ?? null);

describe("grad", () => {
  it("returns gradients and leaves every grad alone", () => {
    const [x, y] = [parameter(1, 2), parameter(3, 4)];
    expect(arrays(grad(x.mul(y).sum(), [x, y]))).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect([x.grad, y.grad]).toEqual([null, null]);
  });

  it("takes tensors in between, and the output itself", () => {
    const x = parameter(1, 2);
    const middle = x.mul(3);
    const out = middle.square().sum();
    expect(arrays(grad(out, [x, middle, out]))).toEqual([[18, 36], [6, 12], 1]);
  });

  it("adds over several outputs, each with its own gradient", () => {
    const x = parameter(1, 2);
    const gradOutputs = [tensor([1, 10]), tensor([100, 1000])];
    expect(arrays(grad([x.mul(2), x.mul(3)], x, { gradOutputs }))).toEqual([[302, 3020]]);
  });

  it("throws for an input that does not matter, or returns null where allowed", () => {
    const [x, unused] = [parameter(1), parameter(2)];
    expect(() => grad(x.mul(2), [x, unused])).toThrow("the outputs do not depend on input 1");
    expect(arrays(grad(x.mul(2), [x, unused], { allowUnused: true }))).toEqual([[2], null]);
    expect(() => grad(x.mul(2), tensor([1]))).toThrow("grad: input 0 does not require a gradient");
    expect(() => grad(tensor([1]), x)).toThrow("grad: output 0 depends on nothing that requires a gradient");
  });

  it("runs, and frees, only what leads to its inputs", () => {
    const x = parameter(1, 2);
    const shared = x.square();
    const first = shared.square();
    expect(arrays(grad(first.sum(), shared))).toEqual([[2, 8]]);
    // Below `shared` nothing was used up.
    shared.sum().backward();
    expect(x.grad?.toArray()).toEqual([2, 4]);
  });

  it("does not disturb a backward over another part of the graph", () => {
    const x = parameter(2);
    const y = x.exp();
    grad(y.sum(), x, { retainGraph: true });
    y.sum().backward();
    expect(x.grad?.item()).toBeCloseTo(Math.exp(2), 5);
  });

  it("with createGraph differentiates again, to any order", () => {
    const x = tensor(2, { dtype: "float64", requiresGrad: true });
    let y: Tensor = x.pow(4);
    const orders: number[] = [];
    for (let order = 0; order < 5; order++) {
      const [next] = grad(y, x, { createGraph: true });
      y = next as Tensor;
      orders.push(y.item());
    }
    expect(orders).toEqual([32, 48, 48, 24, 0]);
  });

  it("with createGraph the gradient of a gradient reaches the leaves", () => {
    const x = parameter(3);
    const [dx] = grad(x.pow(3).sum(), x, { createGraph: true }) as Tensor[];
    dx.square().sum().backward(); // d(9x⁴)/dx
    expect(x.grad?.toArray()).toEqual([36 * 27]);
  });

  it("without createGraph the gradients are not recorded", () => {
    const x = parameter(3);
    expect(grad(x.square().sum(), x)[0]?.requiresGrad).toBe(false);
  });

  it("with createGraph through a fused op is a clear error, and through cells works", () => {
    const x = randn([3, 1, 2], { requiresGrad: true });
    const layer = new nn.LSTM(2, 3);
    const [y] = layer.forward(x);
    expect(() => grad(y.sum(), x, { createGraph: true })).toThrow(AutogradError);
    expect(() => grad(y.sum(), x, { createGraph: true })).toThrow(
      "RecurrentBackward0 is a fused op, its gradient cannot be differentiated again; write the part that needs second " +
        "derivatives with cells (nn.LSTMCell …) or single ops",
    );
    const cell = new nn.LSTMCell(2, 3);
    const { h } = cell.forward(x.select(0, 0));
    const [dx] = grad(h.sum(), x, { createGraph: true }) as Tensor[];
    dx.square().sum().backward();
    expect(cell.weight_ih.grad?.abs().sum().item()).toBeGreaterThan(0);
  });

  it("with createGraph passes by a fused op that does not lead to its inputs", () => {
    const layer = new nn.RNN(1, 1);
    const [y] = layer.forward(randn([2, 1, 1]));
    const w = parameter(2);
    const [dw] = grad(y.sum().mul(w.square()).sum(), w, { createGraph: true }) as Tensor[];
    expect(dw.requiresGrad).toBe(true);
  });
});
