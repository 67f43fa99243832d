/**
 * A recurrent layer over a whole sequence: one op, one kernel call for each direction. `src/backend/recurrent.ts` has the
 * equations; `src/nn/recurrent/` stacks these into RNN, LSTM and GRU.
 */

import {
  type ArrivedGradient,
  defineOp,
  type Gradient,
  type Gradients,
  PlacedGradient,
  willRecord,
} from "../autograd/define-op.ts";
import { allocate, allocateGradient, allocateOutput, toContiguous, viewOf } from "../backend/allocate.ts";
import type { Backend, View } from "../backend/backend.ts";
import type { CellKind, RecurrentShape, RecurrentWeights } from "../backend/recurrent.ts";
import type { Storage } from "../tensor/storage.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { panelsFor } from "./recurrent-panels.ts";
import { contiguous } from "./views.ts";

export interface LayerSpec {
  readonly cell: CellKind;
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** 0: h is not projected. */
  readonly projSize: number;
  readonly bidirectional: boolean;
  /** Whether x and y are [B, T, …] instead of [T, B, …]. */
  readonly batchFirst: boolean;
  /** Steps of each sequence, or null when all have T. */
  readonly lengths: Int32Array | null;
  /** Run the single direction from the end. */
  readonly reverse?: boolean;
}

/** A direction's weights, in the order of the state dict: W, U, b, c and R. */
const WEIGHTS = 5;

interface Saved {
  spec: LayerSpec;
  x: Tensor;
  y: Tensor;
  h0: Tensor | null;
  c0: Tensor | null;
  weights: readonly (Tensor | null)[];
  /** One pooled storage for each direction. */
  states: Storage[];
  workspaceBytes: number;
}

