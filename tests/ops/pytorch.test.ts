/** Every op against PyTorch: values, dtypes, shapes, strides and gradients, as `tools/fixtures/ops.py` recorded them. */

import { readFileSync } from "node:fs";
import * as refrain from "refrain";
import { type DType, type Tensor, tensor } from "refrain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendsUnderTest } from "../conformance/backends.ts";
import { FLOAT32_OF_MAXIMUM, FLOAT64_OF_MAXIMUM } from "../tolerances.ts";

interface Plain {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly values: readonly (number | string | boolean)[];
}

interface Case {
  /** The line in PyTorch. */
  readonly line: string;
  /** The same in Refrain. */
  readonly js: string;
  readonly uses: readonly string[];
  readonly out: readonly Plain[];
  readonly gradients?: Readonly<Record<string, Plain>>;
}

type Promotion = readonly [op: string, x: string, y: string, dtype: DType | null, values?: Plain["values"]];

const url = new URL("../fixtures/ops/ops.json", import.meta.url);
const fixtures: { tensors: Record<string, Plain>; cases: Case[]; promotion: Promotion[] } = JSON.parse(
  readFileSync(url, "utf8"),
);

const element = (value: number | string | boolean, dtype: DType): number | bigint =>
  dtype === "int64"
    ? BigInt(value)
    : Number(
        String(value)
          .replace("inf", "Infinity")
          .replace(/^True|true$/, "1")
          .replace("false", "0"),
      );

function build({ dtype, shape, values }: Plain, requiresGrad: boolean): Tensor {
  const x = tensor(
    values.map((value) => element(value, dtype)),
    { dtype, shape },
  );
  return requiresGrad && dtype.startsWith("float") ? x.requiresGrad_() : x;
}

/** Adding, multiplying, dividing, casting, counting and choosing are exact in IEEE arithmetic; the rest has a tolerance. */
const INEXACT =
  /sum|mean|prod|std|var|norm|logsumexp|matmul|mm|mv|addc|lerp|indexAdd|linear|outer|dot|oftmax|pow|atan2|exp|sin|cos|tan|sigmoid|erf|log|sqrt|softplus|logspace|remainder|alpha/;

function expectPlain(name: string, x: Tensor, expected: Plain, exact: boolean): void {
  expect({ dtype: x.dtype, shape: x.shape }, name).toEqual({ dtype: expected.dtype, shape: expected.shape });
  const wanted = expected.values.map((value) => element(value, expected.dtype));
  const found = Array.from<number | bigint>(x.toTypedArray() as never);
  if (exact || !x.dtype.startsWith("float")) {
    expect(found, name).toEqual(wanted);
    return;
  }
  const finite = (wanted as number[]).filter(Number.isFinite).map(Math.abs);
  const scale = finite.reduce((most, value) => Math.max(most, value), 0);
  const allowed = scale * (x.dtype === "float64" ? FLOAT64_OF_MAXIMUM : FLOAT32_OF_MAXIMUM);
  const apart = wanted.filter((value, i) => {
    const difference = Math.abs(Number(found[i]) - Number(value));
    return !(Object.is(found[i], value) || found[i] === value || difference <= allowed);
  });
  if (apart.length > 0) expect(found, name).toEqual(wanted);
}

/** Where an axis has one element or the tensor none, its stride means nothing. */
function telling(shape: readonly number[], strides: readonly number[]): number[] {
  return shape.includes(0) ? [] : strides.filter((_, axis) => shape[axis] !== 1);
}

describe.each(backendsUnderTest)("as PyTorch, on the %s backend", (name) => {
  const before = refrain.backend().name;
  beforeAll(() => refrain.setBackend(name));
  afterAll(() => refrain.setBackend(before));

  it.each(fixtures.cases)("$line", ({ js, uses, out, gradients }) => {
    const inputs = uses.map((name) => build(fixtures.tensors[name], gradients !== undefined));
    const run = new Function("r", ...uses, `return ${js}`) as (...args: unknown[]) => Tensor | Tensor[];
    const result = [run(refrain, ...inputs)].flat();
    const exact = !INEXACT.test(js);
    expect(result.length).toBe(out.length);
    result.forEach((x, i) => {
      expectPlain(`output ${i}`, x, out[i], exact);
      // Results that are not views are row-major here; PyTorch keeps the layout of a permuted operand.
      const isView = inputs.some((input) => input.storage === x.storage);
      if (isView) expect(telling(x.shape, x.strides), "strides").toEqual(telling(x.shape, out[i].strides));
    });
    if (gradients === undefined) return;
    for (const x of result.filter(({ requiresGrad }) => requiresGrad)) {
      const seeds = Array.from({ length: x.elementCount }, (_, k) => ((k % 7) + 1) / 4);
      x.backward({ gradient: tensor(seeds, { dtype: x.dtype, shape: x.shape }), retainGraph: true });
    }
    uses.forEach((name, i) => {
      const { grad } = inputs[i];
      if (name in gradients) {
        expect(grad, `the gradient of ${name}`).not.toBeNull();
        expectPlain(`the gradient of ${name}`, grad as Tensor, gradients[name], false);
      } else {
        expect(grad, `the gradient of ${name}`).toBeNull();
      }
    });
  });
});

const OPERATIONS: Record<string, (x: never, y: never) => Tensor> = {
  add: refrain.add,
  sub: refrain.sub,
  mul: refrain.mul,
  div: refrain.div,
  pow: refrain.pow,
  remainder: refrain.remainder,
  floorDivide: refrain.floorDivide,
  eq: refrain.eq,
  lt: refrain.lt,
  maximum: refrain.maximum,
  where: (x, y) => refrain.where(tensor([true, false]), x, y),
  cat: (x, y) => refrain.cat([x, y]),
  atan2: refrain.atan2,
  logicalAnd: refrain.logicalAnd,
};

function operand(name: string): Tensor | number {
  if (name.startsWith("number")) return Number(name.slice(7));
  const [dtype, zeroDim] = name.split(" ") as [DType, string?];
  if (zeroDim !== undefined) return refrain.full([], dtype === "bool" ? 1 : 2, { dtype });
  return refrain.full([2], dtype === "bool" ? 1 : 3, { dtype });
}

describe("dtypes promote as PyTorch's", () => {
  for (const op of Object.keys(OPERATIONS)) {
    it(op, () => {
      for (const [, x, y, dtype, values] of fixtures.promotion.filter(([name]) => name === op)) {
        const name = `${op}(${x}, ${y})`;
        const run = () => OPERATIONS[op](operand(x) as never, operand(y) as never);
        if (dtype === null) {
          expect(run, name).toThrow(refrain.RefrainError);
          continue;
        }
        const out = run();
        expect(out.dtype, name).toBe(dtype);
        const wanted = (values as Plain["values"]).map((value) => Number(value));
        const found = Array.from<number | bigint>(out.toTypedArray() as never).map(Number);
        for (let i = 0; i < wanted.length; i++) expect(found[i], name).toBeCloseTo(wanted[i], 5);
      }
    });
  }
});
