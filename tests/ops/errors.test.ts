/** What one reads after a mistake: the place, the axes, and the cure. */

import * as r from "refrain";
import { describe, expect, it } from "vitest";

const ops = { ...r };
const x = r.ones([2, 3]);
const whole = r.tensor([0n, 1n]);
const mask = r.tensor([true, false]);
/** Something no type allows, as JavaScript does. */
const wrong = (value: unknown) => value as never;
const noAxis = (place: string, axis: number) =>
  `${place}: axis ${axis} does not exist in a tensor of rank 2 (use -2 … 1)`;
const noBroadcast = (place: string, by: number) =>
  `${place}: [2, 3] and [${by}] do not broadcast: axis -1 is 3 on one side and ${by} on the other`;
const noTensor = (place: string, got: string) => `${place}: expects a tensor, got ${got}; make one with tensor(…)`;

const NO_DTYPE = 'there is no dtype "float16"; there are bool, uint8, int32, int64, float32, float64';
const UNARY = [
  ...["neg", "abs", "sign", "square", "floor", "ceil", "round", "trunc", "relu", "exp", "expm1", "log", "log1p"],
  ...["log2", "log10", "sqrt", "rsqrt", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh"],
  ...["tanh", "sigmoid", "softplus", "erf", "logicalNot"],
] as const;
const BROADCASTING = [
  ...["add", "sub", "mul", "div", "pow", "maximum", "minimum", "remainder", "floorDivide", "atan2"],
  ...["eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr", "logicalXor"],
] as const;
const REDUCTIONS = ["sum", "mean", "prod", "amax", "amin", "any", "all", "std", "logsumexp"] as const;

type Mistake = readonly [name: string, make: () => unknown, message: string];

const mistakes: readonly Mistake[] = [
  ...UNARY.map((name): Mistake => [name, () => ops[name](wrong([1])), noTensor(name, "an array")]),
  ["isnan", () => r.isnan(wrong(3)), noTensor("isNaN", "number")],
  ["isfinite", () => r.isfinite(wrong(null)), noTensor("isFinite", "null")],
  ["neg of booleans", () => mask.neg(), "neg: a bool tensor has none; cast it first"],
  ...BROADCASTING.map((name): Mistake => [name, () => ops[name](x, r.ones([5])), noBroadcast(name, 5)]),
  ["add a text", () => r.add(wrong("1"), x), "add: an operand must be a tensor or a number, got string"],
  ["add nothing", () => x.add(wrong(undefined)), "add: an operand must be a tensor or a number, got undefined"],
  ["add numbers", () => r.add(1, 2), "add: one of the two operands must be a tensor, got number and number"],
  [
    "sub of booleans",
    () => mask.sub(mask),
    "sub: bool tensors cannot be subtracted; use logicalXor or cast them first",
  ],
  ["pow below 0", () => whole.pow(-1), 'pow: whole numbers to the power -1 are not whole; cast first: x.to("float32")'],
  [
    "floorDivide by 0",
    () => whole.floorDivide(0),
    "floorDivide: whole numbers are divided by 0; cast to float32 first",
  ],
  ["remainder by 0", () => whole.remainder(whole), "remainder: whole numbers are divided by 0; cast to float32 first"],

  ["tensor, ragged", () => r.tensor([[1], [1, 2]]), "tensor: the arrays are ragged: axis 1 does not have one length"],
  ["tensor of text", () => r.tensor(wrong("abc")), "tensor: expected numbers, got string"],
  ["tensor with a hole", () => r.tensor([1, wrong(null)]), "tensor: expected numbers, got null"],
  ["tensor of NaN in int64", () => r.tensor([Number.NaN], { dtype: "int64" }), "tensor: NaN has no int64 form"],
  ["tensor too long", () => r.tensor([1, 2, 3], { shape: [2, 2] }), "tensor: 3 values do not fill the shape [2, 2]"],
  ["tensor, no dtype", () => r.tensor([1], { dtype: wrong("float16") }), NO_DTYPE],
  ["tensor of int16", () => r.tensor(wrong(new Int16Array(2))), "no dtype holds a Int16Array; convert it first"],
  ["zeros", () => r.zeros([2, -1]), "zeros: a shape has whole, non-negative sizes, got [2, -1] (axis 1 is -1)"],
  ["zeros of a number", () => r.zeros(wrong(3)), "zeros: a shape is a list of sizes, got 3; write [2, 3]"],
  ["ones", () => r.ones([1.5]), "ones: a shape has whole, non-negative sizes, got [1.5] (axis 0 is 1.5)"],
  ["full", () => r.full([2], wrong("x")), "full: the value must be a number or a boolean, got string"],
  ["full of NaN in int64", () => r.full([2], Number.NaN, { dtype: "int64" }), "full: NaN has no int64 form"],
  ["eye", () => r.eye(-1), "eye: a shape has whole, non-negative sizes, got [-1, -1]"],
  ["arange", () => r.arange(0, 5, -1), "arange: a step of -1 does not lead from 0 to 5"],
  ["arange without end", () => r.arange(0, Number.POSITIVE_INFINITY), "arange: bounds must be finite"],
  ["linspace", () => r.linspace(0, 1, -1), "linspace: steps must be a whole number ≥ 0, got -1"],
  ["logspace", () => r.logspace(0, 1, 0.5), "logspace: steps must be a whole number ≥ 0, got 0.5"],
  ["rand", () => r.rand([2], { dtype: "int64" }), "rand: draws floating-point numbers, not int64; see randint"],
  ["randint", () => r.randint(5, 2, [1]), "randint: whole numbers low < high expected, got low 5 and high 2"],
  ["randperm", () => r.randperm(-1), "randperm: a whole number 0 ≤ n < 2^31 expected, got -1"],
  ["bernoulli", () => r.bernoulli(r.tensor([2])), "bernoulli: a probability 0 ≤ p ≤ 1 expected, got 2"],
  ["dropout", () => r.dropout(x, { p: 2 }), "dropout: p must be a probability, 0 … 1, got 2"],

  ...REDUCTIONS.map((name): Mistake => [name, () => x[name](2), noAxis(name, 2)]),
  ...REDUCTIONS.flatMap((name): Mistake[] => [
    [`${name}, axes apart`, () => x[name](0, wrong(1)), `${name}: several axes are one list, ${name}([0, 1])`],
    [`${name}, a bare keepdim`, () => x[name](0, wrong(true)), `${name}: write ${name}(0, { keepdim: true })`],
    [
      `${name}, a misspelling behind the axis`,
      () => x[name](0, wrong({ keepDim: true })),
      `${name}: there is no option keepDim; did you mean keepdim?`,
    ],
    [
      `${name}, options twice`,
      () => x[name]({ dim: 0 }, { keepdim: true }),
      `${name}: options come once, as ${name}({ dim: … }) or ${name}(dim, { … })`,
    ],
    [`${name}, dim twice`, () => x[name](0, { dim: 1 }), `${name}: dim is given twice, as 0 and by name`],
    [
      `${name}, half a keepdim`,
      () => x[name](0, { keepdim: wrong(1) }),
      `${name}: keepdim must be true or false, got 1`,
    ],
    [`${name} over a tensor`, () => x[name](wrong(x)), `${name}: an axis is a number such as 0 or -1, got a tensor`],
  ]),
  ["norm", () => x.norm(2, 2), noAxis("norm", 2)],
  ["norm of no kind", () => x.norm(wrong("nuc")), 'norm: p must be a number, Infinity, -Infinity or "fro", got nuc'],
  [
    "std, said twice",
    () => x.std(0, { unbiased: false, correction: 0 }),
    "std: correction and unbiased say the same; give one of them",
  ],
  [
    "std of a boolean",
    () => x.std(wrong(false)),
    "std: options must be an object such as { dim: … }, got boolean false",
  ],
  ["variance", () => r.variance(x, 2), noAxis("var", 2)],
  [
    "max without an axis",
    () => x.max(wrong({ keepdim: true })),
    "max: an axis is missing; for the values of all use amax",
  ],
  ["max along two", () => x.max(wrong([0, 1])), "max: only one axis goes; for several use amax"],
  ["max", () => x.max(5), noAxis("max", 5)],
  ["min", () => x.min(0.5), noAxis("min", 0.5)],
  ["argmax", () => x.argmax({ dim: 2 }), noAxis("argmax", 2)],
  ["argmin", () => x.argmin({ dim: -3 }), noAxis("argmin", -3)],
  ["cumsum", () => x.cumsum(2), noAxis("cumsum", 2)],
  ["cumprod", () => x.cumprod(2), noAxis("cumprod", 2)],
  ["sort", () => x.sort({ dim: 2 }), noAxis("sort", 2)],
  ["sort by position", () => x.sort(2), noAxis("sort", 2)],
  [
    "sort, a bare boolean",
    () => x.sort(0, wrong(true)),
    "sort: options must be an object such as { descending: … }, got",
  ],
  ["argsort", () => x.argsort(2), noAxis("argsort", 2)],
  ["median", () => x.median(2), noAxis("median", 2)],
  ["median of nothing", () => r.zeros([0]).median(), "median: there is no middle of no elements"],
  ["softmax", () => x.softmax(2), noAxis("softmax", 2)],
  ["softmax of an array", () => r.softmax(wrong([1]), 0), noTensor("softmax", "an array")],
  ["logSoftmax", () => x.logSoftmax(-3), noAxis("logSoftmax", -3)],
  ["topk", () => x.topk(4), "topk: k must be 0 … 3, the size of axis 1, got 4"],
  ["sum twice", () => x.sum([0, -2]), "sum: axis 0 is named twice"],
  ["sum, a misspelling", () => x.sum(wrong({ dims: 0 })), "sum: there is no option dims; did you mean dim?"],
  ["mean of whole numbers", () => whole.mean(), 'mean: that of int64 is not whole; cast first: x.to("float32").mean()'],
  ["std of whole numbers", () => whole.std(), 'std: that of int64 is not whole; cast first: x.to("float32").std()'],
  ["amax of nothing", () => r.zeros([0]).amax(), "amax: there is no largest or smallest of no elements"],
  ["max of nothing", () => r.zeros([0, 2]).max(0), "max: there is no largest or smallest of no elements"],

  [
    "matmul",
    () => x.matmul(x),
    "matmul: [2, 3] and [2, 3] do not multiply: the last axis of the first (3) must equal the second to last axis of the second (2)",
  ],
  [
    "matmul of a scalar",
    () => x.matmul(r.tensor(1)),
    "matmul: needs at least one axis on both sides, got [2, 3] and []",
  ],
  ["matmul of batches", () => r.ones([2, 1, 3]).matmul(r.ones([4, 3, 1])), "matmul, the axes before the matrices: [2]"],
  ["matmul of a number", () => r.matmul(x, wrong(2)), noTensor("matmul", "number")],
  ["dot", () => r.dot(r.ones([2]), r.ones([3])), "dot: the vectors must be of one length, got 2 and 3"],
  ["outer", () => r.outer(x, x), "outer: expects two vectors, got [2, 3] and [2, 3]"],
  [
    "linear",
    () => r.linear(x, r.ones([4, 5])),
    "linear: the last axis of x must be 5 (the weight is [4, 5]), got [2, 3]",
  ],
  ["linear, weight", () => r.linear(x, r.ones([3])), "linear: the weight must be [out, in], got [3]"],
  ["linear, bias", () => r.linear(x, r.ones([4, 3]), r.ones([3])), "linear: the bias must be float32 [4]"],
  [
    "linear, dtype",
    () => r.linear(x.double(), r.ones([4, 3])),
    'x is float64 and the weight float32; cast x: x.to("float32")',
  ],

  ["cat", () => r.cat([x, r.ones([2])]), "cat: tensor 1 is [2], the first is [2, 3]; all axes but 0 must agree"],
  ["cat of nothing", () => r.cat([]), "cat: expects at least one tensor"],
  ["cat of scalars", () => r.cat([r.tensor(1)]), "cat: 0-d tensors cannot be joined; use stack"],
  ["cat of numbers", () => r.cat([x, wrong(3)]), noTensor("cat", "number")],
  ["stack", () => r.stack([x, r.ones([2])]), "stack: tensor 1 is [2], the first is [2, 3]; all shapes must agree"],
  ["split", () => x.split([1, 1], 1), "split: the sizes [1, 1] must add up to 3, the size of axis 1"],
  ["chunk", () => x.chunk(0), "chunk: expects a whole number ≥ 1, got 0"],
  ["unbind", () => r.tensor(1).unbind(), "unbind: a 0-d tensor has no axes; give it one with x.unsqueeze(0)"],

  ["view", () => x.t().view(6), "view: [3, 2] with strides [1, 3] cannot be seen as [6] without a copy; use reshape"],
  ["reshape", () => x.reshape(4, -1), "reshape: 6 elements do not divide into [4, -1]"],
  ["reshape, twice -1", () => x.reshape(-1, -1), "reshape: only one size can be -1, got [-1, -1]"],
  ["flatten", () => x.flatten({ startDim: 1, endDim: 0 }), "flatten: startDim 1 comes after endDim 0"],
  ["unflatten", () => x.unflatten(1, [2, 2]), "unflatten: [2, 2] has 4 elements, the tensor has 3"],
  ["permute", () => x.permute(0, 0), "permute: name each of the 2 axes of [2, 3] once, got [0, 0]"],
  ["transpose", () => x.transpose(0, 2), noAxis("transpose", 2)],
  ["t", () => r.ones([1, 1, 1]).t(), "t: expects at most 2 axes, got [1, 1, 1]; use transpose or permute"],
  ["movedim", () => x.movedim(0, 3), noAxis("movedim", 3)],
  ["unsqueeze", () => x.unsqueeze(4), "unsqueeze: axis 4 does not exist in a tensor of rank 3 (use -3 … 2)"],
  ["squeeze", () => x.squeeze(2), noAxis("squeeze", 2)],
  ["flip", () => x.flip(2), noAxis("flip", 2)],
  ["expand", () => x.expand(3, 3), "expand: [2, 3] does not expand to [3, 3]; only axes of size 1 grow"],
  ["select", () => x.select(0, 2), "select: index 2 is out of range for axis 0 of [2, 3] (size 2)"],
  [
    "select of a scalar",
    () => r.tensor(1).select(0, 0),
    "select: a 0-d tensor has no axes to index; read it with item()",
  ],
  [
    "slice backwards",
    () => x.slice(0, 0, 1, -1),
    "slice: step must be a whole number ≥ 1, got -1; use flip to reverse",
  ],
  ["slice at a half", () => x.slice(0, 0.5), "slice: bounds must be whole numbers or null, got 0.5"],
  ["narrow", () => x.narrow(0, 1, 2), "narrow: 2 elements from 1 on are not all there along axis 0 of [2, 3]"],
  ["unfold", () => x.unfold(0, 3, 1), "unfold: a window of 3 does not fit into axis 0 of [2, 3]"],
  ["size", () => x.size(2), noAxis("size", 2)],

  ["index beyond", () => x.index(5), "select: index 5 is out of range for axis 0 of [2, 3] (size 2)"],
  ["index too often", () => x.index(0, 0, 0), "index: 3 indices for a tensor of 2 axes, [2, 3]"],
  [
    "index by nothing",
    () => x.index(wrong(undefined)),
    'index: an index is a number, range(…), null, "..." or a tensor',
  ],
  [
    "index by floats",
    () => x.index(r.tensor([1.5])),
    'got float32; cast it: i.to("int64"), or i.to("bool") for a mask',
  ],
  ["index by a wrong mask", () => r.ones([3]).index(mask), "index: the mask [2] does not fit [3]: axis 0 is 3"],
  ["index, two ellipses", () => x.index("...", "..."), 'index: "..." may stand only once'],
  ["index by a large one", () => x.index(r.tensor([9n])), "index: 9 is out of range for axis 0 of [2, 3] (size 2)"],
  ["indexPut_", () => r.indexPut_(r.ones([2, 3]), [r.tensor([0n])], r.ones([4])), "indexPut_: [4] and [1, 3] do not"],
  ["gather", () => x.gather(0, r.tensor([[5n]])), "gather: index 5 is out of range for a size of 2"],
  [
    "gather by floats",
    () => x.gather(0, x),
    'the index must be int64 or int32, got float32; cast it: index.to("int64")',
  ],
  ["gather, rank", () => x.gather(1, whole), "gather: the index has 1 axes [2], the tensor 2 [2, 3]"],
  [
    "scatterAdd",
    () => x.scatterAdd(0, r.zeros([2, 3], { dtype: "int64" }), r.ones([1, 3])),
    "scatterAdd: the index [2, 3] asks for more than the source [1, 3] has",
  ],
  ["indexSelect", () => x.indexSelect(0, r.tensor([7n])), "indexSelect: index 7 is out of range for a size of 2"],
  ["indexSelect by floats", () => x.indexSelect(0, x), "indexSelect: the index must be int64 or int32, got float32"],
  ["oneHot", () => x.oneHot(), 'oneHot: classes must be int64, got float32; cast them: x.to("int64")'],
  ["oneHot, too few", () => whole.oneHot(1), "oneHot: index 1 is out of range for a size of 1"],

  [
    "where",
    () => r.where(x, x, x),
    "where: the condition must be a bool tensor, got float32; compare first, as in x.gt(0)",
  ],
  ["clamp by a tensor", () => x.clamp(wrong(x)), "clamp: a limit is a number, got a tensor; for tensors use maximum"],
  ["clamp_", () => x.clone().clamp_(), "clamp_: give a limit: { min }, { max } or both"],
  ["scatter", () => x.scatter(0, r.tensor([[5n]]), 1), "scatter: index 5 is out of range for a size of 2"],
  ["indexAdd", () => x.indexAdd(0, whole, r.ones([3, 3])), "indexAdd: the source must be [2, 3], got [3, 3]"],
  ["maskedSelect", () => x.maskedSelect(x), "maskedSelect: the mask must be a bool tensor, got float32"],
  ["repeat", () => x.repeat(2), "repeat: [2, 3] has 2 axes, got 1 numbers; give one an axis"],
  ["repeatInterleave", () => x.repeatInterleave(-1), "repeatInterleave: counts are whole numbers ≥ 0, got -1"],
  ["roll", () => x.roll([1, 1], 0), "roll: as many shifts as axes expected, got 2 and 1"],
  ["tril", () => r.ones([3]).tril(), "tril: expects a matrix or a batch of them, got [3]"],
  ["T", () => r.ones([1, 1, 1]).T, "T: expects at most 2 axes, got [1, 1, 1]; use mT for batches, or permute"],
  ["mT", () => r.ones([1]).mT, "mT: expects a matrix or a batch of them, got [1]"],
  ["mm", () => x.mm(r.ones([3])), "mm: expects a matrix [K, N], got [3]; matmul takes tensors of any rank"],
  ["bmm", () => r.ones([2, 1, 1]).bmm(r.ones([3, 1, 1])), "bmm: the batches differ, [2, 1, 1] and [3, 1, 1]"],
  ["mv", () => x.mv(x), "mv: expects a vector [K], got [2, 3]"],
  ["isclose", () => x.isclose(x.double()), 'isclose: the tensors are float32 and float64; cast one: y.to("float32")'],
  ["multinomial", () => r.multinomial(r.tensor([1, -1]), 1), "weights that are finite, non-negative and not all 0"],
  ["multinomial, too many", () => r.ones([2]).multinomial(3), "at most 2 draws without replacement from 2 weights"],
  ["uniform_", () => r.ones([2]).uniform_(1, 0), "low ≤ high, both finite, expected; got low 1 and high 0"],
  [
    "uniform_ of whole numbers",
    () => whole.clone().uniform_(),
    "uniform_: draws floating-point numbers, they do not fit",
  ],
  ["normal_", () => r.ones([2]).normal_(0, Number.NaN), "normal_: std ≥ 0 expected, got NaN"],
  ["bernoulli_", () => r.ones([2]).bernoulli_(2), "a probability 0 ≤ p ≤ 1 expected, got 2"],
  ["random_", () => r.ones([2]).random_(3, 3), "whole numbers low < high expected, got low 3 and high 3"],
  [
    "fill_ of an expanded tensor",
    () => r.ones([1]).expand(3).fill_(2),
    "fill_: elements of this expanded tensor share memory, a change to one would change others; clone() it first",
  ],
  [
    "add, a misplaced factor",
    () => x.add(x, wrong(2)),
    "add: options must be an object such as { alpha: … }, got number 2",
  ],
  [
    "add_, a misplaced factor",
    () => r.ones([1]).add_(1, wrong(2)),
    "add_: options must be an object such as { alpha: … }",
  ],
  [
    "softmax, a misspelling",
    () => x.softmax(0, wrong({ dType: "float64" })),
    "there is no option dType; did you mean dtype?",
  ],
  ["clamp", () => x.clamp({}), "clamp: give a limit: { min }, { max } or both"],
  ["maskedFill", () => x.maskedFill(x, 1), "maskedFill: the mask must be a bool tensor, got float32; compare first"],
  ["maskedFill, shape", () => x.maskedFill(mask, 1), noBroadcast("maskedFill", 2)],

  ["fill_", () => r.ones([2]).fill_(wrong("x")), "fill_: the value must be a number or a boolean, got string"],
  ["copy_", () => r.ones([3]).copy_(r.ones([2])), "copy_: [3] and [2] do not broadcast"],
  ["mul_", () => r.ones([2]).mul_(r.ones([2, 2])), "mul_: [2, 2] does not broadcast to [2]"],
  ["add_", () => whole.clone().add_(0.5), "add_: 0.5 does not fit into int64; cast the tensor first"],
  ["sub_", () => whole.clone().sub_(r.ones([2])), "sub_: the result of int64 and float32 does not fit into int64"],
  ["div_", () => whole.clone().div_(2), "div_: quotients are not whole, they do not fit into int64; use x.div(y)"],

  ["item", () => x.item(), "item: the tensor must hold one element, it is [2, 3]; index it or use toArray()"],
  [
    "item beyond 2^53",
    () => r.tensor([2n ** 60n]).item(),
    "is beyond 2^53 and not exact as a number; read it with itemBigInt()",
  ],
  ["itemBigInt", () => r.tensor(1.5).itemBigInt(), "itemBigInt: 1.5 is not whole; use item()"],
  [
    "to",
    () => x.to("cuda"),
    'to: there is no "cuda" here; the available device is "cpu" (a dtype would be one of float32',
  ],
];

describe("an absurd call ends in one clear error", () => {
  it.each(mistakes)("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
