/** Changes in place: refused where they would have to be recorded, noticed where they spoil a gradient. */

import { AutogradError, indexPut_, nn, noGrad, ones, range, tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { leaf, values } from "./inputs.ts";

describe("a change in place", () => {
  const changes = {
    fill_: (x = leaf([2, 2])) => x.fill_(1),
    zero_: (x = leaf([2, 2])) => x.zero_(),
    copy_: (x = leaf([2, 2])) => x.copy_(values([2, 2])),
    add_: (x = leaf([2, 2])) => x.add_(1),
    sub_: (x = leaf([2, 2])) => x.sub_(1),
    mul_: (x = leaf([2, 2])) => x.mul_(2),
    div_: (x = leaf([2, 2])) => x.div_(2),
    "indexPut_ by number": (x = leaf([2, 2])) => indexPut_(x, [0], 1),
    "indexPut_ by mask": (x = leaf([2, 2])) => indexPut_(x, [x.lt(9)], 1),
    "indexPut_ by index": (x = leaf([2, 2])) => indexPut_(x, [tensor([0n])], 1),
  };

  it.each(Object.entries(changes))("%s of a leaf that requires a gradient needs noGrad", (_, change) => {
    expect(() => change()).toThrow(AutogradError);
    expect(() => change()).toThrow("wrap the change in noGrad(() => …)");
    const x = leaf([2, 2]);
    const before = x.storage.version;
    noGrad(() => change(x));
    expect(x.storage.version).toBeGreaterThan(before);
    expect(x.requiresGrad).toBe(true);
  });

  it("of a view of such a leaf needs noGrad, too", () => {
    expect(() => leaf([2, 2]).select(0, 0).fill_(1)).toThrow("noGrad");
  });

  it("by a tensor that requires a gradient is refused: it would be lost", () => {
    expect(() => ones([2], { dtype: "float64" }).add_(leaf([2]))).toThrow(AutogradError);
    expect(() => indexPut_(ones([2, 2], { dtype: "float64" }), [0], leaf([2]))).toThrow(AutogradError);
  });

  it("of a saved tensor makes backward an error", () => {
    const x = leaf([3]);
    const factor = values([3]);
    const y = x.mul(factor);
    factor.add_(1);
    expect(() => y.sum().backward()).toThrow(
      /a tensor that MulBackward0 saved for its gradient was changed in place afterwards \(its version was 0, now it is 1\)/,
    );
  });

  it("of a saved output, through a view of it, is noticed as well", () => {
    const x = leaf([3]);
    const y = x.exp();
    y.detach().select(0, 0).fill_(0);
    expect(() => y.sum().backward()).toThrow("ExpBackward0 saved");
  });

  it("of a tensor that nothing saved is harmless", () => {
    const x = leaf([3]);
    const y = x.add(1);
    y.detach().zero_();
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([1, 1, 1]);
  });

  it("of a leaf's grad is no change of the leaf", () => {
    const x = leaf([3]);
    x.square().sum().backward();
    const loss = x.square().sum(); // saves x while x has a grad
    x.grad?.zero_();
    expect(() => loss.backward()).not.toThrow();
    expect(x.grad?.toArray()).toEqual(x.mul(2).toArray());
  });

  it("of weights between forward and backward of a recurrent pass is noticed", () => {
    const layer = new nn.GRU(2, 3);
    const [y] = layer.forward(ones([4, 1, 2]));
    noGrad(() => layer.parameters()[0].mul_(0.5));
    expect(() => y.sum().backward()).toThrow("RecurrentBackward0 saved");
  });

  it("reads a source that overlaps before it writes", () => {
    const x = tensor([1, 2, 3, 4]);
    x.slice(0, 1).copy_(x.slice(0, 0, 3));
    expect(x.toArray()).toEqual([1, 1, 2, 3]);
    const y = tensor([1, 2, 3, 4]);
    y.slice(0, 1).add_(y.slice(0, 0, 3));
    expect(y.toArray()).toEqual([1, 3, 5, 7]);
  });

  it("writes through ranges with steps", () => {
    const x = tensor([0, 0, 0, 0, 0]);
    indexPut_(x, [range(null, null, 2)], tensor([1, 2, 3]));
    expect(x.toArray()).toEqual([1, 0, 2, 0, 3]);
  });
});
