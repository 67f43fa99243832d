/** Tensors filled with draws hold PyTorch's numbers in PyTorch's places, whatever their layout (`tools/fixtures/random-tensors.py`). */

import { readFileSync } from "node:fs";
import * as refrain from "refrain";
import { type DType, manualSeed, nn, noGrad, randint, randn, type Tensor, zeros } from "refrain";
import { describe, expect, it } from "vitest";

interface Case {
  line: string;
  js: string;
  dtype: DType;
  shape: number[];
  values: (number | string)[];
  following: number;
}
const url = new URL("../fixtures/random/tensors.json", import.meta.url);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(url, "utf8"));

/** Two libraries' logarithms, sines and cosines; all else is exact. */
const ROUNDING = 2e-7;

describe("draws into tensors are PyTorch's", () => {
  it.each(cases)("$line", ({ js, dtype, shape, values, following }) => {
    manualSeed(3);
    const x: Tensor = new Function("r", `return ${js}`)(refrain);
    expect([x.dtype, x.shape]).toEqual([dtype, shape]);
    const found = Array.from<number | bigint>(x.toTypedArray() as never).map(Number);
    const allowed = /[nN]ormal|exponential/.test(js) ? ROUNDING : 0;
    values.forEach((value, i) => {
      const wanted = dtype === "float32" ? Math.fround(Number(value)) : Number(value);
      expect(Math.abs(found[i] - wanted), `element ${i}`).toBeLessThanOrEqual(allowed * Math.max(1, Math.abs(wanted)));
    });
    expect(randint(0, 2 ** 20, [1]).item()).toBe(following);
  });

  it("initial values of a transposed weight are those of the weight it is a view of", () => {
    const weight = zeros([4, 6]);
    manualSeed(1);
    nn.init.uniform_(weight.t());
    const filled = weight.clone();
    manualSeed(1);
    expect(nn.init.uniform_(zeros([4, 6])).toArray()).toEqual(filled.toArray());
  });

  it("draws from a generator of one's own leave the default stream alone", () => {
    manualSeed(3);
    const untouched = randn([2]).toArray();
    manualSeed(3);
    const draws = () => {
      const generator = new refrain.Generator(7);
      return [
        zeros([2]).uniform_(0, 1, { generator }),
        refrain.multinomial(refrain.ones([3]), 2, { generator }),
        refrain.bernoulli(refrain.full([4], 0.5), { generator }),
      ].map((x) => x.toArray());
    };
    expect(draws()).toEqual(draws());
    expect(randn([2]).toArray()).toEqual(untouched);
  });

  it("a leaf that wants a gradient is filled under noGrad only", () => {
    const weight = randn([2], { requiresGrad: true });
    expect(() => weight.uniform_()).toThrow("uniform_: a tensor that takes part in gradients");
    noGrad(() => weight.uniform_(5, 6));
    expect(weight.ge(5).all().item()).toBe(1);
  });
});
