/** The recurrent kernels against their definition in float64, on every instruction set of this processor. */

import { describe, expect, test } from "vitest";
import type { View } from "../../src/backend/backend.ts";
import { numbersOf } from "../../src/backend/cpu-storage.ts";
import type { CellKind } from "../../src/backend/recurrent.ts";
import {
  filled,
  instructionSets,
  native,
  Rng,
  reference,
  relativeError,
  sameBits,
  valuesOf,
  whyNot,
} from "./native.ts";
import { describeCase, infer, type RecurrentCase, randomCase, run } from "./recurrent-case.ts";

/** Of each tensor's largest magnitude: float32 sums over some thousand products. */
const TOLERANCE = 1e-5;

const CELLS: readonly CellKind[] = ["rnnTanh", "rnnRelu", "lstm", "gru"];
const HIDDEN = [1, 5, 19, 20, 37, 50, 100, 137];

/** A case whose work stays within what the reference does in a moment. */
function someCase(seed: number, cell?: CellKind): RecurrentCase {
  const rng = new Rng(seed);
  const hiddenSize = rng.pick(HIDDEN);
  const batch = rng.pick([1, 3, 32]);
  const steps = rng.pick(hiddenSize > 50 ? [1, 2, 7] : [1, 2, 7, 50]);
  return randomCase(rng, {
    cell: cell ?? rng.pick(CELLS),
    batch: hiddenSize > 50 ? Math.min(batch, 13) : batch,
    steps,
    inputSize: rng.pick([1, 2, 5, 17, 70]),
    hiddenSize,
  });
}

function expectClose(given: RecurrentCase, seed: number): void {
  const truth = run(reference, given, "float64");
  const got = run(native!, given, "float32");
  for (const [name, value] of got) {
    const error = relativeError(value, truth.get(name)!);
    expect(error, `seed ${seed}: ${name} of ${describeCase(given)}`).toBeLessThan(TOLERANCE);
  }
}

describe.skipIf(native === null)(`native${whyNot === "" ? "" : ` (skipped: ${whyNot})`}`, () => {
  for (const set of instructionSets) {
    describe(set, () => {
      test.each(CELLS)("a pass of %s is what the reference defines, with all its gradients", (cell) => {
        native!.setInstructionSet(set);
        for (let seed = 1; seed <= 12; seed++) expectClose(someCase(seed, cell), seed);
      });

      test("so is one of more rows than a tile, a chunk or a sum takes", () => {
        native!.setInstructionSet(set);
        for (const cell of CELLS) {
          const rng = new Rng(7);
          expectClose(randomCase(rng, { cell, batch: 505, steps: 2, inputSize: 3, hiddenSize: 10 }), 7);
          expectClose(randomCase(rng, { cell, batch: 60, steps: 3, inputSize: 300, hiddenSize: 230 }), 7);
        }
      });

      test("the number of threads does not change a bit", () => {
        native!.setInstructionSet(set);
        for (let seed = 100; seed < 112; seed++) {
          const rng = new Rng(seed);
          const sizes = { cell: CELLS[seed % 4], batch: rng.integer(40, 90), steps: 12, inputSize: 40, hiddenSize: 70 };
          const given = randomCase(rng, sizes);
          native!.setThreads(1);
          const alone = run(native!, given, "float32");
          for (const threads of [2, 3, 7]) {
            native!.setThreads(threads);
            for (const [name, value] of run(native!, given, "float32"))
              expect(sameBits(value, alone.get(name)!), `seed ${seed}: ${name}, ${threads} threads`).toBe(true);
          }
        }
        native!.setThreads(0);
      });

      test("without training a pass gives the same bits", () => {
        native!.setInstructionSet(set);
        for (let seed = 200; seed < 220; seed++) {
          const given = someCase(seed);
          const training = run(native!, given, "float32");
          const [y, hn, cn] = infer(native!, given);
          expect(sameBits(y, training.get("y")!), `seed ${seed}: y`).toBe(true);
          expect(sameBits(hn, training.get("hn")!), `seed ${seed}: hn`).toBe(true);
          if (cn !== undefined) expect(sameBits(cn, training.get("cn")!), `seed ${seed}: cn`).toBe(true);
        }
      });

      test("NaN and infinity reach what they reach in the reference, and no other sequence", () => {
        native!.setInstructionSet(set);
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          for (const cell of CELLS) {
            const rng = new Rng(3);
            const given = randomCase(rng, { cell, batch: 5, steps: 4, inputSize: 2, hiddenSize: 19 });
            const { x } = given.inputs;
            const t = given.shape.lengths === null ? 1 : 0;
            numbersOf(x)[x.offset + t * x.strides[0] + 2 * x.strides[1]] = bad;
            const got = run(native!, given, "float32");
            const truth = run(reference, given, "float64");
            for (const name of ["y", "hn"]) {
              const where = (from: Map<string, View>) =>
                valuesOf(from.get(name)!).map((v) => (Number.isNaN(v) ? 1 : 0));
              expect(where(got), `${cell} ${bad} ${name}`).toEqual(where(truth));
            }
          }
        }
      });
    });
  }

  test("a state that decays ends at zero, not among the denormals that make a pass slow", () => {
    const sizes = { cell: "rnnRelu", batch: 32, steps: 60, inputSize: 1, hiddenSize: 64 } as const;
    const random = randomCase(new Rng(5), sizes);
    const shape = { ...random.shape, lengths: null };
    const inputs = { ...random.inputs, h0: filled([32, 64], () => 1), dy: null };
    const weights = {
      ...random.weights,
      weightIh: filled([64, 1], () => 0),
      weightHh: filled([64, 64], () => 0.001),
      biasIh: null,
      biasHh: null,
    };
    const y = valuesOf(run(native!, { ...random, shape, inputs, weights }, "float32").get("y")!);
    expect(y.filter((value) => value > 0 && value < 2 ** -126)).toHaveLength(0);
    expect(y.filter((value) => value === 0).length).toBeGreaterThan(0);
  });
});
