/** The recurrent kernels against their definition in float64, on every instruction set of this processor. */

import { describe, expect, test } from "vitest";
import type { View } from "../../src/backend/backend.ts";
import { numbersOf } from "../../src/backend/cpu-storage.ts";
import { type CellKind, GATES } from "../../src/backend/recurrent.ts";
import {
  describeCase,
  emptyPanels,
  firstSequence,
  infer,
  type RecurrentCase,
  randomCase,
  run,
} from "./recurrent-case.ts";
import {
  filled,
  missing,
  Rng,
  reference,
  relativeError,
  type Subject,
  sameBits,
  subjects,
  valuesOf,
  view,
} from "./subjects.ts";

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

/** A case without a first state, lengths or a projection, of which all gradients are wanted. */
function fromZeros(cell: CellKind, sizes: { batch: number; hiddenSize: number; steps: number }): RecurrentCase {
  const { batch, hiddenSize, steps } = sizes;
  const given = randomCase(new Rng(6), { cell, inputSize: 2, ...sizes });
  const weightHh = filled([GATES[cell] * hiddenSize, hiddenSize], () => 0.1);
  return {
    ...given,
    shape: { ...given.shape, lengths: null, projSize: 0 },
    weights: { ...given.weights, weightHh, weightHr: null },
    inputs: {
      x: filled([steps, batch, 2], () => 0.5),
      dy: filled([steps, batch, hiddenSize], () => 1),
      ...{ h0: null, c0: null, dhn: null, dcn: null },
    },
    y: view([steps, batch, hiddenSize]),
    without: new Set<string>(),
  };
}

function expectClose({ backend }: Subject, given: RecurrentCase, seed: number): void {
  const truth = run(reference, given, "float64");
  const got = run(backend, given, "float32");
  for (const [name, value] of got) {
    const error = relativeError(value, truth.get(name)!);
    expect(error, `seed ${seed}: ${name} of ${describeCase(given)}`).toBeLessThan(TOLERANCE);
  }
}

/** Sizes of a batch of two, four or eight parts, with hidden units that fill whole vectors: no other way through the kernels is shorter. */
const batchInParts = (rng: Rng, seed: number) => ({
  cell: CELLS[seed % 4],
  batch: rng.pick([256, 301, 530, 1031]),
  inputSize: rng.pick([1, 7]),
  hiddenSize: 64,
});

for (const { name, reason } of missing) test.skip(`${name} (skipped: ${reason})`, () => {});

