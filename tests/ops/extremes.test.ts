/** Where the largest and smallest are: an axis can be given as a number, and no argument is ignored. */
import { argmax, argmin, tensor } from "refrain";
import { describe, expect, it } from "vitest";

const x = tensor([
  [3, 1, 2],
  [4, 6, 5],
]);

describe("argmax and argmin", () => {
  it("take an axis as the reductions do", () => {
    expect(x.argmax(1).toArray()).toEqual(x.argmax({ dim: 1 }).toArray());
    expect(argmax(x, -1).shape).toEqual([2]);
    expect([x.argmax(-1), x.argmin(-1), argmin(x, 0)].map((each) => each.toArray())).toEqual([
      [0, 1],
      [1, 0],
      [0, 0, 0],
    ]);
    expect(Number(x.argmax().item())).toBe(4);
  });

  it("refuse options that nobody reads", () => {
    expect(() => x.argmax({ keepDim: true } as never)).toThrow(
      "argmax: there is no option keepDim; did you mean keepdim?",
    );
    expect(() => x.max(1, true as never)).toThrow("max: write max(1, { keepdim: true })");
  });
});

describe("to", () => {
  it("takes a dtype by name or as an option", () => {
    expect(x.to({ dtype: "float64" }).dtype).toBe("float64");
    expect(x.to({ dtype: "int64" }).toArray()).toEqual(x.to("int64").toArray());
  });
});
