/** Without a gradient layers keep their weights as products read them: whatever changes a weight must reach the next forward. */

import { backend, manualSeed, nn, noGrad, optim, randn, setBackend, type Tensor } from "refrain";
import { afterEach, describe, expect, it } from "vitest";
import { backendsUnderTest } from "../conformance/backends.ts";

const chosen = backend().name;
afterEach(() => setBackend(chosen));

const bits = (y: Tensor) => [...new Uint32Array(Float32Array.from(y.toTypedArray() as Float32Array).buffer)];

/** The output of a layer without a gradient, and with one, for which weights are laid out anew. */
const outputs = (layer: nn.LSTM, x: Tensor) => [
  bits(noGrad(() => layer.forward(x))[0]),
  bits(layer.forward(x)[0].detach()),
];

function expectCurrent(layer: nn.LSTM, x: Tensor, before: readonly number[]): void {
  const [kept, anew] = outputs(layer, x);
  expect(kept).toEqual(anew);
  expect(kept).not.toEqual(before);
}

describe.each(backendsUnderTest)("%s", (name) => {
  const layer = () => {
    setBackend(name);
    manualSeed(0);
    const made = new nn.LSTM(3, 20, { numLayers: 2, bidirectional: true, projSize: 7 });
    const x = randn([4, 1, 3]);
    const [kept, anew] = outputs(made, x);
    expect(kept).toEqual(anew);
    return { made, x, before: kept };
  };

  it("follows each parameter that is written in place", () => {
    const { made, x, before } = layer();
    let last: readonly number[] = before;
    for (const parameter of made.parameters()) {
      noGrad(() => parameter.mul_(1.5));
      expectCurrent(made, x, last);
      last = outputs(made, x)[0];
    }
  });

  it("follows an optimiser, a state dict and a parameter that takes another's place", () => {
    const { made, x, before } = layer();
    const optimizer = new optim.Adam(made.parameters());
    made.forward(x)[0].sum().backward();
    optimizer.step();
    expectCurrent(made, x, before);
    const trained = outputs(made, x)[0];
    made.loadStateDict(new nn.LSTM(3, 20, { numLayers: 2, bidirectional: true, projSize: 7 }).stateDict());
    expectCurrent(made, x, trained);
    const loaded = outputs(made, x)[0];
    const own = made as unknown as Record<string, nn.Parameter>;
    own.weight_ih_l1 = new nn.Parameter(randn([80, 14]));
    expectCurrent(made, x, loaded);
  });

  it("follows a change of the backend", () => {
    const { made, x } = layer();
    setBackend("reference");
    const [kept, anew] = outputs(made, x);
    expect(kept).toEqual(anew);
    setBackend(name);
    expect(outputs(made, x)[0]).toEqual(outputs(made, x)[1]);
  });
});