const recurrentOp = defineOp({
  name: "recurrent",
  fused: true,
  takesPlaced: true,
  givesOwn: true,
  forward(kernels, spec: LayerSpec, x: Tensor, h0: Tensor | null, c0: Tensor | null, ...weights: (Tensor | null)[]) {
    const training = willRecord(x, h0, c0, ...weights);
    const D = spec.bidirectional ? 2 : 1;
    const P = spec.projSize || spec.hiddenSize;
    const [T, B] = spec.batchFirst ? [x.shape[1], x.shape[0]] : [x.shape[0], x.shape[1]];
    const y = allocateOutput(spec.batchFirst ? [B, T, D * P] : [T, B, D * P], x.dtype);
    const hn = allocateOutput([D, B, P], x.dtype);
    const cn = allocateOutput([D, spec.cell === "lstm" ? B : 0, spec.hiddenSize], x.dtype);
    const states: Storage[] = [];
    const { savedBytes, workspaceBytes, panelBytes } = kernels.recurrentSizes(shapeOf(spec, 0, x, training));
    const workspace = kernels.borrow(workspaceBytes);
    for (let d = 0; d < D; d++) {
      const saved = kernels.borrow(savedBytes);
      const shape = shapeOf(spec, d, x, training);
      const own = weightsOf(weights, d);
      kernels.recurrentForward({
        cell: shape.cell,
        dtype: shape.dtype,
        batch: shape.batch,
        steps: shape.steps,
        inputSize: shape.inputSize,
        hiddenSize: shape.hiddenSize,
        projSize: shape.projSize,
        reverse: shape.reverse,
        lengths: shape.lengths,
        training: shape.training,
        x: timeMajor(x, spec.batchFirst),
        h0: h0 === null ? null : direction(h0, d),
        c0: c0 === null ? null : direction(c0, d),
        weights: own,
        y: features(timeMajor(y, spec.batchFirst), d * P, P),
        hn: direction(hn, d),
        cn: spec.cell === "lstm" ? direction(cn, d) : null,
        saved,
        workspace,
        panels: panelBytes === 0 ? null : panelsFor(kernels, shape, own, panelBytes),
      });
      if (training) states.push(saved);
      else kernels.release(saved);
    }
    kernels.release(workspace);
    const saved: Saved = { spec, x, y, h0, c0, weights, states, workspaceBytes };
    return { output: [y, hn, cn] as const, saved };
  },
  backward(kernels, arrived, saved, context): Gradients {
    const { spec, x, y, h0, c0, weights } = saved;
    const [dy, dhn, dcn] = gradientsOf(kernels, arrived, spec);
    const D = spec.bidirectional ? 2 : 1;
    const P = spec.projSize || spec.hiddenSize;
    const fresh = (tensor: Tensor | null, needed: boolean) =>
      tensor === null || !needed ? null : allocateGradient(tensor.shape, tensor.dtype);
    const dx = fresh(x, context.needs[1]);
    const dh0 = fresh(h0, context.needs[2]);
    const dc0 = fresh(c0, context.needs[3]);
    const dWeights = weights.map((weight, i) => fresh(weight, context.needs[4 + i]));
    const workspace = kernels.borrow(saved.workspaceBytes);
    for (let d = 0; d < D; d++) {
      const shape = shapeOf(spec, d, x, true);
      const states = saved.states[d];
      const kept = context.retain ? copyOf(kernels, states) : null;
      kernels.recurrentBackward({
        cell: shape.cell,
        dtype: shape.dtype,
        batch: shape.batch,
        steps: shape.steps,
        inputSize: shape.inputSize,
        hiddenSize: shape.hiddenSize,
        projSize: shape.projSize,
        reverse: shape.reverse,
        lengths: shape.lengths,
        training: shape.training,
        x: timeMajor(x, spec.batchFirst),
        h0: h0 === null ? null : direction(h0, d),
        c0: c0 === null ? null : direction(c0, d),
        weights: weightsOf(weights, d),
        y: features(timeMajor(y, spec.batchFirst), d * P, P),
        saved: states,
        workspace,
        dy: dy === null ? null : features(timeMajor(dy, spec.batchFirst), d * P, P),
        dhn: directionOrNull(dhn, d),
        dcn: spec.cell === "lstm" ? directionOrNull(dcn, d) : null,
        dx: dx === null ? null : timeMajor(dx, spec.batchFirst),
        accumulateDx: d > 0,
        dh0: dh0 === null ? null : direction(dh0, d),
        dc0: dc0 === null ? null : direction(dc0, d),
        dWeights: weightsOf(dWeights, d),
      });
      if (kept === null) kernels.release(states);
      else putBack(kernels, kept, states);
    }
    kernels.release(workspace);
    return [null, dx, dh0, dc0, ...dWeights];
  },
});

/**
 * The gradients of y, hn and cn as the kernel takes them. Where only the last step of y was used, its gradient is that of hn, which is
 * the same numbers.
 */
function gradientsOf(
  kernels: Backend,
  [dy, dhn, dcn]: readonly ArrivedGradient[],
  { batchFirst, bidirectional, reverse, lengths }: LayerSpec,
): readonly Gradient[] {
  const states = [inFull(dhn), inFull(dcn)];
  if (!(dy instanceof PlacedGradient))
    return [dy === null || hasContiguousFeatures(dy) ? dy : toContiguous(dy), ...states];
  const { part, shape, axis, start } = dy;
  const time = batchFirst ? 1 : 0;
  const isLastStep = axis === time && start === shape[time] - 1 && part.shape[time] === 1;
  if (!isLastStep || bidirectional || reverse || lengths !== null) return [dy.full(), ...states];
  const last = toContiguous(batchFirst ? timeMajor(part, true) : part);
  if (states[0] === null) return [null, last, states[1]];
  const both = allocate(last.shape, last.dtype);
  kernels.binary("add", last, states[0], both);
  return [null, both, states[1]];
}

const inFull = (gradient: ArrivedGradient): Gradient =>
  gradient instanceof PlacedGradient ? gradient.full() : gradient;

