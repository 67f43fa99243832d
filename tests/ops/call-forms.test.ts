/** What may be said in two ways means the same both ways, and what a call returns can be read as Python reads it. */

import { inspect } from "node:util";
import { arange, manualSeed, randn, type Tensor, tensor, ValuesAndIndices } from "refrain";
import { describe, expect, it } from "vitest";

const x = tensor([
  [3, 1, 2],
  [4, 6, 5],
]);
const same = (a: Tensor, b: Tensor) => expect([a.shape, a.toArray()]).toEqual([b.shape, b.toArray()]);

describe("an axis and options behind it are the same as options by name", () => {
  it.each(["sum", "mean", "prod", "amax", "amin", "any", "all", "std", "var", "logsumexp"] as const)("%s", (name) => {
    same(x[name](1, { keepdim: true }), x[name]({ dim: 1, keepdim: true }));
    same(x[name]([0, 1], { keepdim: true }), x[name]({ dim: [0, 1], keepdim: true }));
    expect(x[name](1, { keepdim: true }).shape).toEqual([2, 1]);
    expect(x[name](1, {}).shape).toEqual([2]);
    expect(x[name](null, { keepdim: true }).shape).toEqual([1, 1]);
  });

  it("argmax, argmin, max, min, sort, topk, flatten, clamp, norm", () => {
    same(x.argmax(1, { keepdim: true }), x.argmax({ dim: 1, keepdim: true }));
    same(x.argmin(0), x.argmin({ dim: 0 }));
    same(x.max(1, { keepdim: true }).values, x.max({ dim: 1, keepdim: true }).values);
    same(x.min(0).indices, x.min({ dim: 0 }).indices);
    same(x.sort(0, { descending: true }).values, x.sort({ dim: 0, descending: true }).values);
    same(x.topk(2, 1, { largest: false }).values, x.topk(2, { dim: 1, largest: false }).values);
    same(x.flatten(1), x.flatten({ startDim: 1 }));
    same(x.clamp(2, 4), x.clamp({ min: 2, max: 4 }));
    same(x.norm(1, 0, { keepdim: true }), x.norm({ p: 1, dim: 0, keepdim: true }));
    same(x.flip(0, 1), x.flip([0, 1]));
  });
});

describe("values and their indices", () => {
  it.each([
    ["max", () => x.max(1), [3, 6], [0, 1]],
    ["min", () => x.min(1), [1, 4], [1, 0]],
    ["median", () => x.median(1), [2, 5], [2, 2]],
    ["sort", () => tensor([2, 3, 1]).sort(), [1, 2, 3], [2, 0, 1]],
    ["topk", () => tensor([2, 3, 1]).topk(2), [3, 2], [1, 0]],
  ] as const)("of %s come by name and by place", (_, find, values, indices) => {
    const found = find();
    expect(found).toBeInstanceOf(ValuesAndIndices);
    const [first, second] = found;
    expect(first).toBe(found.values);
    expect(second).toBe(found.indices);
    expect([first.toArray(), second.toArray()]).toEqual([values, indices]);
  });
});

describe("a tensor as text", () => {
  it("is JSON of nested numbers, with words for what JSON cannot say", () => {
    expect(JSON.stringify({ x })).toBe('{"x":[[3,1,2],[4,6,5]]}');
    expect(JSON.stringify(tensor(1.5))).toBe("1.5");
    expect(JSON.stringify(tensor([true, false]))).toBe("[true,false]");
    expect(JSON.stringify(tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1]))).toBe(
      '["NaN","Infinity","-Infinity",1]',
    );
    expect(JSON.stringify(tensor([2n ** 60n, 2n]))).toBe('["1152921504606846976",2]');
    expect(JSON.stringify(tensor([[]]))).toBe("[[]]");
  });

  it("is what Node prints for it, alone or inside something", () => {
    expect(inspect(tensor([1, 2.5]))).toBe("tensor([1.0000, 2.5000])");
    expect(inspect({ h: tensor([1n]) })).toBe("{ h: tensor([1]) }");
    expect(`${tensor([1], { requiresGrad: true }).mul(2)}`).toBe("tensor([2.], grad_fn=<MulBackward0>)");
  });
});

describe("the elements as arrays", () => {
  it("need no cast for a vector, and a type argument beyond", () => {
    const series: number[] = arange(3).toArray();
    const rows = x.toArray<number[][]>();
    expect(Math.max(...series)).toBe(2);
    expect(rows[1][2]).toBe(5);
    expect(x.tolist()).toEqual(rows);
  });
});

describe("a step of gradient descent written by hand", () => {
  it("takes alpha into account", () => {
    manualSeed(0);
    const [weight, gradient] = [randn([3]), randn([3])];
    same(weight.clone().add_(gradient, { alpha: -0.5 }), weight.sub(gradient.mul(0.5)));
  });
});
