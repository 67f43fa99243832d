/** What backward does to leaves, graphs and tensors in between. */

import { AutogradError, add, enableGrad, isGradEnabled, nn, noGrad, ones, randn, type Tensor, tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { leaf, values } from "./inputs.ts";

const parameter = (...data: number[]) => tensor(data, { requiresGrad: true });
const gradOf = (x: Tensor) => x.grad?.toArray();

describe("gradients of leaves", () => {
  it("add up over backward calls", () => {
    const x = parameter(1, 2);
    x.square().sum().backward();
    x.square().sum().backward();
    expect(gradOf(x)).toEqual([4, 8]);
  });

  it("are the leaf's own: neither the gradient given nor another leaf's", () => {
    const [x, y] = [parameter(1, 2), parameter(3, 4)];
    const gradient = tensor([1, 1]);
    const sum = x.add(y);
    sum.backward({ gradient, retainGraph: true });
    sum.backward({ gradient });
    expect(gradient.toArray()).toEqual([1, 1]);
    expect([gradOf(x), gradOf(y)]).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });

  it("have the leaf's shape and lie row-major", () => {
    const x = values([2, 3]).t().detach().requiresGrad_();
    x.mul(values([2, 3]).t())
      .sum()
      .backward();
    expect(x.grad?.shape).toEqual([3, 2]);
    expect(x.grad?.isContiguous).toBe(true);
    expect(gradOf(x)).toEqual(values([2, 3]).t().toArray());
  });

  it("of a leaf used many times are summed", () => {
    const x = parameter(2);
    let sum: Tensor = x;
    for (let i = 1; i < 100; i++) sum = sum.add(x);
    sum.mul(x).sum().backward(); // 100 x²
    expect(gradOf(x)).toEqual([400]);
  });

  it("of a leaf that is the root itself is 1", () => {
    const x = tensor(3, { requiresGrad: true });
    x.backward();
    expect(x.grad?.item()).toBe(1);
  });

  it("pass through a diamond once by each side", () => {
    const x = tensor(3, { requiresGrad: true });
    const middle = x.square();
    middle.mul(2).add(middle.mul(middle)).backward(); // 2x² + x⁴
    expect(x.grad?.item()).toBe(4 * 3 + 4 * 27);
  });

  it("pass between dtypes", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { dtype: "float64", requiresGrad: true });
    x.mul(y).sum().backward();
    expect([x.grad?.dtype, y.grad?.dtype]).toEqual(["float32", "float64"]);
    expect(gradOf(x)).toEqual([3, 4]);
  });
});

describe("the graph", () => {
  it("is freed by backward, and says how to go on", () => {
    const x = parameter(1, 2);
    const loss = x.square().sum();
    loss.backward();
    expect(() => loss.backward()).toThrow(AutogradError);
    expect(() => loss.backward()).toThrow("detach the state (h.detach())");
    expect(() => loss.backward()).toThrow("backward({ retainGraph: true })");
    expect(gradOf(x)).toEqual([2, 4]);
  });

  it("stays with retainGraph", () => {
    const x = parameter(1, 2);
    const loss = x.square().sum();
    loss.backward({ retainGraph: true });
    loss.backward();
    expect(gradOf(x)).toEqual([4, 8]);
  });

  it.each(["RNN", "LSTM", "GRU"] as const)(
    "of a hidden state carried through %s is an error until detached",
    (kind) => {
      const layer = kind === "LSTM" ? new nn.LSTM(2, 3) : new nn[kind](2, 3);
      const step = (state: unknown) => {
        const [y, next] = (layer as nn.LSTM).forward(ones([4, 1, 2]), state as nn.LSTMState);
        y.sum().backward();
        return next as unknown as Tensor; // an LSTM's state detaches the same way
      };
      const carried = step(null);
      expect(() => step(carried)).toThrow("detach the state");
      expect(() => step(carried.detach())).not.toThrow();
    },
  );

  it("of 10,000 ops does not overflow the stack", () => {
    const x = tensor(1, { requiresGrad: true });
    let y: Tensor = x;
    for (let i = 0; i < 10_000; i++) y = y.mul(1).add(1);
    y.backward();
    expect(x.grad?.item()).toBe(1);
  });

  it("through a recurrent layer gives the same gradients a second time", () => {
    for (const layer of [new nn.RNN(2, 3), new nn.LSTM(2, 4, { projSize: 2, bidirectional: true }), new nn.GRU(2, 3)]) {
      const x = randn([5, 2, 2], { requiresGrad: true });
      const [y] = (layer as nn.GRU).forward(x);
      const loss = y.square().sum();
      const gradients = (retainGraph: boolean) => {
        for (const p of [x, ...layer.parameters()]) p.grad = null;
        loss.backward({ retainGraph });
        return [x, ...layer.parameters()].map(gradOf);
      };
      const first = gradients(true);
      expect(gradients(true)).toEqual(first);
      expect(gradients(false)).toEqual(first);
    }
  });

  it("ends at detach, which shares the elements", () => {
    const x = parameter(1, 2);
    const y = x.mul(3);
    const cut = y.detach();
    expect([cut.requiresGrad, cut.isLeaf, cut.storage === y.storage]).toEqual([false, true, true]);
    y.mul(cut).sum().backward();
    expect(gradOf(x)).toEqual([9, 18]);
  });
});

