/**
 * The simple recurrent network, over a whole sequence.
 *
 *   h′ = tanh(W x + b + U h + c)       or relu
 *
 * Elman 1990. Parameter names and initial values are PyTorch's, so state dicts can be exchanged.
 */

import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { PackedSequence } from "../packed/packed-sequence.ts";
import { Recurrent, type RecurrentOptions, type SequenceOptions } from "./recurrent.ts";

export interface RNNOptions extends RecurrentOptions {
  /** Default tanh */
  readonly nonlinearity?: "tanh" | "relu";
}

/**
 * The plain recurrent network over [T, B, inputSize]: outputs [T, B, D·H] and the last state [D·L, B, H]. Elman 1990.
 * @throws {ShapeError} naming the axes that do not fit
 */
export class RNN extends Recurrent {
  readonly nonlinearity: "tanh" | "relu";

  /**
   * @param inputSize  features per step
   * @param hiddenSize features of the hidden state
   * @example
   * const rnn = new RNN(1, 50, { batchFirst: true });
   * const [output, hn] = rnn.forward(x); // x [B, T, 1] → output [B, T, 50], hn [1, B, 50]
   */
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    const nonlinearity = options.nonlinearity ?? "tanh";
    if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
      throw new ArgumentError(`RNN: nonlinearity must be "tanh" or "relu", got "${nonlinearity}"`);
    }
    super("RNN", nonlinearity === "tanh" ? "rnnTanh" : "rnnRelu", inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
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
