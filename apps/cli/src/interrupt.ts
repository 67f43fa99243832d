/**
 * Ctrl-C. The first one asks: training stops after its epoch and leaves a checkpoint; a report that is being written is
 * finished, which takes a second. The second one ends the process at once.
 */

import { EXIT } from "./exit-code.ts";

export class Interrupt {
  #isAsked = false;
  readonly #onSignal = () => {
    if (this.#isAsked) process.exit(EXIT.interrupted);
    this.#isAsked = true;
  };

  /** Listens from now on, until `end`. */
  constructor() {
    process.on("SIGINT", this.#onSignal);
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  end(): void {
    process.off("SIGINT", this.#onSignal);
  }
}