for (const subject of subjects) {
  const { name, backend, use, threads } = subject;
  describe(name, () => {
    test.each(CELLS)("a pass of %s is what the reference defines, with all its gradients", (cell) => {
      use();
      for (let seed = 1; seed <= 12; seed++) expectClose(subject, someCase(seed, cell), seed);
    });

    test("so is one of more rows than a tile, a chunk or a sum takes", () => {
      use();
      for (const cell of CELLS) {
        const rng = new Rng(7);
        expectClose(subject, randomCase(rng, { cell, batch: 505, steps: 2, inputSize: 3, hiddenSize: 10 }), 7);
        expectClose(subject, randomCase(rng, { cell, batch: 60, steps: 3, inputSize: 300, hiddenSize: 230 }), 7);
      }
    });

    test.each(CELLS)("so is a long one of %s, whose y is written in several goes, with all lengths and any", (cell) => {
      use();
      // Hidden units in the lanes, and sequences.
      const long = [
        { batch: 60, steps: 11, inputSize: 3, hiddenSize: 230 },
        { batch: 505, steps: 30, inputSize: 3, hiddenSize: 10 },
      ];
      for (const sizes of long)
        for (const seed of [8, 9]) {
          const rng = new Rng(seed);
          const given = randomCase(rng, { ...sizes, cell });
          const uneven = Int32Array.from({ length: sizes.batch }, () => rng.integer(1, sizes.steps));
          const shape = { ...given.shape, lengths: seed === 8 ? null : uneven };
          expectClose(subject, { ...given, shape }, seed);
        }
    });

    test("so is one of a batch in parts, whose gradients are summed apart", () => {
      use();
      for (let seed = 40; seed < 48; seed++) {
        const rng = new Rng(seed);
        expectClose(subject, randomCase(rng, { ...batchInParts(rng, seed), steps: 3 }), seed);
      }
    });

    test("so is one of many sequences and few hidden units, which takes its own way through the kernels", () => {
      use();
      for (let seed = 1; seed <= 24; seed++) {
        const rng = new Rng(seed);
        const sizes = {
          batch: rng.pick([16, 47, 64, 90]),
          steps: rng.pick([9, 33]),
          inputSize: rng.pick([1, 3, 20, 60]),
        };
        const given = randomCase(rng, { ...sizes, cell: CELLS[seed % 4], hiddenSize: rng.pick([3, 5, 10, 19, 50]) });
        expectClose(subject, given, seed);
      }
    });

    test.skipIf(threads.length === 0)("the number of threads does not change a bit", () => {
      use();
      for (let seed = 100; seed < 118; seed++) {
        const rng = new Rng(seed);
        const hiddenSize = seed % 3 === 0 ? 10 : 70;
        const small = { cell: CELLS[seed % 4], batch: rng.integer(40, 90), inputSize: 40, hiddenSize };
        const sizes = seed < 112 ? small : batchInParts(rng, seed);
        const given = randomCase(rng, { ...sizes, steps: 12 });
        backend.setThreads(1);
        const alone = run(backend, given, "float32");
        for (const count of threads) {
          backend.setThreads(count);
          for (const [name, value] of run(backend, given, "float32"))
            expect(sameBits(value, alone.get(name)!), `seed ${seed}: ${name}, ${count} threads`).toBe(true);
        }
      }
      backend.setThreads(0);
    });

    test("without training a pass gives the same bits", () => {
      use();
      for (let seed = 200; seed < 220; seed++) {
        const given = someCase(seed);
        const training = run(backend, given, "float32");
        const [y, hn, cn] = infer(backend, given);
        expect(sameBits(y, training.get("y")!), `seed ${seed}: y`).toBe(true);
        expect(sameBits(hn, training.get("hn")!), `seed ${seed}: hn`).toBe(true);
        if (cn !== undefined) expect(sameBits(cn, training.get("cn")!), `seed ${seed}: cn`).toBe(true);
      }
    });

    test("panels that are kept stand for the weights, bit for bit, whatever the batch", () => {
      use();
      for (let seed = 300; seed < 330; seed++) {
        const given = someCase(seed);
        const first = firstSequence(given);
        const panels = emptyPanels(backend, first)!;
        const all = emptyPanels(backend, given) && panels;
        const plain = [infer(backend, first), infer(backend, given)];
        const weights = Object.values(given.weights).filter((weight) => weight !== null);
        for (const when of ["while they are laid out", "from then on"]) {
          const kept = [infer(backend, first, panels), infer(backend, given, all)];
          kept.flat().forEach((value, i) => {
            expect(sameBits(value, plain.flat()[i]), `seed ${seed}: output ${i}, ${when}`).toBe(true);
          });
          // They are not read again.
          if (all !== null) for (const weight of weights) numbersOf(weight).fill(Number.NaN);
        }
      }
    });

    test("an infinite weight beside a first state of zeros is NaN with kept panels, too", () => {
      use();
      const given = fromZeros("lstm", { batch: 3, hiddenSize: 20, steps: 2 });
      numbersOf(given.weights.weightHh)[given.weights.weightHh.offset] = Number.POSITIVE_INFINITY;
      const panels = emptyPanels(backend, given);
      for (let time = 0; time < 2; time++)
        expect(valuesOf(infer(backend, given, panels)[0])[0], `pass ${time}`).toBeNaN();
    });

    test("NaN and infinity reach what they reach in the reference, and no other sequence", () => {
      use();
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const cell of CELLS) {
          for (const sizes of [
            { batch: 5, steps: 4, inputSize: 2, hiddenSize: 19 },
            { batch: 47, steps: 12, inputSize: 2, hiddenSize: 5 },
          ]) {
            const given = randomCase(new Rng(3), { cell, ...sizes });
            const { x } = given.inputs;
            const t = given.shape.lengths === null ? 1 : 0;
            numbersOf(x)[x.offset + t * x.strides[0] + 2 * x.strides[1]] = bad;
            const got = run(backend, given, "float32");
            const truth = run(reference, given, "float64");
            for (const name of ["y", "hn"]) {
              const where = (from: Map<string, View>) =>
                valuesOf(from.get(name)!).map((v) => (Number.isNaN(v) ? 1 : 0));
              expect(where(got), `${cell} ${bad} ${name}`).toEqual(where(truth));
            }
          }
        }
      }
    });

    test("a first state of zeros, whose products are left out, gives the bits of one that is multiplied", () => {
      use();
      for (const cell of CELLS) {
        for (const [batch, hiddenSize] of [
          [2, 19],
          [60, 40],
          [48, 5],
        ]) {
          const others = (batch - 1) * hiddenSize;
          const each = (first: number, last: number) => {
            let i = 0;
            return filled([batch, hiddenSize], () => (i++ < others ? first : last));
          };
          const given = fromZeros(cell, { batch, hiddenSize, steps: 3 });
          // The last sequence has no gradient, so that nothing but its state tells the passes apart.
          const pass = (h0: View | null) =>
            run(backend, { ...given, inputs: { ...given.inputs, h0, dy: null, dhn: each(0.7, 0) } }, "float32");
          const [absent, zeros, multiplied] = [pass(null), pass(each(0, 0)), pass(each(0, 1))];
          const what = `${cell}, ${hiddenSize} units`;
          for (const [name, value] of absent) expect(sameBits(zeros.get(name)!, value), `${what}: ${name}`).toBe(true);
          const statesOf = (from: Map<string, View>) => [...valuesOf(from.get("hn")!)];
          expect(statesOf(multiplied).slice(0, others), what).toEqual(statesOf(absent).slice(0, others));
          expect(statesOf(multiplied), what).not.toEqual(statesOf(absent));
          expect(sameBits(multiplied.get("d weightHh")!, absent.get("d weightHh")!), `${what}: dU`).toBe(true);
        }
      }
    });

    test("without a first state, weights that are infinite and gradients that are NaN still meet its zeros", () => {
      use();
      for (const cell of CELLS) {
        for (const [batch, hiddenSize] of [
          [5, 19],
          [47, 5],
        ]) {
          for (const [spoilt, value] of [
            ["weightHh", Number.POSITIVE_INFINITY],
            ["x", Number.NaN],
          ] as const) {
            const given = fromZeros(cell, { batch, hiddenSize, steps: 1 });
            const target = spoilt === "x" ? given.inputs.x : given.weights.weightHh;
            numbersOf(target)[target.offset + 3] = value;
            const got = run(backend, given, "float32");
            const truth = run(reference, given, "float64");
            const where = (from: Map<string, View>, name: string) =>
              Array.from(valuesOf(from.get(name)!), Number.isNaN);
            for (const name of ["y", "d weightHh"])
              expect(where(got, name), `${cell}, ${hiddenSize} units, ${spoilt}: ${name}`).toEqual(where(truth, name));
            expect(where(truth, "y"), `${cell} ${spoilt}`).toContain(true);
          }
        }
      }
    });

    test("the gradient of relu passes where h is NaN, as in PyTorch", () => {
      use();
      for (const batch of [1, 47]) {
        const sizes = { batch, steps: 12, inputSize: 1, hiddenSize: 3 };
        const random = randomCase(new Rng(4), { cell: "rnnRelu", ...sizes });
        const shape = { ...random.shape, lengths: null };
        const inputs = {
          ...random.inputs,
          x: filled([12, batch, 1], () => Number.NaN),
          dy: filled([12, batch, 3], () => 1),
          dhn: null,
        };
        const weights = { ...random.weights, weightHh: filled([3, 3], () => 0) };
        const y = view([12, batch, 3]);
        const given = { ...random, shape, inputs, weights, y, accumulateDx: false, without: new Set<string>() };
        const sum = valuesOf(random.weights.weightIh).reduce((a, b) => a + b);
        for (const dx of valuesOf(run(backend, given, "float32").get("dx")!)) expect(dx).toBeCloseTo(sum, 5);
        for (const dx of valuesOf(run(reference, given, "float64").get("dx")!)) expect(dx).toBeCloseTo(sum, 5);
      }
    });

    test("a state that decays ends at zero, not among the denormals that make a pass slow", () => {
      use();
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
      const y = valuesOf(run(backend, { ...random, shape, inputs, weights }, "float32").get("y")!);
      expect(y.filter((value) => value > 0 && value < 2 ** -126)).toHaveLength(0);
      expect(y.filter((value) => value === 0).length).toBeGreaterThan(0);
    });
  });
}
