/**
 * The contract of the recurrent kernels: one call is one direction of one layer over a whole sequence.
 *
 * Letters: B batch, T steps, I inputs, H hidden, P = H or the projected size, G gates (1 RNN, 3 GRU, 4 LSTM).
 *
 *   rnn    h′ = tanh(W x + b + U h + c)   (or relu)
 *   lstm   i, f, o = σ(W x + b + U h + c),  g = tanh(W x + b + U h + c),  c′ = f ⊙ c + i ⊙ g,  h′ = o ⊙ tanh(c′);
 *          with a projection, h′ = R (o ⊙ tanh(c′))
 *   gru    r, z = σ(W x + b + U h + c),  n = tanh(W x + b + r ⊙ (U h + c)),  h′ = (1 − z) ⊙ n + z ⊙ h
 *
 * Gates lie in PyTorch's order: i, f, g, o and r, z, n.
 */

import type { Storage } from "../tensor/storage.ts";
import type { View } from "./backend.ts";

export type CellKind = "rnnTanh" | "rnnRelu" | "lstm" | "gru";

/** Gates per hidden unit: how many times H the rows of the weights are. */
export const GATES: Record<CellKind, number> = { rnnTanh: 1, rnnRelu: 1, lstm: 4, gru: 3 };

export interface RecurrentShape {
  readonly cell: CellKind;
  readonly dtype: "float32" | "float64";
  readonly batch: number;
  readonly steps: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Features of h after the projection (`weight_hr`), 0 without one. LSTM only. */
  readonly projSize: number;
  /** Whether the pass runs from the last step to the first. */
  readonly reverse: boolean;
  /** Steps of each sequence, or null when all have T. A sequence's state stops changing after its last step; y is 0 there. */
  readonly lengths: Int32Array | null;
  /** Whether backward will follow, so that its states have to be saved. */
  readonly training: boolean;
}

export interface RecurrentSizes {
  readonly savedBytes: number;
  readonly workspaceBytes: number;
  /** Of the panels that a pass of this shape takes, 0 if it takes none. */
  readonly panelBytes: number;
}

export interface RecurrentWeights {
  /** W [G·H, I] */
  readonly weightIh: View;
  /** U [G·H, P] */
  readonly weightHh: View;
  /** b [G·H], or null: no biases. */
  readonly biasIh: View | null;
  /** c [G·H] */
  readonly biasHh: View | null;
  /** R [P, H], or null: no projection. */
  readonly weightHr: View | null;
}

export interface RecurrentForward extends RecurrentShape {
  /** [T, B, I], any strides for time and batch; features contiguous. */
  readonly x: View;
  /** [B, P] contiguous, or null for zeros. */
  readonly h0: View | null;
  /** [B, H] contiguous, or null for zeros. LSTM only. */
  readonly c0: View | null;
  readonly weights: RecurrentWeights;
  /** [T, B, P], any strides for time and batch; features contiguous. Written. */
  readonly y: View;
  /** [B, P], any stride for the batch. Written. */
  readonly hn: View;
  /** [B, H], any stride for the batch. Written. LSTM only. */
  readonly cn: View | null;
  /** What backward will want, in the backend's own layout. */
  readonly saved: Storage;
  readonly workspace: Storage;
  /**
   * The weights in the backend's own order, for calls without training whose weights, I, H and P are the same: the first one lays them there.
   * It begins with 0 until then. Null: they are laid out anew.
   */
  readonly panels: Storage | null;
}

export interface RecurrentBackward extends RecurrentShape {
  readonly x: View;
  readonly h0: View | null;
  readonly c0: View | null;
  readonly weights: RecurrentWeights;
  /** As forward wrote it. */
  readonly y: View;
  /** As forward wrote it; consumed: its contents are undefined afterwards. */
  readonly saved: Storage;
  readonly workspace: Storage;
  /** Gradients of the outputs, strides as their outputs'; null where there is none. */
  readonly dy: View | null;
  readonly dhn: View | null;
  readonly dcn: View | null;
  /** Gradients to write, null where not wanted. dx [T, B, I] is added to when `accumulateDx`. */
  readonly dx: View | null;
  readonly accumulateDx: boolean;
  readonly dh0: View | null;
  readonly dc0: View | null;
  readonly dWeights: {
    readonly weightIh: View | null;
    readonly weightHh: View | null;
    readonly biasIh: View | null;
    readonly biasHh: View | null;
    readonly weightHr: View | null;
  };
}
