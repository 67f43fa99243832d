/**
 * For every op in the table, functions that run through it and inputs at which its gradient is checked: broadcast, strided,
 * of size 0 and 1, with plain numbers on either side. Inputs stay away from kinks, where there is no derivative to check.
 */

import {
  cat,
  clamp,
  clone,
  cumsum,
  expand,
  flip,
  gather,
  grad,
  indexSelect,
  linear,
  logSoftmax,
  matmul,
  nn,
  permute,
  prod,
  scatterAdd,
  select,
  slice,
  softmax,
  stack,
  sum,
  type Tensor,
  tensor,
  unfold,
  where,
} from "refrain";
import { gradientSum } from "../../src/autograd/gradient-sum.ts";
import { reluGradient, sigmoidGradient, tanhGradient } from "../../src/ops/activation-gradients.ts";
import * as arithmetic from "../../src/ops/arithmetic.ts";
import * as elementWise from "../../src/ops/element-wise.ts";
import { squaredError, squaredErrorGradient } from "../../src/ops/losses.ts";
import { packRows, padRows } from "../../src/ops/packed.ts";
import { leaf, strided, values } from "./inputs.ts";

export interface OpSample {
  readonly what: string;
  readonly f: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  readonly inputs: readonly Tensor[];
  readonly eps?: number;
}

const sample = (what: string, f: OpSample["f"], inputs: readonly Tensor[], eps?: number): OpSample =>
  eps === undefined ? { what, f, inputs } : { what, f, inputs, eps };

/** The gradient of f as a function of x and dy: the way to ops that only backward uses. */
const gradientOf =
  (f: (x: Tensor) => Tensor) =>
  (x: Tensor, dy: Tensor): Tensor =>
    grad(f(x), x, { gradOutputs: [dy], createGraph: true })[0] as Tensor;

function unary(f: (x: Tensor) => Tensor, low = -2, high = 2): OpSample[] {
  return [
    sample("row-major", f, [leaf([2, 3], low, high)]),
    sample("strided", f, [strided([3, 2], low, high)]),
    sample("a scalar", f, [leaf([], low, high)]),
    sample("an axis of size 1", f, [leaf([1, 2], low, high)]),
    sample("no elements", f, [leaf([2, 0], low, high)]),
  ];
}

type Binary = (x: Tensor | number, y: Tensor | number) => Tensor;

function binary(f: Binary, [a, b]: readonly [number, number], [c, d]: readonly [number, number]): OpSample[] {
  return [
    sample("one shape", f, [leaf([2, 3], a, b), leaf([2, 3], c, d, 7)]),
    sample("the second broadcasts", f, [leaf([2, 3], a, b), leaf([3], c, d, 7)]),
    sample("the first broadcasts", f, [leaf([2, 1], a, b), leaf([2, 3], c, d, 7)]),
    sample("both broadcast", f, [leaf([2, 1, 3], a, b), leaf([2, 1], c, d, 7)]),
    sample("strided", f, [strided([3, 2], a, b), leaf([3, 2], c, d, 7)]),
    sample("a scalar tensor", f, [leaf([], a, b), leaf([2, 2], c, d, 7)]),
    sample("a number on the right", (x) => f(x, (c + d) / 2 + 0.1), [leaf([2, 3], a, b)]),
    sample("a number on the left", (y) => f((a + b) / 2 + 0.1, y), [leaf([2, 3], c, d)]),
    sample("no elements", f, [leaf([0, 3], a, b), leaf([3], c, d)]),
    sample("only the first has a gradient", (x) => f(x, values([2, 3], c, d, 7)), [leaf([2, 3], a, b)]),
    sample("only the second has a gradient", (y) => f(values([2, 3], a, b), y), [leaf([2, 3], c, d, 7)]),
  ];
}

const far: readonly [number, number] = [-2, 2];

const watched = new nn.Linear(3, 2, { dtype: "float64" });
watched.registerFullBackwardHook(() => undefined);

