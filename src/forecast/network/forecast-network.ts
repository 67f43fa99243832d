/**
 * The network of a forecast: a recurrent layer reads the window, a linear layer turns its last output into all H steps.
 *
 *   x [B, W, F] → RNN, LSTM or GRU → [B, W, H′] → the last step → Linear → [B, horizon]
 *
 * The linear layer starts at zero, so that an untrained network answers nothing: in the forms `last` and `seasonal` that is
 * the naive forecast, and a network that finds nothing to learn stays there.
 */

import { zeros_ } from "../../nn/init.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { GRU } from "../../nn/recurrent/gru.ts";
import { LSTM } from "../../nn/recurrent/lstm.ts";
import { RNN } from "../../nn/recurrent/rnn.ts";
import { select } from "../../ops/views.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export type CellName = "rnn" | "lstm" | "gru";

export const CELL_NAMES: readonly CellName[] = ["rnn", "lstm", "gru"];

export interface NetworkShape {
  readonly cell: CellName;
  /** Columns that the window shows. */
  readonly features: number;
  /** Features of the hidden state. */
  readonly hidden: number;
  readonly layers: number;
  /** Steps forecast at once. */
  readonly horizon: number;
}

/** What the three recurrent layers have in common here. */
interface SequenceLayer extends Module {
  forward(x: Tensor): readonly [output: Tensor, state: unknown];
}

export class ForecastNetwork extends Module {
  readonly rnn: SequenceLayer;
  readonly out: Linear;

  constructor({ cell, features, hidden, layers, horizon }: NetworkShape) {
    super();
    const options = { numLayers: layers, batchFirst: true };
    switch (cell) {
      case "rnn":
        this.rnn = new RNN(features, hidden, options);
        break;
      case "lstm":
        this.rnn = new LSTM(features, hidden, options);
        break;
      case "gru":
        this.rnn = new GRU(features, hidden, options);
        break;
      default:
        throw new ArgumentError(`cell must be one of ${CELL_NAMES.join(", ")}, got "${cell}"`);
    }
    this.out = new Linear(hidden, horizon);
    zeros_(this.out.weight);
    if (this.out.bias !== null) zeros_(this.out.bias);
  }

  /** @param x [B, W, features] @returns [B, horizon] */
  override forward(x: Tensor): Tensor {
    const [y] = this.rnn.forward(x);
    return this.out.forward(select(y, 1, -1));
  }

  override get moduleName(): string {
    return "ForecastNetwork";
  }
}
