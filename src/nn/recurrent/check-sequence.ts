/** What a recurrent layer accepts, and what it says to the rest: the axes, what came, and the likely cure. */

import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import type { PackedSequence } from "../packed/packed-sequence.ts";

/** What the checks need to know of a layer. */
export interface Layer {
  /** With which errors begin: RNN, LSTM, GRU. */
  readonly kind: string;
  readonly inputSize: number;
  readonly batchFirst: boolean;
  /** Of the weights. */
  readonly dtype: DType;
  /** Layers times directions. */
  readonly passes: number;
  readonly bidirectional: boolean;
}

/** @returns whether x has a batch axis */
export function checkInput(layer: Layer, x: Tensor): boolean {
  const { kind, inputSize, batchFirst } = layer;
  const layout = batchFirst ? "[B, T," : "[T, B,";
  const expected = `${layout} ${inputSize}] (inputSize is ${inputSize}), or [T, ${inputSize}] without a batch`;
  if (!(x instanceof Tensor)) throw new ArgumentError(`${kind}.forward: x must be a tensor ${expected}`);
  if ((x.rank !== 2 && x.rank !== 3) || x.shape[x.rank - 1] !== inputSize) {
    throw new ShapeError(`${kind}.forward: x must be ${expected}, got ${formatShape(x.shape)}${hint(inputSize, x)}`);
  }
  checkDType(layer, "x", x);
  const steps = x.shape[x.rank === 2 ? 0 : batchFirst ? 1 : 0];
  if (steps === 0) throw new ShapeError(`${kind}.forward: x has no steps: it is ${formatShape(x.shape)}`);
  return x.rank === 3;
}

export function checkPackedInput(layer: Layer, { data }: PackedSequence): void {
  const { kind, inputSize } = layer;
  if (data.rank !== 2 || data.shape[1] !== inputSize) {
    throw new ShapeError(
      `${kind}.forward: the data of a packed x must be [N, ${inputSize}], the rows of all sequences (inputSize is ` +
        `${inputSize}), got ${formatShape(data.shape)}`,
    );
  }
  checkDType(layer, "x", data);
}

function checkDType({ kind, dtype }: Layer, name: string, x: Tensor): void {
  if (x.dtype === dtype) return;
  throw new DTypeError(
    `${kind}.forward: ${name} is ${x.dtype}, the weights are ${dtype}; cast ${name} (${name}.to("${dtype}")) or the ` +
      `model (model.to("${x.dtype}"))`,
  );
}

/** The likeliest cure for a wrong input. */
function hint(inputSize: number, { shape, rank }: Tensor): string {
  if (rank === 4) {
    const others = (axis: number) => shape.filter((_, i) => i !== axis);
    const single = shape.findIndex((size, axis) => size === 1 && others(axis)[2] === inputSize);
    if (single >= 0) return `; did you mean x.squeeze(${single})?`;
  }
  if (inputSize === 1 && (rank === 1 || rank === 2)) {
    return "; one number per step needs an axis of its own: did you mean x.unsqueeze(-1)?";
  }
  if (rank === 3 && shape.includes(inputSize)) return "; are the axes in another order? see x.permute()";
  return "";
}

/**
 * An initial state as [passes, B, size].
 * @param B the batch, or null for an input without one
 * @returns null if none was given: zeros
 */
export function checkState(
  layer: Layer,
  name: string,
  state: Tensor | null | undefined,
  B: number | null,
  size: number,
): Tensor | null {
  if (state === null || state === undefined) return null;
  const { kind, passes, bidirectional } = layer;
  if (!(state instanceof Tensor)) throw new ArgumentError(`${kind}.forward: ${name} must be a tensor`);
  const expected = B === null ? [passes, size] : [passes, B, size];
  const given = state.shape;
  if (given.length !== expected.length || given.some((n, axis) => n !== expected[axis])) {
    const axes = `${bidirectional ? "directions · layers" : "layers"}${B === null ? "" : ", batch"}, features`;
    const swapped = B !== null && B !== passes && given.length === 3 && given[0] === B && given[1] === passes;
    throw new ShapeError(
      `${kind}.forward: ${name} must be ${formatShape(expected)} (${axes}), got ${formatShape(given)}` +
        (swapped ? `; states are never batch-first: did you mean ${name}.transpose(0, 1)?` : ""),
    );
  }
  checkDType(layer, name, state);
  return state;
}

/** Names the mistake of giving both. */
export function checkNoLengths(kind: string, lengths: unknown): void {
  if (lengths === undefined) return;
  throw new ArgumentError(`${kind}.forward: a packed x has its own lengths; leave out { lengths }`);
}
