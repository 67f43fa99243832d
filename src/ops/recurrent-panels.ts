/**
 * Weights in the order in which a backend's products read them, kept from one forward pass without a gradient to the next: to lay them out
 * takes as long as some steps of a single sequence do, and of a step by itself most of its time.
 *
 * They belong to the storage of U and go with it. Whatever writes a weight raises the version of its storage; then they are made anew.
 */

import type { Backend, View } from "../backend/backend.ts";
import type { RecurrentShape, RecurrentWeights } from "../backend/recurrent.ts";
import type { Storage } from "../tensor/storage.ts";

type Sizes = Pick<RecurrentShape, "cell" | "inputSize" | "hiddenSize" | "projSize">;

const keptBeside = new WeakMap<Storage, KeptPanels>();

class KeptPanels {
  readonly kernels: Backend;
  readonly panels: Storage;
  #sizes: Sizes | null = null;
  #weights: readonly (Source | null)[] = [];

  constructor(kernels: Backend, bytes: number) {
    this.kernels = kernels;
    this.panels = kernels.borrow(bytes);
  }

  /** Makes sure that what lies here, if anything does, is these weights. */
  hold(sizes: Sizes, weights: RecurrentWeights): void {
    if (this.#holds(sizes, weights)) return;
    this.kernels.elements(this.panels, "float32")[0] = 0;
    const { cell, inputSize, hiddenSize, projSize } = sizes;
    this.#sizes = { cell, inputSize, hiddenSize, projSize };
    const { weightIh, weightHh, biasIh, biasHh, weightHr } = weights;
    this.#weights = [weightIh, weightHh, biasIh, biasHh, weightHr].map((weight) => weight && sourceOf(weight));
  }

  #holds({ cell, inputSize, hiddenSize, projSize }: Sizes, weights: RecurrentWeights): boolean {
    const own = this.#sizes;
    if (own === null || own.cell !== cell || own.inputSize !== inputSize) return false;
    if (own.hiddenSize !== hiddenSize || own.projSize !== projSize) return false;
    const [weightIh, weightHh, biasIh, biasHh, weightHr] = this.#weights;
    return (
      isFrom(weightIh, weights.weightIh) &&
      isFrom(weightHh, weights.weightHh) &&
      isFrom(biasIh, weights.biasIh) &&
      isFrom(biasHh, weights.biasHh) &&
      isFrom(weightHr, weights.weightHr)
    );
  }
}

/** Numbers as they were at some time. A weak reference, since panels must not keep a layer's old weights alive. */
interface Source {
  readonly storage: WeakRef<Storage>;
  readonly version: number;
  readonly offset: number;
}

const sourceOf = ({ storage, offset }: View): Source => ({
  storage: new WeakRef(storage),
  version: storage.version,
  offset,
});

const isFrom = (source: Source | null, weight: View | null): boolean =>
  source === null || weight === null
    ? source === weight
    : source.storage.deref() === weight.storage &&
      source.version === weight.storage.version &&
      source.offset === weight.offset;

/**
 * The panels for a pass without training with these weights, contiguous.
 * @param bytes of them, as the backend says
 */
export function panelsFor(kernels: Backend, sizes: Sizes, weights: RecurrentWeights, bytes: number): Storage {
  const key = weights.weightHh.storage;
  let kept = keptBeside.get(key);
  if (kept === undefined || kept.kernels !== kernels || kept.panels.byteLength < bytes) {
    kept = new KeptPanels(kernels, bytes);
    keptBeside.set(key, kept);
  }
  kept.hold(sizes, weights);
  return kept.panels;
}
