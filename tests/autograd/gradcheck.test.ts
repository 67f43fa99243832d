import { AutogradError, gradcheck, gradgradcheck, randn, tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { defineOp } from "../../src/autograd/define-op.ts";
import { mul } from "../../src/ops/arithmetic.ts";
import { square } from "../../src/ops/element-wise.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { leaf, strided, values } from "./inputs.ts";

/** x², with a gradient that is only right where x is not the largest. */
const wrongSquare = defineOp({
  name: "pow",
  forward(_, x: Tensor) {
    return { output: square(x.detach()), saved: x };
  },
  backward(_, dy, x) {
    return [mul(dy, x.mul(2).add(x.eq(x.amax()).to("float64")))];
  },
});

describe("gradcheck", () => {
  it("passes what is right, for several inputs and outputs", () => {
    const f = (x: Tensor, y: Tensor) => [x.mul(y), x.matmul(y.t()), x.sum()];
    expect(gradcheck(f, [leaf([2, 3]), strided([2, 3])])).toBe(true);
  });

  it("names input, output, elements and both values of what is wrong", () => {
    const x = tensor([1, 3, 2], { dtype: "float64", requiresGrad: true });
    expect(() => gradcheck((a, b) => wrongSquare(b).add(a), [leaf([3]), x])).toThrow(
      /^gradcheck: the gradient of output 0 at \[1\] with respect to input 1 at \[1\] is 7, the difference quotient says [56]\.\d+$/,
    );
  });

  it("answers instead of throwing when asked to", () => {
    const x = tensor([1, 3, 2], { dtype: "float64", requiresGrad: true });
    expect(gradcheck(wrongSquare, [x], { raiseException: false })).toBe(false);
    expect(gradcheck(square, [x], { raiseException: false })).toBe(true);
  });

  it("leaves the inputs as they were", () => {
    const x = leaf([2, 2]);
    const before = x.toArray();
    gradcheck((a) => a.tanh(), [x]);
    expect(x.toArray()).toEqual(before);
    expect(x.grad).toBeNull();
  });

  it("checks only inputs that require a gradient", () => {
    expect(gradcheck((x, y) => x.mul(y), [leaf([3]), values([3], 1, 2)])).toBe(true);
    expect(() => gradcheck((x) => x, [values([3])])).toThrow("gradcheck: none of the inputs requires a gradient");
  });

  it("wants float64", () => {
    expect(() => gradcheck((x) => x.tanh(), [randn([2], { requiresGrad: true })])).toThrow(
      'gradcheck: input 0 is float32; differences are only telling in float64: x.to("float64")',
    );
  });

  it("refuses inputs whose elements share memory", () => {
    const x = values([1]).expand([3]).detach().requiresGrad_();
    expect(() => gradcheck((a) => a.tanh(), [x])).toThrow("gradcheck: input 0 is expanded");
  });

  it("does not hide other errors", () => {
    const f = () => {
      throw new AutogradError("of its own");
    };
    expect(() => gradcheck(f, [leaf([1])], { raiseException: false })).toThrow("of its own");
  });
});

describe("gradgradcheck", () => {
  it("passes what is right, and takes gradients of outputs", () => {
    expect(gradgradcheck((x, y) => x.pow(3).mul(y.exp()), [leaf([2]), leaf([2], -1, 1, 3)])).toBe(true);
    expect(gradgradcheck((x) => x.pow(3), [leaf([2])], { gradOutputs: [values([2], 1, 2)] })).toBe(true);
  });

  it("finds a gradient that cannot be differentiated", () => {
    const constant = defineOp({
      name: "pow",
      forward(_, x: Tensor) {
        return { output: square(x.detach()), saved: x };
      },
      backward(_, dy, x) {
        return [mul(dy, x.detach().mul(2))];
      },
    });
    expect(gradcheck(constant, [leaf([2])])).toBe(true);
    expect(() => gradgradcheck(constant, [leaf([2])])).toThrow(/^gradgradcheck: the gradient of output 0 at \[0\]/);
  });
});
