/** backward takes shortcuts where only a slice of an output was used; grad does not. Both give the same gradients. */

import { grad, type Tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { recurrentSamples } from "./recurrent-samples.ts";

const uses: Record<string, (y: Tensor, time: number) => Tensor[]> = {
  "the last step": (y, time) => [y.select(time, -1)],
  "the first step": (y, time) => [y.select(time, 0)],
  "the last step as a slice": (y, time) => [y.slice(time, -1)],
  "no step at all": (y, time) => [y.slice(time, -1, -1)],
  "no step, and one": (y, time) => [y.slice(time, -1, -1), y.select(time, 0)],
  "every second step": (y, time) => [y.slice(time, 0, null, 2)],
  "the last feature": (y) => [y.select(2, -1)],
  "the last sequence": (y, time) => [y.select(1 - time, -1)],
  "the last step twice": (y, time) => [y.select(time, -1), y.select(time, -1).tanh()],
  "the last step and all steps": (y, time) => [y.select(time, -1), y],
};

describe("a slice of a recurrent output", () => {
  for (const { what, f, inputs } of recurrentSamples) {
    const outputs = f(...inputs) as Tensor[];
    if (outputs[0].rank !== 3 || what.includes("alone")) continue;
    const time = what.includes("batch first") ? 1 : 0;
    it.each(Object.keys(uses))(`${what}: %s`, (use) => {
      // With and without the final states beside it.
      for (const states of [false, true]) {
        const loss = () => {
          const [y, ...final] = f(...inputs) as Tensor[];
          const parts = [...uses[use](y, time), ...(states ? final : [])];
          return parts
            .map((part, i) =>
              part
                .square()
                .sum()
                .mul(i + 1),
            )
            .reduce((a, b) => a.add(b));
        };
        const checked = inputs.filter((input) => input.requiresGrad);
        const expected = grad(loss(), checked);
        for (const input of checked) input.grad = null;
        loss().backward();
        checked.forEach((input, i) => {
          const apart = input.grad?.sub(expected[i] as Tensor).abs();
          if (input.elementCount > 0) expect(apart?.max().item(), `input ${i}`).toBeLessThan(1e-14);
        });
      }
    });
  }
});
