/** A random recurrent pass, forward and backward, on any backend. */

import type { Backend, View } from "../../src/backend/backend.ts";
import { type CellKind, GATES, type RecurrentShape, type RecurrentWeights } from "../../src/backend/recurrent.ts";
import type { Storage } from "../../src/tensor/storage.ts";
import { filled, inFloat64, like, type Rng } from "./subjects.ts";

type Optional<T> = { [K in keyof T]: T[K] | null };

export interface RecurrentCase {
  readonly shape: Omit<RecurrentShape, "dtype">;
  readonly inputs: {
    readonly x: View;
    readonly h0: View | null;
    readonly c0: View | null;
    readonly dy: View | null;
    readonly dhn: View | null;
    readonly dcn: View | null;
  };
  readonly weights: RecurrentWeights;
  readonly y: View;
  readonly accumulateDx: boolean;
  /** Gradients that are not asked for. */
  readonly without: ReadonlySet<string>;
}

export interface Sizes {
  readonly cell: CellKind;
  readonly batch: number;
  readonly steps: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
}

export function describeCase({ shape, inputs, without }: RecurrentCase): string {
  const { lengths, ...rest } = shape;
  const given = Object.entries(inputs).flatMap(([name, value]) => (value === null ? [] : [name]));
  return `${JSON.stringify(rest)} lengths ${lengths === null ? "none" : "some"}, given ${given}, without ${[...without]}`;
}

export function randomCase(rng: Rng, { cell, batch: B, steps: T, inputSize: I, hiddenSize: H }: Sizes): RecurrentCase {
  const projSize = cell === "lstm" && H > 1 && rng.chance(0.3) ? rng.integer(1, H - 1) : 0;
  const P = projSize || H;
  const G = GATES[cell];
  const uniform = () => (rng.next() * 2 - 1) / Math.sqrt(H);
  const normal = () => rng.normal();
  const maybe = (p: number, shape: readonly number[], order?: readonly number[]) =>
    rng.chance(p) ? filled(shape, normal, order) : null;
  // Batch first is time-major with its first two axes exchanged.
  const order = rng.chance(0.5) ? [1, 0, 2] : [0, 1, 2];
  const hasBias = rng.chance(0.8);
  const lengths = rng.chance(0.3) ? Int32Array.from({ length: B }, () => rng.integer(1, T)) : null;
  const names = ["dx", "dh0", "dc0", "weightIh", "weightHh", "biasIh", "biasHh", "weightHr"];
  return {
    shape: {
      cell,
      batch: B,
      steps: T,
      inputSize: I,
      hiddenSize: H,
      projSize,
      reverse: rng.chance(0.4),
      lengths,
      training: true,
    },
    inputs: {
      x: filled([T, B, I], normal, order),
      h0: maybe(0.6, [B, P]),
      c0: cell === "lstm" ? maybe(0.6, [B, H]) : null,
      dy: maybe(0.8, [T, B, P], order),
      dhn: maybe(0.6, [B, P]),
      dcn: cell === "lstm" ? maybe(0.6, [B, H]) : null,
    },
    weights: {
      weightIh: filled([G * H, I], uniform),
      weightHh: filled([G * H, P], uniform),
      biasIh: hasBias ? filled([G * H], uniform) : null,
      biasHh: hasBias ? filled([G * H], uniform) : null,
      weightHr: projSize > 0 ? filled([P, H], uniform) : null,
    },
    y: filled([T, B, P], () => 7, order),
    accumulateDx: rng.chance(0.3),
    without: new Set(names.filter(() => rng.chance(0.1))),
  };
}

