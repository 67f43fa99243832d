/** Saved states that stay in the module's memory: whatever the order of forwards and backwards, the gradients are the same bits. */

import { backend, manualSeed, nn, randn, setBackend, type Tensor } from "refrain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let before = "";
beforeAll(async () => {
  before = backend().name;
  await setBackend("wasm");
});
afterAll(() => setBackend(before));

const bitsOf = (x: Tensor) => new Uint32Array((x.toTypedArray() as Float32Array).slice().buffer);

/** A layer, its forward, and the bits of its gradients. */
function layer(seed: number, steps = 5, batch = 3, hidden = 7) {
  manualSeed(seed);
  const lstm = new nn.LSTM(2, hidden, { numLayers: 2 });
  const x = randn([steps, batch, 2]);
  return {
    forward: () => lstm.forward(x)[0].sum(),
    gradients() {
      const bits = [...lstm.parameters()].map(({ grad }) => bitsOf(grad!));
      lstm.zeroGrad();
      return bits;
    },
  };
}

/** The gradients of a layer that nothing came between. */
function expected(seed: number, ...sizes: number[]) {
  const one = layer(seed, ...sizes);
  one.forward().backward();
  return one.gradients();
}

describe("gradients are the same", () => {
  test("when backward comes in the order of forward", () => {
    const [a, b] = [layer(1), layer(2)];
    const [first, second] = [a.forward(), b.forward()];
    first.backward();
    second.backward();
    expect(a.gradients()).toEqual(expected(1));
    expect(b.gradients()).toEqual(expected(2));
  });

  test("when a graph is gone through twice", () => {
    const one = layer(3);
    const loss = one.forward();
    loss.backward({ retainGraph: true });
    const first = one.gradients();
    loss.backward();
    expect(first).toEqual(expected(3));
    expect(one.gradients()).toEqual(first);
  });

  test("when so many forwards came between that the states had to leave the module", () => {
    const sizes = [40, 100, 64];
    const [a, b] = [layer(4, ...sizes), layer(5, ...sizes)];
    const loss = a.forward();
    for (let i = 0; i < 14; i++) b.forward();
    loss.backward();
    expect(a.gradients()).toEqual(expected(4, ...sizes));
  });

  test("when their storages are in use again", () => {
    const [a, b] = [layer(6), layer(7)];
    for (let i = 0; i < 5; i++) {
      const loss = a.forward();
      b.forward();
      loss.backward();
      expect(a.gradients()).toEqual(expected(6));
    }
  });

  test("when another backend computes in between", async () => {
    const one = layer(8);
    const loss = one.forward();
    await setBackend("reference");
    randn([100, 100]).exp().sum();
    await setBackend("wasm");
    loss.backward();
    expect(one.gradients()).toEqual(expected(8));
  });
});