describe("recording", () => {
  it("is off inside noGrad, on again inside enableGrad, and as before afterwards", () => {
    const x = parameter(1);
    const inside = noGrad(() => {
      const nested = noGrad(() => x.mul(2).requiresGrad);
      return [x.mul(2).requiresGrad, nested, enableGrad(() => x.mul(2).requiresGrad), isGradEnabled()];
    });
    expect(inside).toEqual([false, false, true, false]);
    expect(isGradEnabled()).toBe(true);
  });

  it("comes back after an exception", () => {
    expect(() =>
      noGrad(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(isGradEnabled()).toBe(true);
  });

  it("does not leak into a promise", () => {
    expect(() => noGrad(async () => 1)).toThrow("put noGrad around the synchronous part");
    expect(isGradEnabled()).toBe(true);
  });

  it("is off during backward", () => {
    const x = parameter(1, 2);
    x.square().sum().backward();
    expect(x.grad?.requiresGrad).toBe(false);
  });

  it("never marks whole numbers or booleans", () => {
    const x = tensor([2, 1, 3], { requiresGrad: true });
    const results = [
      x.argmax(),
      x.gt(1),
      x.sort().indices,
      x.topk(1).indices,
      x.max(0).indices,
      x.to("int64"),
      x.any(),
    ];
    expect(results.map((y) => y.requiresGrad)).toEqual(results.map(() => false));
    expect(() => tensor([1n], { requiresGrad: true })).toThrow("only floating-point tensors have gradients");
  });

  it("needs an argument that requires a gradient", () => {
    const y = randn([2]).mul(2);
    expect([y.requiresGrad, y.isLeaf]).toEqual([false, true]);
    expect(() => y.sum().backward()).toThrow("this tensor depends on nothing that requires a gradient");
  });
});

describe("retainGrad", () => {
  it("keeps the gradient of a tensor in between, all that arrives at it", () => {
    const x = parameter(1, 2);
    const y = x.mul(3);
    y.retainGrad();
    y.square().add(y).sum().backward();
    expect(gradOf(y)).toEqual([7, 13]);
    expect(gradOf(x)).toEqual([21, 39]);
  });

  it("keeps nothing when not asked", () => {
    const y = parameter(1).mul(3);
    y.sum().backward();
    expect(y.grad).toBeNull();
  });

  it("does not share its memory with a leaf's gradient", () => {
    const w = leaf([2, 2]);
    const y = w.mul(1);
    y.retainGrad();
    const bias = leaf([2]);
    const x = values([3, 2]);
    const loss = () => x.matmul(y).add(bias).sum();
    const l = loss();
    l.backward({ retainGraph: true });
    const before = w.grad?.toArray();
    y.grad?.fill_(0);
    expect(w.grad?.toArray()).toEqual(before);
  });
});

describe("the gradient to start from", () => {
  it("is 1 for a single number, and must be given for more", () => {
    const x = parameter(1, 2);
    expect(() => x.mul(2).backward()).toThrow("only a single number has an implicit gradient of 1, this tensor is [2]");
    x.mul(2).backward({ gradient: tensor([1, 10]) });
    expect(gradOf(x)).toEqual([2, 20]);
  });

  it("has the tensor's shape and dtype", () => {
    const y = parameter(1, 2).mul(2);
    expect(() => y.backward({ gradient: ones([3]) })).toThrow("must have the tensor's shape [2], got [3]");
    expect(() => y.backward({ gradient: ones([2], { dtype: "float64" }) })).toThrow('gradient.to("float32")');
  });
});

describe("the same leaf twice in one op", () => {
  it("gets both gradients", () => {
    const x = leaf([2, 2]);
    add(x, x).sum().backward();
    expect(gradOf(x)).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });
});
