/**
 * Windows over several columns: the target's own past first, then further columns, each with a form and a scale of its own.
 *
 * All columns obey one law: a window at origin t holds rows up to t and no further. What is known about the future (a holiday, a
 * price already set) is not treated here: it would need a column shifted by the horizon.
 */
import { ArgumentError } from "../tensor/errors.ts";
import { Form, type FormOptions, type FormState, fitForm } from "./forms.ts";

export class WindowEncoder {
  /** One form a column; the first is the target's. */
  readonly forms: readonly Form[];
  /** The earliest origin with a full window in every column. */
  readonly firstOrigin: number;

  constructor(states: readonly FormState[]) {
    if (states.length === 0) throw new ArgumentError("WindowEncoder: expected a form for the target column, got none");
    this.forms = states.map((state) => new Form(state));
    this.firstOrigin = Math.max(...this.forms.map((form) => form.firstOrigin));
  }

  /** The target's form: `encodeTargets` and `decode` are its. */
  get target(): Form {
    return this.forms[0];
  }

  /** The number of columns. */
  get features(): number {
    return this.forms.length;
  }

  /** The window that ends at `origin`, `[window, features]` row by row. @param columns the target's values, then the others'. */
  encode(columns: readonly Float64Array[], origin: number): Float64Array {
    const out = new Float64Array(this.target.state.window * this.features);
    this.encodeInto(out, 0, columns, origin);
    return out;
  }

  /** As {@link encode}, into a part of a larger array, such as a batch `[B, window, features]`. */
  encodeInto(out: Float64Array, offset: number, columns: readonly Float64Array[], origin: number): void {
    if (columns.length !== this.features) {
      throw new ArgumentError(`WindowEncoder.encode: expected ${this.features} columns, got ${columns.length}`);
    }
    this.forms.forEach((form, i) => {
      form.encode(columns[i], origin, out, offset + i, this.features);
    });
  }
}

/**
 * Fits the encoder to the training part.
 *
 * @param training the target's training values, then those of further columns, all of one length
 * @param options  the target's form. Further columns take the same form; where `log` is asked for, a column that is not above 0
 *                 throughout goes without.
 */
export function fitWindowEncoder(training: readonly Float64Array[], options: FormOptions): WindowEncoder {
  const states = training.map((column, i) => {
    if (column.length !== training[0].length) {
      throw new ArgumentError(
        `fitWindowEncoder: column ${i} has ${column.length} rows, the target has ${training[0].length}; they must be of one length`,
      );
    }
    const positive = i === 0 || column.every((value) => value > 0);
    return fitForm(column, positive ? options : { ...options, transform: "none" }).state;
  });
  return new WindowEncoder(states);
}
