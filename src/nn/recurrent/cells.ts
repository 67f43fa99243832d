/**
 * The cells: one step at a time, made of single ops, so they differentiate to any order and can be taken apart. The layers
 * RNN, LSTM and GRU compute the same over whole sequences, and are tested against these.
 */

import { empty, zeros } from "../../ops/create.ts";
import { linear } from "../../ops/matmul.ts";
import { squeeze, unsqueeze } from "../../ops/views.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkSize } from "../check-size.ts";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { gruStep, lstmStep, rnnStep } from "./cell-steps.ts";
import { LSTMState, type LSTMStateLike } from "./lstm-state.ts";

export interface CellOptions {
  /** Whether there are biases. Default true */
  readonly bias?: boolean;
  /** Default float32 */
  readonly dtype?: DType;
}

/** What the three cells share: weights, initial values, checks. */
abstract class RecurrentCell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  /** W [G·H, I] */
  declare weight_ih: Parameter;
  /** U [G·H, H] */
  declare weight_hh: Parameter;
  /** b [G·H], or null */
  declare bias_ih: Parameter | null;
  /** c [G·H], or null */
  declare bias_hh: Parameter | null;

  constructor(kind: string, gates: number, inputSize: number, hiddenSize: number, options: CellOptions) {
    super();
    checkOptions(kind, options, kind === "RNNCell" ? ["bias", "dtype", "nonlinearity"] : ["bias", "dtype"]);
    this.inputSize = checkSize(kind, "inputSize", inputSize);
    this.hiddenSize = checkSize(kind, "hiddenSize", hiddenSize);
    this.bias = options.bias ?? true;
    const dtype = options.dtype ?? "float32";
    const parameter = (...shape: number[]) => new Parameter(empty(shape, { dtype }));
    this.weight_ih = parameter(gates * hiddenSize, inputSize);
    this.weight_hh = parameter(gates * hiddenSize, hiddenSize);
    this.bias_ih = this.bias ? parameter(gates * hiddenSize) : null;
    this.bias_hh = this.bias ? parameter(gates * hiddenSize) : null;
    this.resetParameters();
  }

  /** Draws new initial values: everything from U(−1/√H, 1/√H), as PyTorch. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** W x + b, [B, G·H] */
  protected inputProduct(x: Tensor): Tensor {
    return linear(x, this.weight_ih, this.bias_ih);
  }

  /** U h + c, [B, G·H] */
  protected hiddenProduct(h: Tensor): Tensor {
    return linear(h, this.weight_hh, this.bias_hh);
  }

  /** x as [B, I] and the state as [B, H], zeros if none; `batched` tells whether to take the batch axis away again. */
  protected prepare(
    x: Tensor,
    ...states: (Tensor | null | undefined)[]
  ): { x: Tensor; states: Tensor[]; batched: boolean } {
    const place = `${this.moduleName}.forward`;
    if ((x.rank !== 1 && x.rank !== 2) || x.shape[x.rank - 1] !== this.inputSize) {
      throw new ShapeError(
        `${place}: x must be [B, ${this.inputSize}] or [${this.inputSize}], one step (inputSize is ${this.inputSize}), got ${formatShape(x.shape)}`,
      );
    }
    if (x.dtype !== this.weight_ih.dtype) {
      throw new DTypeError(
        `${place}: x is ${x.dtype}, the weights are ${this.weight_ih.dtype}; cast x: x.to("${this.weight_ih.dtype}")`,
      );
    }
    const batched = x.rank === 2;
    const expected = batched ? [x.shape[0], this.hiddenSize] : [this.hiddenSize];
    const prepared = states.map((state) => {
      if (state === null || state === undefined)
        return zeros([batched ? x.shape[0] : 1, this.hiddenSize], { dtype: x.dtype });
      if (state.rank !== expected.length || state.shape.some((size, axis) => size !== expected[axis])) {
        throw new ShapeError(`${place}: the state must be ${formatShape(expected)}, got ${formatShape(state.shape)}`);
      }
      return batched ? state : unsqueeze(state, 0);
    });
    return { x: batched ? x : unsqueeze(x, 0), states: prepared, batched };
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? "" : ", bias=False"}`;
  }
}

/** h′ = tanh(W x + b + U h + c), or relu. */
export class RNNCell extends RecurrentCell {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, options: CellOptions & { nonlinearity?: "tanh" | "relu" } = {}) {
    super("RNNCell", 1, inputSize, hiddenSize, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
    if (this.nonlinearity !== "tanh" && this.nonlinearity !== "relu") {
      throw new ArgumentError(`RNNCell: nonlinearity must be "tanh" or "relu", got "${this.nonlinearity}"`);
    }
  }

  /** @param x [B, I] or [I] @param h [B, H] or [H], zeros by default @returns the new h */
  override forward(x: Tensor, h?: Tensor | null): Tensor {
    const { x: input, states, batched } = this.prepare(x, h);
    const next = rnnStep(this.inputProduct(input), this.hiddenProduct(states[0]), this.nonlinearity);
    return batched ? next : squeeze(next, 0);
  }

  override get moduleName(): string {
    return "RNNCell";
  }

  override extraRepr(): string {
    return this.nonlinearity === "tanh" ? super.extraRepr() : `${super.extraRepr()}, nonlinearity=relu`;
  }
}

/** i, f, o = σ(W x + b + U h + c), g = tanh(…), c′ = f ⊙ c + i ⊙ g, h′ = o ⊙ tanh(c′). */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super("LSTMCell", 4, inputSize, hiddenSize, options);
  }

  /** @param x [B, I] or [I] @param state h and c, [B, H] or [H] each, zeros by default @returns the new state */
  override forward(x: Tensor, state?: LSTMStateLike | null): LSTMState {
    const given = state === null || state === undefined ? null : LSTMState.from("LSTMCell.forward", state);
    const { x: input, states, batched } = this.prepare(x, given?.h, given?.c);
    const [h, c] = states;
    const next = lstmStep(this.inputProduct(input), this.hiddenProduct(h), c);
    return batched ? new LSTMState(next.h, next.c) : new LSTMState(squeeze(next.h, 0), squeeze(next.c, 0));
  }

  override get moduleName(): string {
    return "LSTMCell";
  }
}

/** r, z = σ(W x + b + U h + c), n = tanh(W x + b + r ⊙ (U h + c)), h′ = (1 − z) ⊙ n + z ⊙ h. */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super("GRUCell", 3, inputSize, hiddenSize, options);
  }

  /** @param x [B, I] or [I] @param h [B, H] or [H], zeros by default @returns the new h */
  override forward(x: Tensor, h?: Tensor | null): Tensor {
    const { x: input, states, batched } = this.prepare(x, h);
    const next = gruStep(this.inputProduct(input), this.hiddenProduct(states[0]), states[0]);
    return batched ? next : squeeze(next, 0);
  }

  override get moduleName(): string {
    return "GRUCell";
  }
}
