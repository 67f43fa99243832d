/** Who owns the storage of a leaf's gradient: whoever has seen it, or else the pool. */

import { backend, nn, optim, randn, type Tensor } from "refrain";
import { describe, expect, test } from "vitest";

/** Large enough that its gradients come from the pool. */
function step(net: nn.Linear, x: Tensor): void {
  net.forward(x).square().mean().backward();
}

describe("a gradient", () => {
  test("that was read keeps its values when later steps make others", () => {
    const net = new nn.Linear(40, 30);
    step(net, randn([8, 40]));
    const kept = net.weight.grad as Tensor;
    const values = kept.toTypedArray();
    for (let i = 0; i < 5; i++) {
      net.zeroGrad();
      step(net, randn([8, 40]));
    }
    expect(kept.toTypedArray()).toEqual(values);
    expect(net.weight.grad === kept).toBe(false);
  });

  test("that was set by hand is never taken for a later one", () => {
    const net = new nn.Linear(40, 30);
    const own = randn([30, 40]);
    const values = own.toTypedArray();
    net.weight.grad = own;
    net.zeroGrad();
    step(net, randn([8, 40]));
    expect(own.toTypedArray()).toEqual(values);
  });

  test("that nobody has seen gives its storage to the next step's", () => {
    const net = new nn.Linear(40, 30);
    step(net, randn([8, 40]));
    const storage = net.weight.peekGrad()?.storage;
    net.zeroGrad();
    step(net, randn([8, 40]));
    expect(net.weight.peekGrad()?.storage).toBe(storage);
  });

  test("is the same whether its storage is new or used", () => {
    const x = randn([8, 40]);
    const net = new nn.Linear(40, 30);
    step(net, x);
    const fresh = net.weight.grad as Tensor;
    net.zeroGrad();
    step(net, randn([8, 40]));
    net.zeroGrad();
    step(net, x);
    expect(net.weight.peekGrad()?.toTypedArray()).toEqual(fresh.toTypedArray());
  });

  test("is summed into, and what was added goes back to the pool", () => {
    const x = randn([8, 40]);
    const net = new nn.Linear(40, 30);
    step(net, x);
    const once = (net.weight.peekGrad() as Tensor).toTypedArray() as Float32Array;
    step(net, x);
    const twice = (net.weight.grad as Tensor).toTypedArray() as Float32Array;
    expect(twice).toEqual(once.map((value) => value + value));
  });

  test("of a parameter that an optimiser stepped is still there to be read", () => {
    const net = new nn.Linear(40, 30);
    const optimizer = new optim.Adam(net.parameters());
    step(net, randn([8, 40]));
    optimizer.step();
    expect(net.weight.grad?.shape).toEqual([30, 40]);
  });
});

test("storages of a few numbers that share a buffer do not overlap, and begin with zeros", () => {
  const kernels = backend();
  const storages = Array.from({ length: 500 }, (_, i) => kernels.allocate((i * 7) % 513));
  storages.forEach((storage, i) => {
    const bytes = kernels.elements(storage, "uint8") as Uint8Array;
    expect(bytes.length).toBe((i * 7) % 513);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    bytes.fill(1 + (i % 250));
  });
  storages.forEach((storage, i) => {
    const bytes = kernels.elements(storage, "uint8") as Uint8Array;
    expect(bytes.every((byte) => byte === 1 + (i % 250))).toBe(true);
  });
});