const positive: readonly [number, number] = [0.3, 3];
const halves = (x: Tensor) => x.gt(0).to("float64").sub(0.5);
const awayFromZero = (x: Tensor) => x.add(halves(x));
const index = tensor(
  [
    [2, 0, 2],
    [0, 1, 1],
  ],
  { dtype: "int64" },
);
const condition = tensor([
  [true, false, true],
  [false, false, true],
]);

function reduction(f: (x: Tensor, dim: number | readonly number[] | null, keepdim: boolean) => Tensor): OpSample[] {
  return [
    sample("all axes", (x) => f(x, null, false), [leaf([2, 3])]),
    sample("one axis", (x) => f(x, 0, false), [leaf([2, 3])]),
    sample("the last axis, kept", (x) => f(x, -1, true), [strided([3, 2])]),
    sample("two axes", (x) => f(x, [0, 2], false), [leaf([2, 2, 3])]),
    sample("a scalar", (x) => f(x, null, false), [leaf([])]),
    sample("an axis of size 1", (x) => f(x, 1, false), [leaf([3, 1])]),
    sample("no rows", (x) => f(x, 1, false), [leaf([0, 2])]),
  ];
}

export const opSamples: Readonly<Record<string, readonly OpSample[]>> = {
  add: [
    ...binary((x, y) => arithmetic.add(x, y), far, far),
    sample("alpha", (x, y) => arithmetic.add(x, y, { alpha: -3 }), [leaf([2, 3]), leaf([3])]),
    sample("with itself", (x) => x.add(x), [leaf([3])]),
  ],
  sub: [
    ...binary((x, y) => arithmetic.sub(x, y), far, far),
    sample("alpha", (x, y) => arithmetic.sub(x, y, { alpha: 2 }), [leaf([2, 3]), leaf([3])]),
  ],
  mul: [...binary(arithmetic.mul, far, far), sample("with itself", (x) => x.mul(x), [leaf([3])])],
  div: binary(arithmetic.div, far, positive),
  pow: [
    ...binary(arithmetic.pow, positive, far),
    sample("whole exponents of negative numbers", (x) => x.pow(3), [leaf([4])]),
    sample("exponent 0", (x) => x.pow(0), [leaf([4])]),
    sample("exponent 1 at 0", (x) => x.pow(1), [tensor([0, 1], { dtype: "float64", requiresGrad: true })]),
  ],
  maximum: binary(arithmetic.maximum, [-2, -0.2], [-0.1, 2]).concat(binary(arithmetic.maximum, positive, [-2, 0.2])),
  minimum: binary(arithmetic.minimum, [-2, -0.2], [-0.1, 2]).concat(binary(arithmetic.minimum, positive, [-2, 0.2])),
  remainder: binary(arithmetic.remainder, [2.1, 2.9], [1.1, 1.9]),
  floorDivide: binary(
    (x, y) => arithmetic.add(arithmetic.floorDivide(x, y), arithmetic.mul(x, y)),
    [2.1, 2.9],
    [1.1, 1.9],
  ),
  atan2: binary(arithmetic.atan2, positive, far),

  neg: unary(elementWise.neg),
  abs: unary((x) => elementWise.abs(awayFromZero(x))),
  sign: unary((x) => elementWise.sign(awayFromZero(x)).mul(x)),
  square: unary(elementWise.square),
  floor: unary((x) => elementWise.floor(x).mul(x), 1.1, 1.9),
  ceil: unary((x) => elementWise.ceil(x).mul(x), 1.1, 1.9),
  round: unary((x) => elementWise.round(x).mul(x), 1.6, 2.4),
  trunc: unary((x) => elementWise.trunc(x).mul(x), 1.1, 1.9),
  relu: unary((x) => elementWise.relu(awayFromZero(x))),
  exp: unary(elementWise.exp),
  expm1: unary(elementWise.expm1),
  log: unary(elementWise.log, 0.3, 3),
  log1p: unary(elementWise.log1p, -0.5, 3),
  log2: unary(elementWise.log2, 0.3, 3),
  log10: unary(elementWise.log10, 0.3, 3),
  sqrt: unary(elementWise.sqrt, 0.3, 3),
  rsqrt: unary(elementWise.rsqrt, 0.3, 3),
  reciprocal: unary(elementWise.reciprocal, 0.3, 3),
  sin: unary(elementWise.sin),
  cos: unary(elementWise.cos),
  tan: unary(elementWise.tan, -1, 1),
  asin: unary(elementWise.asin, -0.8, 0.8),
  acos: unary(elementWise.acos, -0.8, 0.8),
  atan: unary(elementWise.atan),
  sinh: unary(elementWise.sinh),
  cosh: unary(elementWise.cosh),
  tanh: unary(elementWise.tanh),
  sigmoid: unary(elementWise.sigmoid),
  softplus: unary(elementWise.softplus, -3, 3),
  erf: unary(elementWise.erf),

  tanhGradient: [sample("as a function of y and dy", tanhGradient, [leaf([2, 3], -0.9, 0.9), leaf([2, 3], -2, 2, 7)])],
  sigmoidGradient: [
    sample("as a function of y and dy", sigmoidGradient, [leaf([2, 3], 0.1, 0.9), leaf([2, 3], -2, 2, 7)]),
  ],
  reluGradient: [sample("as a function of dy", (dy) => reluGradient(values([2, 3]), dy), [leaf([2, 3])])],
  gradientSum: [sample("two gradients", gradientSum, [leaf([2, 3]), strided([2, 3])])],
  toCopy: [
    // Steps of a power of two, so that float32 holds the moved values exactly.
    sample(
      "to float32 and back",
      (x) => x.to("float32").to("float64"),
      [
        tensor(
          [
            [1, -2],
            [0.5, 4],
          ],
          { dtype: "float64", requiresGrad: true },
        ),
      ],
      2 ** -10,
    ),
  ],

  sum: reduction((x, dim, keepdim) => sum(x, { dim, keepdim })),
  mean: reduction((x, dim, keepdim) => x.mean({ dim, keepdim })),
  prod: [
    ...reduction((x, dim, keepdim) => prod(x, { dim, keepdim })),
    sample("one zero", (x) => prod(x, 0), [tensor([2, 0, 3], { dtype: "float64", requiresGrad: true })]),
    sample("two zeros", (x) => prod(x), [tensor([0, 0, 3], { dtype: "float64", requiresGrad: true })]),
  ],
  amax: reduction((x, dim, keepdim) => x.amax({ dim, keepdim })),
  amin: reduction((x, dim, keepdim) => x.amin({ dim, keepdim })),
  root: [
    ...reduction((x, dim, keepdim) => x.norm({ dim, keepdim })),
    sample("far from 0", (x) => x.norm(), [leaf([4], 10, 20)]),
    sample("std", (x) => x.std({ dim: 0, correction: 0 }), [leaf([3, 2])]),
    sample("unbiased std", (x) => x.std(1), [strided([2, 3])]),
  ],
  scaleGradient: [
    // Its gradient is not that of its forward, on purpose: it is scaled. At a scale of 1 they are the same.
    sample(
      "every index once",
      (w) => nn.functional.embedding(tensor([2, 0], { dtype: "int64" }), w, { scaleGradByFreq: true }),
      [leaf([3, 2])],
    ),
  ],
  cumsum: [
    sample("the first axis", (x) => cumsum(x, 0), [leaf([3, 2])]),
    sample("the last axis, strided", (x) => cumsum(x, -1), [strided([2, 3])]),
    sample("a scalar", (x) => cumsum(x, 0), [leaf([])]),
    sample("no elements", (x) => cumsum(x, 0), [leaf([0, 2])]),
  ],
  softmax: [
    sample("the last axis", (x) => softmax(x, -1), [leaf([2, 3])]),
    sample("the first axis, strided", (x) => softmax(x, 0), [strided([3, 2])]),
    sample("an axis of size 1", (x) => softmax(x, 1), [leaf([2, 1])]),
    sample("a scalar", (x) => softmax(x, 0), [leaf([])]),
    sample("no elements", (x) => softmax(x, 1), [leaf([2, 0])]),
  ],
  logSoftmax: [
    sample("the last axis", (x) => logSoftmax(x, -1), [leaf([2, 3])]),
    sample("the first axis, strided", (x) => logSoftmax(x, 0), [strided([3, 2])]),
    sample("an axis of size 1", (x) => logSoftmax(x, 1), [leaf([2, 1])]),
    sample("no elements", (x) => logSoftmax(x, 0), [leaf([0, 2])]),
  ],

  matmul: [
    sample("matrices", matmul, [leaf([2, 3]), leaf([3, 4], -2, 2, 7)]),
    sample("transposed", matmul, [strided([2, 3]), strided([3, 2], -2, 2, 7)]),
    sample("vectors", matmul, [leaf([3]), leaf([3], -2, 2, 7)]),
    sample("matrix and vector", matmul, [leaf([2, 3]), leaf([3], -2, 2, 7)]),
    sample("vector and matrix", matmul, [leaf([3]), leaf([3, 2], -2, 2, 7)]),
    sample("batches", matmul, [leaf([2, 2, 3]), leaf([2, 3, 2], -2, 2, 7)]),
    sample("a batch and a matrix", matmul, [leaf([2, 2, 3]), leaf([3, 2], -2, 2, 7)]),
    sample("batches that broadcast", matmul, [leaf([2, 1, 1, 2]), leaf([3, 2, 2], -2, 2, 7)]),
    sample("a vector and batches", matmul, [leaf([2]), leaf([2, 2, 3], -2, 2, 7)]),
    sample("no inner elements", matmul, [leaf([2, 0]), leaf([0, 3])]),
    sample("no rows", matmul, [leaf([0, 2]), leaf([2, 3])]),
    sample("one factor twice", (x) => matmul(x, x), [leaf([2, 2])]),
  ],
  linear: [
    sample("with a bias", linear, [leaf([2, 3]), leaf([4, 3], -2, 2, 7), leaf([4], -2, 2, 9)]),
    sample("without", (x, w) => linear(x, w), [leaf([2, 3]), leaf([4, 3], -2, 2, 7)]),
    sample("more axes", linear, [leaf([2, 2, 3]), leaf([1, 3], -2, 2, 7), leaf([1], -2, 2, 9)]),
    sample("one vector", linear, [leaf([3]), leaf([2, 3], -2, 2, 7), leaf([2], -2, 2, 9)]),
    sample("strided", linear, [strided([2, 3]), strided([4, 3], -2, 2, 7), leaf([4], -2, 2, 9)]),
    sample("no rows", linear, [leaf([0, 3]), leaf([4, 3]), leaf([4])]),
    sample("only the weight has a gradient", (w) => linear(values([2, 3]), w), [leaf([4, 3])]),
  ],
  mseLoss: [
    sample("both", (x, y) => squaredError(x, y, 0.5), [leaf([2, 3]), leaf([2, 3], -2, 2, 7)]),
    sample("strided", (x, y) => squaredError(x, y, 1), [strided([2, 3]), leaf([2, 3], -2, 2, 7)]),
    sample("the first alone", (x) => squaredError(x, values([3], -2, 2, 7), 2), [leaf([3])]),
    sample("the second alone", (y) => squaredError(values([3], -2, 2, 7), y, 2), [leaf([3])]),
  ],
  squaredErrorGradient: [
    sample("all", (dy, x, y) => squaredErrorGradient(dy, x, y, 0.5), [leaf([]), leaf([2, 3]), leaf([2, 3], -2, 2, 7)]),
    sample("strided", (dy, x, y) => squaredErrorGradient(dy, x, y, 2), [
      leaf([]),
      strided([2, 3]),
      leaf([2, 3], -2, 2, 7),
    ]),
  ],

  view: [
    sample("reshape", (x) => x.reshape([3, 2]), [leaf([2, 3])]),
    sample("reshape of a strided tensor", (x) => x.reshape([-1]), [strided([2, 3])]),
    sample("unsqueeze", (x) => x.unsqueeze(1), [strided([2, 3])]),
    sample("squeeze", (x) => x.squeeze(), [leaf([1, 3, 1])]),
    sample("flatten", (x) => x.flatten({ startDim: 1 }), [leaf([2, 1, 3])]),
    sample("no elements", (x) => x.reshape([2, 0]), [leaf([0, 3])]),
  ],
  clone: [sample("clone", clone, [leaf([2, 3])]), sample("contiguous", (x) => x.contiguous(), [strided([2, 3])])],
  permute: [
    sample("three axes", (x) => permute(x, [2, 0, 1]), [leaf([2, 1, 3])]),
    sample("transpose", (x) => x.transpose(0, -1), [strided([2, 3])]),
    sample("movedim", (x) => x.movedim(0, 2), [leaf([2, 3, 2])]),
    sample("t", (x) => x.t(), [leaf([2, 3])]),
  ],
  expand: [
    sample("an axis of size 1", (x) => expand(x, [2, 3]), [leaf([2, 1])]),
    sample("new axes in front", (x) => expand(x, [2, 2, -1]), [strided([2, 2])]),
    sample("a scalar", (x) => expand(x, [2, 2]), [leaf([])]),
    sample("to nothing", (x) => expand(x, [0, 3]), [leaf([1, 3])]),
  ],
  select: [
    sample("the first axis", (x) => select(x, 0, 1), [leaf([2, 3])]),
    sample("from the end, strided", (x) => select(x, -1, -1), [strided([2, 3])]),
    sample("an element", (x) => x.index(1, 2), [leaf([2, 3])]),
  ],
  slice: [
    sample("with a step", (x) => slice(x, 1, 0, 5, 2), [leaf([2, 5])]),
    sample("strided", (x) => slice(x, 0, -2), [strided([3, 2])]),
    sample("nothing", (x) => slice(x, 0, 2, 1), [leaf([3, 2])]),
    sample("narrow", (x) => x.narrow(0, 1, 1), [leaf([3, 2])]),
    sample("split", (x) => x.split([1, 2], 1), [leaf([2, 3])]),
  ],
  place: [
    sample(
      "the gradient of a slice",
      gradientOf((x) => slice(x, 1, 0, 5, 2)),
      [leaf([2, 5]), leaf([2, 3])],
    ),
    sample(
      "the gradient of a choice",
      gradientOf((x) => select(x, 0, 1)),
      [leaf([2, 3]), leaf([3])],
    ),
  ],
  flip: [
    sample("one axis", (x) => flip(x, 0), [leaf([3, 2])]),
    sample("all axes, strided", (x) => flip(x, [0, 1]), [strided([2, 3])]),
    sample("a scalar", (x) => flip(x, 0), [leaf([])]),
    sample("no elements", (x) => flip(x, 0), [leaf([0, 2])]),
  ],
  unfold: [
    sample("overlapping", (x) => unfold(x, 0, 3, 1), [leaf([5])]),
    sample("with gaps, strided", (x) => unfold(x, 1, 2, 3), [strided([2, 6])]),
    sample("the first of two axes", (x) => unfold(x, 0, 2, 1), [leaf([3, 2])]),
  ],
  fold: [
    sample(
      "the gradient of windows",
      gradientOf((x) => unfold(x, 0, 3, 1)),
      [leaf([5]), leaf([3, 3])],
    ),
    sample(
      "of an inner axis",
      gradientOf((x) => unfold(x, 1, 2, 2)),
      [leaf([2, 4, 2]), leaf([2, 2, 2, 2])],
    ),
  ],
  gather: [
    sample("repeated places", (x) => gather(x, 1, index), [leaf([2, 3])]),
    sample("strided", (x) => gather(x, 0, index.remainder(2)), [strided([2, 3])]),
    sample("max along an axis", (x) => x.max(1).values, [leaf([2, 3])]),
    sample("min along an axis, kept", (x) => x.min(0, { keepdim: true }).values, [leaf([2, 3])]),
    sample("sort", (x) => x.sort({ dim: 0, descending: true }).values, [leaf([3, 2])]),
    sample("topk", (x) => x.topk(2).values, [leaf([2, 3])]),
  ],
  scatterAdd: [
    sample(
      "the gradient of gather",
      gradientOf((x) => gather(x, 1, index)),
      [leaf([2, 3]), leaf([2, 3])],
    ),
  ],
  scatterAddTo: [
    sample("both", (x, source) => scatterAdd(x, 1, index, source), [leaf([2, 4]), strided([2, 3])]),
    sample("a larger source", (x, source) => scatterAdd(x, 1, index, source), [leaf([2, 4]), leaf([3, 4])]),
  ],
  indexSelect: [
    sample("repeated rows", (x) => indexSelect(x, 0, tensor([2, 0, 2], { dtype: "int64" })), [leaf([3, 2])]),
    sample("strided", (x) => indexSelect(x, 1, tensor([1], { dtype: "int64" })), [strided([3, 2])]),
    sample("by index tensors", (x) => x.index(tensor([0, 1], { dtype: "int64" }), tensor([2, 2], { dtype: "int64" })), [
      leaf([2, 3]),
    ]),
    sample("by a mask", (x) => x.index(condition), [strided([2, 3])]),
    sample("no rows", (x) => indexSelect(x, 0, tensor([], { dtype: "int64" })), [leaf([3, 2])]),
  ],
  indexAdd: [
    sample(
      "the gradient of rows",
      gradientOf((x) => indexSelect(x, 0, tensor([2, 0, 2], { dtype: "int64" }))),
      [leaf([3, 2]), leaf([3, 2])],
    ),
  ],
  cat: [
    sample("the first axis", (x, y) => cat([x, y], 0), [leaf([2, 3]), leaf([1, 3], -2, 2, 7)]),
    sample("the last axis, strided", (x, y) => cat([x, y], -1), [strided([2, 3]), leaf([2, 1])]),
    sample("one tensor twice", (x) => cat([x, x]), [leaf([2])]),
    sample("an empty one", (x, y) => cat([x, y]), [leaf([0, 2]), leaf([1, 2])]),
    sample("without a gradient of its own", (y) => cat([values([2]), y]), [leaf([2])]),
    sample("stack", (x, y) => stack([x, y], 1), [leaf([2, 2]), strided([2, 2])]),
  ],
  unbind: [
    sample("all slices, strided", (x) => x.unbind(1), [strided([2, 3])]),
    sample("one of them", (x) => x.unbind(0)[1], [leaf([2, 3])]),
    sample("no elements", (x) => x.unbind(0), [leaf([2, 0])]),
  ],
  packRows: [
    sample("unequal steps", (x) => packRows(x, [3, 1]), [leaf([2, 3, 2])]),
    sample("strided", (x) => packRows(x, [2, 2, 1]), [strided([3, 2])]),
  ],
  padRows: [
    sample("unequal steps", (x) => padRows(x, [3, 1], 3), [leaf([4, 2])]),
    sample("filled, strided", (x) => padRows(x, [2, 1], 2, -1), [strided([3, 2])]),
  ],
  moduleHook: [sample("a module with a hook that looks on", (x) => watched.call(x) as Tensor, [leaf([2, 3])])],
  binaryCrossEntropy: [
    sample("both", (x, y) => nn.functional.binaryCrossEntropy(x, y), [
      leaf([2, 3], 0.1, 0.9),
      leaf([2, 3], 0.1, 0.9, 7),
    ]),
    sample("one target, strided", (x) => nn.functional.binaryCrossEntropy(x, values([2, 3], 0, 1, 7)), [
      strided([2, 3], 0.1, 0.9),
    ]),
  ],
  where: [
    sample("two tensors", (x, y) => where(condition, x, y), [leaf([2, 3]), strided([2, 3])]),
    sample("all broadcast", (x, y) => where(condition, x, y), [leaf([3]), leaf([2, 1])]),
    sample("a number on the right", (x) => where(condition, x, 2), [leaf([2, 3])]),
    sample("a number on the left", (y) => where(condition, 2, y), [leaf([3])]),
    sample("the condition broadcasts", (x, y) => where(tensor([true]), x, y), [leaf([2, 3]), leaf([1])]),
  ],
  clamp: [
    sample("both limits", (x) => clamp(x, { min: -0.51, max: 0.51 }), [leaf([4, 3])]),
    sample("a lower limit, strided", (x) => clamp(x, { min: 0.013 }), [strided([4, 3])]),
    sample("an upper limit", (x) => clamp(x, { max: 0.013 }), [leaf([4, 3])]),
    sample("no elements", (x) => clamp(x, { max: 0 }), [leaf([0])]),
  ],
};
