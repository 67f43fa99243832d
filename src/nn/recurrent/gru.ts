/**
 * The gated recurrent unit, over a whole sequence.
 *
 *   r, z = σ(W x + b + U h + c)              how much of the past to read, to keep
 *   n    = tanh(W x + b + r ⊙ (U h + c))     what there is to write
 *   h′   = (1 − z) ⊙ n + z ⊙ h
 *
 * Cho et al. 2014, with the reset gate applied after the product, as PyTorch and cuDNN do. Parameter names, gate order
 * (r, z, n) and initial values are PyTorch's, so state dicts can be exchanged.
 */

import type { Tensor } from "../../tensor/tensor.ts";
import type { PackedSequence } from "../packed/packed-sequence.ts";
import { Recurrent, type RecurrentOptions, type SequenceOptions } from "./recurrent.ts";

/**
 * Gated recurrent units over [T, B, inputSize]: outputs [T, B, D·H] and the last state [D·L, B, H]. Cho et al. 2014.
 * @throws {ShapeError} naming the axes that do not fit
 */
export class GRU extends Recurrent {
  /**
   * @param inputSize  features per step
   * @param hiddenSize features of the hidden state
   * @example
   * const gru = new GRU(1, 100, { batchFirst: true });
   * const [output, hn] = gru.forward(x); // x [B, T, 1] → output [B, T, 100], hn [1, B, 100]
   */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super("GRU", "gru", inputSize, hiddenSize, options);
  }

  /**
   * @param x  [T, B, inputSize], or [B, T, inputSize] if batchFirst, or [T, inputSize] without a batch, or packed
   * @param h0 [directions · layers, B, hiddenSize], zeros by default
   * @returns the outputs of the last layer at every step, [T, B, directions · hiddenSize] in the layout of x, and the final
   *   hidden state of every layer and direction, shaped as h0, sequences in the caller's order
   */
  override forward(x: PackedSequence, h0?: Tensor | null): [output: PackedSequence, hn: Tensor];
  override forward(x: Tensor, h0?: Tensor | null, options?: SequenceOptions): [output: Tensor, hn: Tensor];
  override forward<X extends Tensor | PackedSequence>(
    x: X,
    h0?: Tensor | null,
    options: SequenceOptions = {},
  ): [output: X, hn: Tensor] {
    const { y, hn } = this.run(x, h0, null, options);
    return [y, hn];
  }
}