function shapeOf(spec: LayerSpec, d: number, x: Tensor, training: boolean): RecurrentShape {
  return {
    cell: spec.cell,
    dtype: x.dtype as "float32" | "float64",
    batch: x.shape[spec.batchFirst ? 0 : 1],
    steps: x.shape[spec.batchFirst ? 1 : 0],
    inputSize: spec.inputSize,
    hiddenSize: spec.hiddenSize,
    projSize: spec.projSize,
    reverse: d === 1 || spec.reverse === true,
    lengths: spec.lengths,
    training,
  };
}

/**
 * Backward consumes the saved state: when the graph is to be used again, its bytes are kept and put back afterwards. A copy
 * could not stand in for it, since a backend's layout may depend on where in memory it lies.
 */
function copyOf(kernels: Backend, states: Storage): Storage {
  const copy = kernels.borrow(states.byteLength);
  kernels.copy(bytesOf(states, states.byteLength), bytesOf(copy, states.byteLength));
  return copy;
}

function putBack(kernels: Backend, kept: Storage, states: Storage): void {
  kernels.copy(bytesOf(kept, states.byteLength), bytesOf(states, states.byteLength));
  kernels.release(kept);
}

const bytesOf = (storage: Storage, count: number): View => ({
  storage,
  dtype: "uint8",
  shape: [count],
  strides: [1],
  offset: 0,
});

const timeMajor = (x: Tensor, batchFirst: boolean): Tensor =>
  batchFirst ? viewOf(x, [x.shape[1], x.shape[0], x.shape[2]], [x.strides[1], x.strides[0], x.strides[2]]) : x;

const features = (y: Tensor, start: number, count: number): Tensor =>
  viewOf(y, [y.shape[0], y.shape[1], count], y.strides, y.offset + start);

const direction = (h: Tensor, d: number): Tensor =>
  viewOf(h, [h.shape[1], h.shape[2]], [h.strides[1], h.strides[2]], h.offset + d * h.strides[0]);

const directionOrNull = (dh: Gradient, d: number): Tensor | null =>
  dh === null ? null : direction(toContiguous(dh), d);

function weightsOf<W extends Tensor | null>(weights: readonly W[], d: number) {
  const at = d * WEIGHTS;
  return {
    weightIh: weights[at],
    weightHh: weights[at + 1],
    biasIh: weights[at + 2],
    biasHh: weights[at + 3],
    weightHr: weights[at + 4],
  } as unknown as RecurrentWeights;
}

/** Kernels read rows of features: only time and batch may be strided. */
const hasContiguousFeatures = (x: Tensor): boolean => x.strides[x.rank - 1] === 1 || x.shape[x.rank - 1] === 1;

const isContiguousOrNull = (weight: Tensor | null): boolean => weight === null || weight.isContiguous;

/**
 * One layer, both directions if asked.
 * @param x [T, B, I], or [B, T, I] if `batchFirst`
 * @param h0 [D, B, P] or null for zeros
 * @param c0 [D, B, H] or null for zeros; LSTM only
 * @param weights W, U, b, c and R of each of the D directions, null where there are none
 * @returns y [T, B, D·P] (or [B, T, D·P]), hn [D, B, P], and cn [D, B, H] for an LSTM (empty otherwise)
 */
export function recurrentLayer(
  spec: LayerSpec,
  x: Tensor,
  h0: Tensor | null,
  c0: Tensor | null,
  weights: readonly (Tensor | null)[],
): readonly [y: Tensor, hn: Tensor, cn: Tensor] {
  return recurrentOp(
    spec,
    hasContiguousFeatures(x) ? x : contiguous(x),
    h0 === null ? null : contiguous(h0),
    c0 === null ? null : contiguous(c0),
    ...(weights.every(isContiguousOrNull) ? weights : weights.map((weight) => weight && contiguous(weight))),
  );
}
