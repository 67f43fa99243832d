/**
 * Long short-term memory, over a whole sequence.
 *
 *   i, f, o = σ(W x + b + U h + c)       how much to write, to keep, to show
 *   g       = tanh(W x + b + U h + c)    what there is to write
 *   c′      = f ⊙ c + i ⊙ g              the long memory
 *   h′      = o ⊙ tanh(c′)               the output; with a projection, R (o ⊙ tanh(c′))
 *
 * Hochreiter & Schmidhuber 1997; forget gate from Gers, Schmidhuber & Cummins 2000; projection from Sak, Senior &
 * Beaufays 2014. Parameter names, gate order (i, f, g, o) and initial values are PyTorch's, so state dicts can be exchanged.
 */

import type { Tensor } from "../../tensor/tensor.ts";
import type { PackedSequence } from "../packed/packed-sequence.ts";
import { LSTMState, type LSTMStateLike } from "./lstm-state.ts";
import { Recurrent, type RecurrentOptions, type SequenceOptions } from "./recurrent.ts";

export interface LSTMOptions extends RecurrentOptions {
  /** Features of h after a projection of the output; smaller than hiddenSize. Default 0: none */
  readonly projSize?: number;
}

/**
 * Long short-term memory over [T, B, inputSize]: outputs [T, B, D·P] and the last states h [D·L, B, P] and c [D·L, B,
 * H]. Hochreiter & Schmidhuber 1997.
 * @throws {ShapeError} naming the axes that do not fit
 */
export class LSTM extends Recurrent {
  /**
   * @param inputSize  features per step
   * @param hiddenSize features of the memory, and of the hidden state unless it is projected
   * @example
   * const lstm = new LSTM(5, 32, { numLayers: 2 });
   * const [output, { h, c }] = lstm.forward(x); // x [T, B, 5] → output [T, B, 32]; h and c [2, B, 32]
   */
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super("LSTM", "lstm", inputSize, hiddenSize, options);
  }

  /**
   * @param x     [T, B, inputSize], or [B, T, inputSize] if batchFirst, or [T, inputSize] without a batch, or packed
   * @param state h [directions · layers, B, outputSize] and c [directions · layers, B, hiddenSize], as `{ h, c }` or
   *   `[h, c]`; zeros by default
   * @returns the outputs of the last layer at every step, [T, B, directions · outputSize] in the layout of x, and the final
   *   state of every layer and direction, sequences in the caller's order
   */
  override forward(x: PackedSequence, state?: LSTMStateLike | null): [output: PackedSequence, state: LSTMState];
  override forward(
    x: Tensor,
    state?: LSTMStateLike | null,
    options?: SequenceOptions,
  ): [output: Tensor, state: LSTMState];
  override forward<X extends Tensor | PackedSequence>(
    x: X,
    state?: LSTMStateLike | null,
    options: SequenceOptions = {},
  ): [output: X, state: LSTMState] {
    const given = state === null || state === undefined ? null : LSTMState.from("LSTM.forward", state);
    const { y, hn, cn } = this.run(x, given?.h, given?.c, options);
    return [y, new LSTMState(hn, cn)];
  }
}
