/**
 * The recurrent kernels' calls: see `../recurrent.ts` for the letters. The words of a call are written in the order of the structs in
 * `kernels/kernels.h`.
 */

import { elementCount } from "../../tensor/shape.ts";
import type { Storage } from "../../tensor/storage.ts";
import type { View } from "../backend.ts";
import type { CpuStorage } from "../cpu-storage.ts";
import { CELL_CODES } from "../kernel-codes.ts";
import {
  GATES,
  type RecurrentBackward,
  type RecurrentForward,
  type RecurrentShape,
  type RecurrentSizes,
  type RecurrentWeights,
} from "../recurrent.ts";
import { type Arena, NOWHERE, type Placed, type Rows } from "./arena.ts";
import { KeptStates } from "./kept-states.ts";
import type { WasmKernels } from "./wasm-module.ts";

/** Addresses have 32 bits and sizes 31; a pass beyond this is left to the reference. */
const LARGEST_PASS_BYTES = 1.5 * 2 ** 30;

const NO_WEIGHTS = { weightIh: null, weightHh: null, biasIh: null, biasHh: null, weightHr: null };

export class WasmRecurrence {
  readonly #kernels: WasmKernels;
  readonly #arena: Arena;
  readonly #kept: KeptStates;
  /** What the kernel writes, to be copied out afterwards. */
  readonly #outputs: { readonly rows: Rows; readonly placed: Placed }[] = [];
  readonly #plainOutputs: { readonly view: View; readonly address: number }[] = [];

