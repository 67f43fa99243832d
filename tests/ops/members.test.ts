/** The small members of tensors, and what reads them. */

import {
  ArgumentError,
  AutogradError,
  BackendError,
  DTypeError,
  device,
  empty,
  emptyLike,
  FormatError,
  getNumThreads,
  manualSeed,
  ones,
  RefrainError,
  rand,
  randLike,
  ShapeError,
  setNumThreads,
  tensor,
  zeros,
} from "refrain";
import { describe, expect, it } from "vitest";

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("a tensor tells", () => {
  it("its axes and elements in PyTorch's words", () => {
    expect([x.ndim, x.dim(), x.rank]).toEqual([2, 2, 2]);
    expect([x.numel(), x.elementCount]).toEqual([6, 6]);
    expect([x.size(), x.size(-1), x.shape]).toEqual([[2, 3], 3, [2, 3]]);
    expect(x.device).toBe("cpu");
    expect(x.cpu()).toBe(x);
    expect([x.isContiguous, x.t().isContiguous, x.isLeaf]).toEqual([true, false, true]);
  });

  it("its elements later, too, as devices need it that are not at hand", async () => {
    expect(await x.toArrayAsync<number[][]>()).toEqual(x.toArray());
    expect(await x.toTypedArrayAsync()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(await x.select(0, 0).select(0, 1).itemAsync()).toBe(2);
    expect(x.toJSON()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("what another is made like", () => {
    const d = ones([2], { dtype: "float64" });
    for (const like of [emptyLike(d), d.newEmpty([2]), randLike(d)])
      expect([like.shape, like.dtype]).toEqual([[2], "float64"]);
    manualSeed(1);
    const drawn = randLike(zeros([3]));
    manualSeed(1);
    expect(drawn.toArray()).toEqual(rand([3]).toArray());
  });
});

describe("a tensor becomes", () => {
  it("another dtype by its name", () => {
    const from = tensor([1.7, 0, -2.5]);
    expect([from.double().dtype, from.double().float().dtype]).toEqual(["float64", "float32"]);
    expect([from.int().dtype, from.int().toArray()]).toEqual(["int32", [1, 0, -2]]);
    expect([from.long().dtype, from.long().toArray()]).toEqual(["int64", [1, 0, -2]]);
    expect([from.bool().dtype, from.bool().toArray()]).toEqual(["bool", [true, false, true]]);
    expect(from.to("float32")).toBe(from);
    expect(from.to({ dtype: "float64" }).dtype).toBe("float64");
    expect(from.to(device("cpu"))).toBe(from);
  });

  it("zeros by zero_, and text by toString", () => {
    expect(ones([2]).zero_().toArray()).toEqual([0, 0]);
    expect(empty([2]).toArray()).toEqual([0, 0]);
    expect(x.select(0, 0).toString()).toBe("tensor([1., 2., 3.])");
  });
});

describe("what went wrong", () => {
  it("is an error of one of a few kinds, all of them Refrain's, and named", () => {
    const wrong: [() => unknown, new (...args: never[]) => RefrainError][] = [
      [() => x.add(ones([5])), ShapeError],
      [() => x.long().mean(), DTypeError],
      [() => x.sum({ dims: 1 } as object), ArgumentError],
      [() => x.backward(), AutogradError],
      [() => x.to("cuda"), BackendError],
      [() => device("cuda"), BackendError],
    ];
    for (const [act, kind] of wrong) {
      expect(act).toThrow(kind);
      expect(act).toThrow(RefrainError);
      expect(act).toThrow(expect.objectContaining({ name: kind.name }));
    }
    expect(new FormatError("")).toBeInstanceOf(RefrainError);
  });
});

describe("the number of threads", () => {
  it("is what was set, and no result depends on it", () => {
    const before = getNumThreads();
    try {
      setNumThreads(1);
      expect(getNumThreads()).toBe(1);
      const product = x.matmul(x.t()).toArray();
      setNumThreads(2);
      expect(x.matmul(x.t()).toArray()).toEqual(product);
    } finally {
      setNumThreads(before);
    }
  });
});
