/** The network: it reads rows of a picture, and says the next one. */

import { nn, type Tensor } from "refrain";
import { SIDE } from "./fashion-mnist.ts";

export class RowLSTM extends nn.Module {
  lstm: nn.LSTM;
  out: nn.Linear;

  constructor(hidden: number) {
    super();
    this.lstm = new nn.LSTM(SIDE, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, SIDE);
  }

  /** rows [B, T, 28] → the next row [B, 28] */
  forward(rows: Tensor): Tensor {
    const [y] = this.lstm.forward(rows); // [B, T, hidden]
    return this.out.forward(y.select(1, -1)); // the last row, [B, hidden] → [B, 28]
  }
}

/** Bytes as numbers from 0 to 1. */
export const pixels = (bytes: Tensor): Tensor => bytes.float().div(255);