  constructor(kernels: WasmKernels, arena: Arena) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.#kept = new KeptStates(arena);
  }

  /** Brings a saved state that is still in the module's memory to its storage. */
  settle(storage: Storage): void {
    this.#kept.settle(storage);
  }

  settleAll(): void {
    this.#kept.settleAll();
  }

  /** Decided by the shape alone, as the layout of the saved state depends on it. */
  takes(shape: RecurrentShape): boolean {
    return shape.dtype === "float32" && shape.batch > 0 && shape.steps > 0 && mostBytesOf(shape) <= LARGEST_PASS_BYTES;
  }

  sizes(shape: RecurrentShape): RecurrentSizes {
    // Room that forward does not fill, and the workspace, are in the arena.
    const { keptBytes, panelBytes } = this.#sizes(shape);
    return { savedBytes: keptBytes, workspaceBytes: 0, panelBytes };
  }

  #sizes(shape: RecurrentShape): RecurrentSizes & { readonly keptBytes: number } {
    const arena = this.#arena;
    arena.begin();
    this.#shape(shape);
    const bytes = arena.room(8);
    this.#kernels.recurrentSizes(arena.call, bytes);
    const [savedBytes, workspaceBytes, keptBytes, panelBytes] = arena.doubles(bytes, 4);
    return { savedBytes, workspaceBytes, keptBytes, panelBytes };
  }

  forward(call: RecurrentForward): void {
    const arena = this.#arena;
    const { savedBytes, workspaceBytes, keptBytes, panelBytes } = this.#sizes(call);
    if (call.training) this.#kept.makeRoom(savedBytes);
    arena.begin();
    const saved = call.training ? arena.room(savedBytes / 4) : 0;
    this.#shape(call);
    this.#lengths(call.lengths);
    this.#stepsIn(call.x);
    this.#statesIn(call.h0);
    this.#statesIn(call.c0);
    const { panels } = call;
    const arePanelsThere = panels !== null && (panels as CpuStorage).float32[0] !== 0;
    this.#weightsIn(arePanelsThere ? NO_WEIGHTS : call.weights);
    this.#stepsOut(call.y, false);
    this.#statesOut(call.hn);
    this.#statesOut(call.cn);
    arena.write(saved);
    arena.write(arena.room(workspaceBytes / 4));
    const panelsAt = panels === null ? 0 : arena.room(panelBytes / 4);
    if (panels !== null) arena.copyTo(panelsAt, panels, 0, arePanelsThere ? panelBytes / 4 : 1);
    arena.write(panelsAt);
    this.#kernels.recurrentForward(arena.call);
    if (panels !== null && !arePanelsThere) arena.copyOut(panelsAt, panels, 0, panelBytes / 4);
    this.#finish();
    if (call.training) this.#kept.keep(call.saved, saved, keptBytes / 4, savedBytes);
  }

  backward(call: RecurrentBackward): void {
    const arena = this.#arena;
    const { savedBytes, workspaceBytes, keptBytes } = this.#sizes(call);
    arena.begin();
    this.#shape(call);
    this.#lengths(call.lengths);
    this.#weightsIn(call.weights);
    let saved = this.#kept.addressOf(call.saved);
    if (saved === 0) {
      saved = arena.room(savedBytes / 4);
      arena.copyTo(saved, call.saved, 0, keptBytes / 4);
    }
    arena.write(saved);
    arena.write(arena.room(workspaceBytes / 4));
    this.#stepsIn(call.dy);
    this.#statesIn(call.dhn);
    this.#statesIn(call.dcn);
    this.#stepsOut(call.dx, call.accumulateDx);
    arena.write(call.accumulateDx ? 1 : 0);
    this.#statesOut(call.dh0);
    this.#statesOut(call.dc0);
    const { weightIh, weightHh, biasIh, biasHh, weightHr } = call.dWeights;
    for (const gradient of [weightIh, weightHh, biasIh, biasHh, weightHr]) this.#plainOut(gradient);
    this.#kernels.recurrentBackward(arena.call);
    this.#finish();
    this.#kept.forget(call.saved);
  }

  #shape({ cell, batch, steps, inputSize, hiddenSize, projSize, reverse, training }: RecurrentShape): void {
    const arena = this.#arena;
    arena.write(CELL_CODES[cell]);
    arena.write(batch);
    arena.write(steps);
    arena.write(inputSize);
    arena.write(hiddenSize);
    arena.write(projSize || hiddenSize);
    arena.write((projSize > 0 ? 1 : 0) | (reverse ? 1 << 8 : 0) | (training ? 1 << 16 : 0));
  }

  #lengths(lengths: Int32Array | null): void {
    this.#arena.write(lengths === null ? 0 : this.#arena.copyInWords(lengths));
  }

  #stepsIn(view: View | null): void {
    this.#writeSteps(view === null ? NOWHERE : this.#arena.rowsIn(stepsOf(view)));
  }

  #stepsOut(view: View | null, filled: boolean): void {
    if (view === null) {
      this.#writeSteps(NOWHERE);
      return;
    }
    const rows = stepsOf(view);
    const placed = this.#arena.rowsOut(rows, filled);
    this.#outputs.push({ rows, placed });
    this.#writeSteps(placed);
  }

  #writeSteps({ address, outerStride, innerStride }: Placed): void {
    this.#arena.write(address);
    this.#arena.write(outerStride);
    this.#arena.write(innerStride);
  }

  #statesIn(view: View | null): void {
    this.#writeStates(view === null ? NOWHERE : this.#arena.rowsIn(statesOf(view)));
  }

  #statesOut(view: View | null): void {
    if (view === null) {
      this.#writeStates(NOWHERE);
      return;
    }
    const rows = statesOf(view);
    const placed = this.#arena.rowsOut(rows);
    this.#outputs.push({ rows, placed });
    this.#writeStates(placed);
  }

  #writeStates({ address, innerStride }: Placed): void {
    this.#arena.write(address);
    this.#arena.write(innerStride);
  }

  #weightsIn({ weightIh, weightHh, biasIh, biasHh, weightHr }: { [K in keyof RecurrentWeights]: View | null }): void {
    const arena = this.#arena;
    for (const weight of [weightIh, weightHh, biasIh, biasHh, weightHr])
      arena.write(weight === null ? 0 : arena.plainIn(weight, elementCount(weight.shape)));
  }

  #plainOut(view: View | null): void {
    if (view === null) {
      this.#arena.write(0);
      return;
    }
    const address = this.#arena.room(elementCount(view.shape));
    this.#plainOutputs.push({ view, address });
    this.#arena.write(address);
  }

  #finish(): void {
    for (const { rows, placed } of this.#outputs) this.#arena.finish(rows, placed);
    for (const { view, address } of this.#plainOutputs) this.#arena.plainOut(address, view, elementCount(view.shape));
    this.#outputs.length = 0;
    this.#plainOutputs.length = 0;
  }
}

/** [T, B, features] */
const stepsOf = ({ storage, offset, shape, strides }: View): Rows => ({
  storage,
  offset,
  outer: shape[0],
  inner: shape[1],
  length: shape[2],
  outerStride: strides[0],
  innerStride: strides[1],
});

/** [B, features] */
const statesOf = ({ storage, offset, shape, strides }: View): Rows => ({
  storage,
  offset,
  outer: 1,
  inner: shape[0],
  length: shape[1],
  outerStride: 0,
  innerStride: strides[0],
});

/** No less than a pass of this shape has in the memory at once: saved state, inputs, outputs, weights and their panels. */
function mostBytesOf({ cell, batch: B, steps: T, inputSize: I, hiddenSize: H, projSize: P }: RecurrentShape): number {
  const perStep = 3 * I + 6 * (P || H) + (GATES[cell] + 4) * (H + 16) + 128;
  const perWeight = 8 * (GATES[cell] + 1) * (H + 16) * (I + (P || H) + 33);
  return 4 * ((T + 2) * B * perStep + perWeight);
}
