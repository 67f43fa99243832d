/**
 * The network of a forecast: one of three recurrent layers, or a fully connected net to hold them against, reads the window,
 * and a linear layer turns what it read into all H steps.
 *
 *   rnn, lstm, gru   x [B, W, F] → recurrent layers → [B, W, hidden] → the last step ─┐
 *   mlp              x [B, W, F] → [B, W·F] → (Linear → ReLU), once a layer ───────────┴→ [B, hidden] → Linear → [B, horizon]
 *
 * The linear layer starts at zero, so that an untrained network answers nothing: in the forms `last` and `seasonal` that is
 * the naive forecast, and a network that finds nothing to learn stays there.
 */

import { ReLU } from "../../nn/activations/index.ts";
import { Sequential } from "../../nn/containers/sequential.ts";
import { Flatten } from "../../nn/flatten.ts";
import { zeros_ } from "../../nn/init.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { GRU } from "../../nn/recurrent/gru.ts";
import { LSTM } from "../../nn/recurrent/lstm.ts";
import { RNN } from "../../nn/recurrent/rnn.ts";
import { select } from "../../ops/views.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** What reads the window; `mlp` is the fully connected net. */
export type CellName = "rnn" | "lstm" | "gru" | "mlp";

export const CELL_NAMES: readonly CellName[] = ["rnn", "lstm", "gru", "mlp"];

export interface NetworkShape {
  readonly cell: CellName;
  /** Steps that the window shows; only `mlp` depends on it. */
  readonly window: number;
  /** Columns that the window shows. */
  readonly features: number;
  /** Features of the hidden state, or of each hidden layer. */
  readonly hidden: number;
  readonly layers: number;
  /** Steps forecast at once. */
  readonly horizon: number;
}

/** What the three recurrent layers have in common here. */
interface SequenceLayer extends Module {
  forward(x: Tensor): readonly [output: Tensor, state: unknown];
}

const RECURRENT = { rnn: RNN, lstm: LSTM, gru: GRU } as const;

export class ForecastNetwork extends Module {
  /** null for `mlp`. */
  readonly rnn: SequenceLayer | null;
  /** null for recurrent cells. */
  readonly mlp: Sequential | null;
  readonly out: Linear;

  constructor(shape: NetworkShape) {
    super();
    const { cell, features, hidden, layers, horizon } = shape;
    if (!CELL_NAMES.includes(cell)) {
      throw new ArgumentError(`cell must be one of ${CELL_NAMES.join(", ")}, got "${cell}"`);
    }
    this.rnn = cell === "mlp" ? null : new RECURRENT[cell](features, hidden, { numLayers: layers, batchFirst: true });
    this.mlp = cell === "mlp" ? fullyConnected(shape) : null;
    this.out = new Linear(hidden, horizon);
    zeros_(this.out.weight);
    if (this.out.bias !== null) zeros_(this.out.bias);
  }

  /** @param x [B, W, features] @returns [B, horizon] */
  override forward(x: Tensor): Tensor {
    return this.out.forward(this.#read(x));
  }

  /** [B, W, features] → [B, hidden] */
  #read(x: Tensor): Tensor {
    if (this.rnn === null) return this.mlp!.forward(x);
    const [y] = this.rnn.forward(x);
    return select(y, 1, -1);
  }

  override get moduleName(): string {
    return "ForecastNetwork";
  }
}

function fullyConnected({ window, features, hidden, layers }: NetworkShape): Sequential {
  const inputs = Array.from({ length: layers }, (_, layer) => (layer === 0 ? window * features : hidden));
  return new Sequential(new Flatten(), ...inputs.flatMap((width) => [new Linear(width, hidden), new ReLU()]));
}
