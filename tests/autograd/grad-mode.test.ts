/** Whether ops are recorded: what the modes take, and that they end. */

import { ArgumentError, enableGrad, isGradEnabled, noGrad, ones, optim } from "refrain";
import { expect, test } from "vitest";

test("a mode ends with its function, also where that throws", () => {
  expect(noGrad(() => isGradEnabled())).toBe(false);
  expect(noGrad(() => enableGrad(() => isGradEnabled()))).toBe(true);
  expect(() =>
    noGrad(() => {
      throw new Error("within");
    }),
  ).toThrow("within");
  expect(isGradEnabled()).toBe(true);
});

test("what is no function is refused, and leaves the mode as it was", () => {
  for (const wrong of [3, null, {}, ones([2])]) {
    expect(() => noGrad(wrong as never)).toThrow(ArgumentError);
    expect(() => enableGrad(wrong as never)).toThrow(/expected a function/);
  }
  const optimizer = new optim.SGD([Object.assign(ones([2]), { requiresGrad: true })], { lr: 0.1 });
  expect(() => optimizer.step(3 as never)).toThrow(/expected a function/);
  expect(isGradEnabled()).toBe(true);
});
