/** Every op writes all of what it returns: its outputs and gradients are the same whatever was in the memory that they were given. */

import { backend, backendReport, type DType, DTypeError, grad, setBackend, type Tensor } from "refrain";
import { afterAll, describe, expect, it } from "vitest";
import type { Storage } from "../../src/tensor/storage.ts";
import { type OpSample, opSamples } from "./op-samples.ts";
import { recurrentSamples } from "./recurrent-samples.ts";

type Allocating = "allocateUnfilled" | "borrow";

const leavesOf = (inputs: readonly Tensor[], dtype: DType): Tensor[] =>
  inputs.map((x) => {
    const leaf = x.detach().to(dtype);
    if (x.requiresGrad) leaf.requiresGrad = true;
    return leaf;
  });

/** What f and its gradients give, in memory that is full of `byte`: 0, or 255, which makes NaN of every float. */
function results({ f, inputs }: OpSample, dtype: DType, byte: number) {
  const kernels = backend() as unknown as Record<Allocating, (byteLength: number) => Storage>;
  for (const name of ["allocateUnfilled", "borrow"] as const) {
    const original = kernels[name];
    kernels[name] = (byteLength) => {
      const storage = original.call(kernels, byteLength);
      (backend().elements(storage, "uint8") as Uint8Array).fill(byte);
      return storage;
    };
  }
  try {
    const leaves = leavesOf(inputs, dtype);
    const outputs = [f(...leaves)].flat() as Tensor[];
    const wanted = leaves.filter((leaf) => leaf.requiresGrad);
    const roots = outputs.filter((output) => output.requiresGrad);
    const gradOutputs = roots.map((output) => output.detach().mul(0).add(0.5));
    const gradients = roots.length === 0 ? [] : grad(roots, wanted, { gradOutputs, allowUnused: true });
    return [...outputs, ...gradients].map((x) => x?.toTypedArray() ?? null);
  } finally {
    for (const name of ["allocateUnfilled", "borrow"]) delete (kernels as Record<string, unknown>)[name];
  }
}

/** Some functions have tensors of float64 within them. */
function takesFloat32({ f, inputs }: OpSample): boolean {
  try {
    f(...leavesOf(inputs, "float32"));
    return true;
  } catch (error) {
    if (error instanceof DTypeError) return false;
    throw error;
  }
}

const before = backend().name;
afterAll(() => setBackend(before));

// A backend that is not available is reported as skipped, with its reason; one that is, and fails, fails.
for (const { name, available, text } of backendReport()) {
  describe.skipIf(!available)(`${name} (${text}): an op does not read what it has not written`, () => {
    for (const [op, samples] of Object.entries({ ...opSamples, recurrent: recurrentSamples })) {
      it(op, async () => {
        await setBackend(name);
        for (const sample of samples) {
          const dtypes: DType[] = takesFloat32(sample) ? ["float32", "float64"] : ["float64"];
          for (const dtype of dtypes) {
            expect(results(sample, dtype, 255), `${sample.what}, ${dtype}`).toEqual(results(sample, dtype, 0));
          }
        }
      });
    }
  });
}
