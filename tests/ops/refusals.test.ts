/**
 * Whatever is handed to a function or a method instead of what it takes, the answer is one of Refrain's errors: never a
 * TypeError from somewhere inside, and never a tensor of nothing.
 */

import * as refrain from "refrain";
import { RefrainError, Tensor, tensor } from "refrain";
import { describe, expect, it } from "vitest";

const NONSENSE: Record<string, unknown> = {
  undefined,
  null: null,
  "a text": "a",
  "an object": { a: 1 },
  NaN: Number.NaN,
  "-1": -1,
  "0.5": 0.5,
  "a list": [1, 2],
  true: true,
  "a function": () => 1,
  "a tensor": refrain.ones([2, 3]),
  "whole numbers": tensor([1n, 2n]),
};

type Anything = (...args: unknown[]) => unknown;

/** The error that a call ends in, or null; what is not Refrain's own is told. */
function strangeError(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    return error instanceof RefrainError ? null : String(error);
  }
}

/** Not functions of tensors, or (the last two) they take a graph and not values. */
const OTHERS = [
  ...["noGrad", "enableGrad", "isGradEnabled", "manualSeed", "setBackend", "backend", "backendReport", "range"],
  ...["getNumThreads", "setNumThreads", "device", "setPrintOptions", "gradcheck", "gradgradcheck", "grad", "backward"],
];
const functions = Object.entries(refrain).filter(
  ([name, value]) => typeof value === "function" && /^[a-z]/.test(name) && !OTHERS.includes(name),
) as [string, Anything][];

const own = Object.getOwnPropertyDescriptors(Tensor.prototype);
const methods = Object.keys(own).filter(
  (name) => typeof own[name].value === "function" && !["constructor", "backward", "adoptGrad"].includes(name),
);

describe("nonsense for a tensor", () => {
  it.each(functions)("is refused by %s", (_, f) => {
    for (const name of ["undefined", "null", "a text", "an object"]) {
      expect(() => f(NONSENSE[name]), name).toThrow(RefrainError);
    }
  });
});

describe("nonsense for an argument", () => {
  it.each(methods.filter((name) => !name.endsWith("Async")))("is refused by x.%s, or understood", (method) => {
    for (const [name, value] of Object.entries(NONSENSE)) {
      const x = refrain.ones([2, 3]) as unknown as Record<string, Anything>;
      expect(
        strangeError(() => x[method](value)),
        name,
      ).toBeNull();
    }
  });

  it.each([
    ["normal_", ["a"]],
    ["uniform_", [true]],
    ["exponential_", [null]],
    ["requiresGrad_", [1]],
    ["lerp", [refrain.ones([2, 3])]],
    ["to", [null]],
    ["multinomial", [-1]],
    ["expandAs", [[2, 3]]],
  ])("is not passed over by x.%s", (method, args) => {
    const x = refrain.ones([2, 3]) as unknown as Record<string, Anything>;
    expect(() => x[method](...args)).toThrow(RefrainError);
  });
});
