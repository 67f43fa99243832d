/**
 * Gradients of weights where all terms have one sign, as with data scaled to 0 … 1: the sum grows, and what is added to it often loses more
 * each time than where terms cancel.
 */

import { manualSeed, nn, rand } from "refrain";
import { expect, it } from "vitest";

/** PyTorch 2.13's float32 is this far from its float64 on these very numbers, as a share of the largest gradient. */
const PYTORCH_ERROR = { weight_ih_l0: 1.74e-7, weight_hh_l0: 2.59e-7 };

function gradients(dtype: "float32" | "float64") {
  manualSeed(1);
  const layer = new nn.LSTM(3, 50);
  const x = rand([400, 32, 3]);
  const gradient = rand([400, 32, 50]);
  layer.to(dtype);
  const [y] = layer.forward(x.to(dtype));
  y.backward({ gradient: gradient.to(dtype) });
  return new Map([...layer.namedParameters()].map(([name, { grad }]) => [name, grad?.toTypedArray() ?? []]));
}

it("are within twice PyTorch's error of float64", () => {
  const single = gradients("float32");
  const exact = gradients("float64");
  for (const [name, allowed] of Object.entries(PYTORCH_ERROR)) {
    const own = Array.from(single.get(name) ?? [], Number);
    const wanted = Array.from(exact.get(name) ?? [], Number);
    const largest = Math.max(...wanted.map(Math.abs));
    const error = Math.max(...wanted.map((value, i) => Math.abs(value - own[i]))) / largest;
    expect(own.length, name).toBeGreaterThan(0);
    expect(error, name).toBeLessThanOrEqual(2 * allowed);
  }
});
