import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { DType } from "../../src/tensor/dtype.ts";
import { ArgumentError } from "../../src/tensor/errors.ts";
import { formatTensor, setPrintOptions } from "../../src/tensor/print.ts";

interface Case {
  line: string;
  options: { precision?: number; threshold?: number; edgeitems?: number; linewidth?: number; sci_mode?: boolean };
  dtype: DType;
  shape: number[];
  requiresGrad: boolean;
  gradFn: string | null;
  text: string;
  values?: (number | string | boolean)[];
  grows?: [start: number, step: number];
}

const path = new URL("../fixtures/printing/printing.json", import.meta.url);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(path, "utf8"));

function valueAt({ dtype, values, grows }: Case, index: number): number | bigint | boolean {
  const value = grows === undefined ? values?.[index] : grows[0] + grows[1] * index;
  if (dtype === "int64") return BigInt(value as number);
  if (dtype === "bool") return Boolean(value);
  const number = typeof value === "string" ? Number(value.replace("inf", "Infinity")) : Number(value);
  return dtype === "float32" ? Math.fround(number) : number;
}

const array = (values: readonly number[]) =>
  formatTensor({ shape: [values.length], dtype: "float32", at: (i) => values[i] });

afterEach(() => setPrintOptions({ profile: "default" }));

describe("a tensor prints as PyTorch prints it", () => {
  it.each(cases)("$line $options", (example) => {
    const { options, shape, dtype, requiresGrad, gradFn, text } = example;
    const { sci_mode: sciMode, ...others } = options;
    setPrintOptions({ ...others, sciMode });
    const at = (index: number) => valueAt(example, index);
    expect(formatTensor({ shape, dtype, at, requiresGrad, gradFnName: gradFn ?? undefined })).toBe(text);
  });
});

describe("printing", () => {
  it("reads only the elements that it shows", () => {
    const seen = new Set<number>();
    const at = (index: number) => {
      seen.add(index);
      return index;
    };
    formatTensor({ shape: [1000, 1000], dtype: "float32", at });
    expect(seen.size).toBe(36);
  });

  it("takes a bool in bytes, as it is stored", () => {
    expect(formatTensor({ shape: [2], dtype: "bool", at: (i) => i })).toBe("tensor([False,  True])");
  });

  it("keeps the options that are left out, but chooses the notation anew", () => {
    setPrintOptions({ precision: 2, sciMode: true });
    expect(array([1.5])).toBe("tensor([1.50e+00])");
    setPrintOptions({ linewidth: 100 });
    expect(array([1.5])).toBe("tensor([1.50])");
  });

  it("refuses options that mean nothing, and keeps the old ones", () => {
    for (const options of [{ precision: -1 }, { precision: 200 }, { linewidth: 1.5 }, { edgeitems: Number.NaN }]) {
      expect(() => setPrintOptions({ linewidth: 20, ...options })).toThrow(ArgumentError);
    }
    expect(() => setPrintOptions({ profile: "tiny" as "short" })).toThrow(ArgumentError);
    expect(array([1.5, 2.5, 3.5])).toBe("tensor([1.5000, 2.5000, 3.5000])");
  });
});
