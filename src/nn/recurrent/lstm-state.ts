/** The state of an LSTM: what it shows, h, and what it remembers, c. */

import { detach } from "../../ops/views.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { Tensor } from "../../tensor/tensor.ts";

/** A state as users may give it. */
export type LSTMStateLike = LSTMState | { readonly h: Tensor; readonly c: Tensor } | readonly [h: Tensor, c: Tensor];

/** h and c of an LSTM, as `{ h, c }` or `[h, c]`. */
export class LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;

  constructor(h: Tensor, c: Tensor) {
    this.h = h;
    this.c = c;
  }

  /** @throws {ArgumentError} unless both tensors are there */
  static from(place: string, state: LSTMStateLike): LSTMState {
    const [h, c] = Array.isArray(state)
      ? (state as readonly Tensor[])
      : [(state as LSTMState).h, (state as LSTMState).c];
    if (!(h instanceof Tensor) || !(c instanceof Tensor)) {
      throw new ArgumentError(`${place}: an LSTM's state is both h and c: pass { h, c } or [h, c]`);
    }
    return state instanceof LSTMState ? state : new LSTMState(h, c);
  }

  /** The same state cut off from the graph: carry this one to the next training step. */
  detach(): LSTMState {
    return new LSTMState(detach(this.h), detach(this.c));
  }

  /** So that `const [output, [h, c]] = lstm.forward(x)` reads as in PyTorch. */
  *[Symbol.iterator](): Generator<Tensor, void, undefined> {
    yield this.h;
    yield this.c;
  }
}
