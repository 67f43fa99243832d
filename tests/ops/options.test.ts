/** No argument of an op is passed over in silence: a misspelt option or a misplaced one is an error. */
import { arange, cat, full, ones, rand, randn, randnLike, softmax, squeeze, tensor, zeros } from "refrain";
import { describe, expect, it } from "vitest";

describe("making a tensor", () => {
  const misspelt = { requires_grad: true } as never;

  it("refuses options that nobody reads", () => {
    const makers = [
      () => tensor([1], misspelt),
      () => zeros([1], misspelt),
      () => ones([1], misspelt),
      () => full([1], 2, misspelt),
      () => rand([1], misspelt),
      () => randn([1], misspelt),
      () => randnLike(ones([1]), misspelt),
      () => arange(0, 2, 1, misspelt),
    ];
    for (const make of makers) expect(make).toThrow("there is no option requires_grad; did you mean requiresGrad?");
    expect(() => zeros([1], "float64" as never)).toThrow("options must be an object such as { dtype: … }, got string");
  });

  it("takes those that it has", () => {
    expect(randn([1], { dtype: "float64", requiresGrad: true }).requiresGrad).toBe(true);
    expect(tensor([1, 2], { shape: [2, 1] }).shape).toEqual([2, 1]);
  });
});

describe("an axis", () => {
  const x = ones([2, 1]);

  it("is a number, and what else came is shown", () => {
    expect(() => softmax(x, { dim: 1 } as never)).toThrow(
      'softmax: an axis is a number such as 0 or -1, got {"dim":1}',
    );
    expect(() => softmax(x, undefined as never)).toThrow("softmax: an axis is a number such as 0 or -1, got undefined");
    expect(() => cat([x, x], { dim: 1 } as never)).toThrow('cat: an axis is a number such as 0 or -1, got {"dim":1}');
    expect(() => squeeze(x, { dim: 1 } as never)).toThrow(
      'squeeze: an axis is a number such as 0 or -1, got {"dim":1}',
    );
  });
});