/** Every output of a pass, by name. */
export function run(backend: Backend, given: RecurrentCase, dtype: "float32" | "float64"): Map<string, View> {
  const cast = <V extends View | null>(x: V): V => (x === null || dtype === "float32" ? x : inFloat64(x)) as V;
  const { x, h0, c0, dy, dhn, dcn } = given.inputs;
  const shape: RecurrentShape = { ...given.shape, dtype };
  const B = shape.batch;
  const P = shape.projSize || shape.hiddenSize;
  const w = given.weights;
  const weights: RecurrentWeights = {
    weightIh: cast(w.weightIh),
    weightHh: cast(w.weightHh),
    biasIh: cast(w.biasIh),
    biasHh: cast(w.biasHh),
    weightHr: cast(w.weightHr),
  };
  const states = (features: number) => cast(filled([B, features], () => 7));
  const y = like(cast(given.y), 7);
  const hn = states(P);
  const cn = shape.cell === "lstm" ? states(shape.hiddenSize) : null;
  const { savedBytes, workspaceBytes } = backend.recurrentSizes(shape);
  const saved = backend.borrow(savedBytes);
  const workspace = backend.borrow(workspaceBytes);
  const common = { ...shape, x: cast(x), h0: cast(h0), c0: cast(c0), weights, y, saved, workspace };
  backend.recurrentForward({ ...common, hn, cn, panels: null });

  const wanted = <V>(name: string, make: () => V) => (given.without.has(name) ? null : make());
  const gradient = (name: keyof RecurrentWeights) =>
    wanted(name, () => {
      const weight = weights[name];
      return weight === null ? null : like(weight, 7);
    });
  const outputs: Optional<Record<string, View>> = {
    dx: wanted("dx", () => like(cast(x), 1)),
    dh0: wanted("dh0", () => states(P)),
    dc0: shape.cell === "lstm" ? wanted("dc0", () => states(shape.hiddenSize)) : null,
  };
  const dWeights = {
    weightIh: gradient("weightIh"),
    weightHh: gradient("weightHh"),
    biasIh: gradient("biasIh"),
    biasHh: gradient("biasHh"),
    weightHr: gradient("weightHr"),
  };
  backend.recurrentBackward({
    ...common,
    dy: cast(dy),
    dhn: cast(dhn),
    dcn: cast(dcn),
    dx: outputs.dx,
    accumulateDx: given.accumulateDx,
    dh0: outputs.dh0,
    dc0: outputs.dc0,
    dWeights,
  });
  backend.release(saved);
  backend.release(workspace);
  const all: Optional<Record<string, View>> = { y, hn, cn, ...outputs };
  for (const [name, made] of Object.entries(dWeights)) all[`d ${name}`] = made;
  return new Map(Object.entries(all).filter((entry): entry is [string, View] => entry[1] !== null));
}

const withoutTraining = (given: RecurrentCase): RecurrentShape => ({
  ...given.shape,
  dtype: "float32",
  training: false,
});

/** What a pass of this shape takes as its panels, with nothing in it; null where it takes none. */
export function emptyPanels(backend: Backend, given: RecurrentCase): Storage | null {
  const { panelBytes } = backend.recurrentSizes(withoutTraining(given));
  if (panelBytes === 0) return null;
  const panels = backend.borrow(panelBytes);
  backend.elements(panels, "float32")[0] = 0;
  return panels;
}

/** The same pass of the first sequence alone. */
export function firstSequence(given: RecurrentCase): RecurrentCase {
  const { x, h0, c0 } = given.inputs;
  const steps = (view: View): View => ({ ...view, shape: [view.shape[0], 1, view.shape[2]] });
  const state = (view: View | null): View | null => view && { ...view, shape: [1, view.shape[1]] };
  const lengths = given.shape.lengths?.slice(0, 1) ?? null;
  return {
    ...given,
    shape: { ...given.shape, batch: 1, lengths },
    inputs: { ...given.inputs, x: steps(x), h0: state(h0), c0: state(c0) },
    y: steps(given.y),
  };
}

/** The outputs of a forward pass without training. */
export function infer(backend: Backend, given: RecurrentCase, panels: Storage | null = null): View[] {
  const shape = withoutTraining(given);
  const B = shape.batch;
  const y = like(given.y, 7);
  const hn = filled([B, shape.projSize || shape.hiddenSize], () => 7);
  const cn = shape.cell === "lstm" ? filled([B, shape.hiddenSize], () => 7) : null;
  const { savedBytes, workspaceBytes } = backend.recurrentSizes(shape);
  const { x, h0, c0 } = given.inputs;
  const saved = backend.borrow(savedBytes);
  const workspace = backend.borrow(workspaceBytes);
  backend.recurrentForward({ ...shape, x, h0, c0, weights: given.weights, y, hn, cn, saved, workspace, panels });
  return cn === null ? [y, hn] : [y, hn, cn];
}
