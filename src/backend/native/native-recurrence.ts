/** The recurrent kernels' calls: see `../recurrent.ts` for the letters and `kernels/node-recurrent.cc` for the order of the numbers. */

import type { View } from "../backend.ts";
import type { CpuStorage } from "../cpu-storage.ts";
import { CELL_CODES } from "../kernel-codes.ts";
import type {
  RecurrentBackward,
  RecurrentForward,
  RecurrentShape,
  RecurrentSizes,
  RecurrentWeights,
} from "../recurrent.ts";
import { type Addon, bufferOrNull, offsetOf } from "./addon.ts";

const KNOWN_SHAPES = 8;

const sameShape = (a: RecurrentShape, b: RecurrentShape): boolean =>
  a.batch === b.batch &&
  a.steps === b.steps &&
  a.inputSize === b.inputSize &&
  a.hiddenSize === b.hiddenSize &&
  a.cell === b.cell &&
  a.training === b.training &&
  a.projSize === b.projSize &&
  a.reverse === b.reverse;

export class NativeRecurrence {
  readonly #addon: Addon;
  readonly #numbers: Float64Array;
  #at = 0;
  /** A net asks for the same few shapes at every step. */
  readonly #known: { shape: RecurrentShape; sizes: RecurrentSizes }[] = [];

  constructor(addon: Addon, numbers: Float64Array) {
    this.#addon = addon;
    this.#numbers = numbers;
  }

  /** Decided by the shape alone, as the layout of the saved state depends on it. */
  takes({ dtype, batch, steps }: RecurrentShape): boolean {
    return dtype === "float32" && batch > 0 && steps > 0;
  }

  sizes(shape: RecurrentShape): RecurrentSizes {
    for (const known of this.#known) if (sameShape(known.shape, shape)) return known.sizes;
    this.#shape(shape);
    this.#addon.recurrentSizes();
    const sizes = { savedBytes: this.#numbers[0], workspaceBytes: this.#numbers[1], panelBytes: this.#numbers[2] };
    if (this.#known.length === KNOWN_SHAPES) this.#known.shift();
    this.#known.push({ shape, sizes });
    return sizes;
  }

  /** Sizes depend on the instruction set. */
  forgetSizes(): void {
    this.#known.length = 0;
  }

  forward(call: RecurrentForward): void {
    const { x, h0, c0, weights, y, hn, cn, saved, workspace, panels } = call;
    this.#shape(call);
    this.#lengths(call.lengths);
    this.#steps(x);
    this.#states(h0);
    this.#states(c0);
    this.#weights(weights);
    this.#steps(y);
    this.#states(hn);
    this.#states(cn);
    this.#write(0);
    this.#write(0);
    this.#write(0);
    this.#addon.recurrentForward(
      lengthsBuffer(call.lengths),
      bufferOrNull(x),
      bufferOrNull(h0),
      bufferOrNull(c0),
      bufferOrNull(weights.weightIh),
      bufferOrNull(weights.weightHh),
      bufferOrNull(weights.biasIh),
      bufferOrNull(weights.biasHh),
      bufferOrNull(weights.weightHr),
      bufferOrNull(y),
      bufferOrNull(hn),
      bufferOrNull(cn),
      (saved as CpuStorage).buffer,
      (workspace as CpuStorage).buffer,
      panels && (panels as CpuStorage).buffer,
    );
  }

  backward(call: RecurrentBackward): void {
    const { weights, saved, workspace, dy, dhn, dcn, dx, dh0, dc0, dWeights } = call;
    this.#shape(call);
    this.#write(call.accumulateDx ? 1 : 0);
    this.#lengths(call.lengths);
    this.#weights(weights);
    this.#write(0);
    this.#write(0);
    this.#steps(dy);
    this.#states(dhn);
    this.#states(dcn);
    this.#steps(dx);
    this.#states(dh0);
    this.#states(dc0);
    this.#weights(dWeights);
    this.#addon.recurrentBackward(
      lengthsBuffer(call.lengths),
      bufferOrNull(weights.weightIh),
      bufferOrNull(weights.weightHh),
      bufferOrNull(weights.biasIh),
      bufferOrNull(weights.biasHh),
      bufferOrNull(weights.weightHr),
      (saved as CpuStorage).buffer,
      (workspace as CpuStorage).buffer,
      bufferOrNull(dy),
      bufferOrNull(dhn),
      bufferOrNull(dcn),
      bufferOrNull(dx),
      bufferOrNull(dh0),
      bufferOrNull(dc0),
      bufferOrNull(dWeights.weightIh),
      bufferOrNull(dWeights.weightHh),
      bufferOrNull(dWeights.biasIh),
      bufferOrNull(dWeights.biasHh),
      bufferOrNull(dWeights.weightHr),
    );
  }

  #write(value: number): void {
    this.#numbers[this.#at++] = value;
  }

  #shape(shape: RecurrentShape): void {
    this.#at = 0;
    this.#write(CELL_CODES[shape.cell]);
    this.#write(shape.batch);
    this.#write(shape.steps);
    this.#write(shape.inputSize);
    this.#write(shape.hiddenSize);
    this.#write(shape.projSize);
    this.#write(shape.reverse ? 1 : 0);
    this.#write(shape.training ? 1 : 0);
  }

  #lengths(lengths: Int32Array | null): void {
    this.#write(lengths === null ? 0 : lengths.byteOffset / 4);
  }

  /** [T, B, features] */
  #steps(view: View | null): void {
    this.#write(view === null ? 0 : view.strides[0]);
    this.#write(view === null ? 0 : view.strides[1]);
    this.#write(view === null ? 0 : offsetOf(view));
  }

  /** [B, features] */
  #states(view: View | null): void {
    this.#write(view === null ? 0 : view.strides[0]);
    this.#write(view === null ? 0 : offsetOf(view));
  }

  #weights({ weightIh, weightHh, biasIh, biasHh, weightHr }: { [K in keyof RecurrentWeights]: View | null }): void {
    this.#write(weightIh === null ? 0 : offsetOf(weightIh));
    this.#write(weightHh === null ? 0 : offsetOf(weightHh));
    this.#write(biasIh === null ? 0 : offsetOf(biasIh));
    this.#write(biasHh === null ? 0 : offsetOf(biasHh));
    this.#write(weightHr === null ? 0 : offsetOf(weightHr));
  }
}

const lengthsBuffer = (lengths: Int32Array | null): ArrayBuffer | null =>
  lengths === null ? null : (lengths.buffer as ArrayBuffer);
