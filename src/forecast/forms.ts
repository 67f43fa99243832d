/**
 * The form in which a window is shown to a model, and in which the model answers: it decides more than the model does.
 *
 * With z the transformed series, t the origin, W the window, H the horizon and s the season (h = 1 … H):
 *   form       inputs (i = t−W+1 … t)     targets                          an answer of zeros means
 *   level      z_i                        z_{t+h}                          the mean of the training part
 *   last       z_i − z_t                  z_{t+h} − z_t                    naive: as today
 *   seasonal   z_i − z_{i−s}              z_{t+h} − z_{t+h−s⌈h/s⌉}         seasonal naive, with its average growth
 * (s⌈h/s⌉ is the shortest whole number of seasons that reaches back to the known past, so a horizon beyond one season is
 * forecast directly, without feeding forecasts back.) Both sides are then shifted and scaled to about unit size with numbers
 * taken from the training part alone. Encoding at origin t reads rows up to t and no further; decoding is its exact inverse.
 */
import { ArgumentError } from "../tensor/errors.ts";
import { fitTransform, type Transform, type TransformName, transformed, untransformed } from "./transform.ts";

export type FormName = "level" | "last" | "seasonal";

export const FORM_NAMES: readonly FormName[] = ["level", "last", "seasonal"];

export interface FormOptions {
  form: FormName;
  /** Default "none". */
  transform?: TransformName;
  /** Steps of history that a model sees. */
  window: number;
  /** Steps that it forecasts. */
  horizon: number;
  /** Rows of one season; needed by the form `seasonal`. */
  season?: number | null;
}

/** Everything about a fitted form, as plain JSON. */
export interface FormState {
  readonly form: FormName;
  readonly transform: Transform;
  readonly window: number;
  readonly horizon: number;
  readonly season: number | null;
  readonly inputShift: number;
  readonly inputScale: number;
  readonly targetShift: number;
  readonly targetScale: number;
}

/** A fitted form. `values` is always the whole series in the data's units, `origin` the row of the last known value. */
export class Form {
  readonly state: FormState;
  /** The earliest origin with a full window behind it. */
  readonly firstOrigin: number;

  constructor(state: FormState) {
    this.state = state;
    this.firstOrigin = rowsNeeded(state) - 1;
  }

  /** The window that ends at `origin`, `[window]`, oldest first. @param out where to write it instead, from `offset` on, with `stride` numbers from step to step. */
  encode(
    values: Float64Array,
    origin: number,
    out: Float64Array = new Float64Array(this.state.window),
    offset = 0,
    stride = 1,
  ): Float64Array {
    const { window, form, transform, inputShift, inputScale } = this.state;
    checkOrigin(this, origin, values.length);
    const base = form === "last" ? transformed(transform, values[origin]) : 0;
    for (let i = 0; i < window; i++) {
      const row = origin - window + 1 + i;
      const raw = transformed(transform, values[row]) - (form === "seasonal" ? this.#known(values, row, 1) : base);
      out[offset + i * stride] = (raw - inputShift) / inputScale;
    }
    return out;
  }

  /** What a perfect model would answer at `origin`, `[horizon]`; needs the rows up to `origin + horizon`. */
  encodeTargets(values: Float64Array, origin: number): Float64Array {
    const { horizon, transform, targetShift, targetScale } = this.state;
    if (origin + horizon >= values.length) {
      throw new ArgumentError(
        `Form.encodeTargets: origin ${origin} + horizon ${horizon} lies beyond the last row ${values.length - 1}`,
      );
    }
    return Float64Array.from({ length: horizon }, (_, i) => {
      const raw = transformed(transform, values[origin + 1 + i]) - this.#base(values, origin, i + 1);
      return (raw - targetShift) / targetScale;
    });
  }

  /** A model's answers `[horizon]` at `origin`, as values in the data's units. Reads rows up to `origin` only. */
  decode(answers: ArrayLike<number>, values: Float64Array, origin: number): Float64Array {
    const { horizon, transform, targetShift, targetScale } = this.state;
    checkOrigin(this, origin, values.length);
    return Float64Array.from({ length: horizon }, (_, i) =>
      untransformed(transform, answers[i] * targetScale + targetShift + this.#base(values, origin, i + 1)),
    );
  }

  /** What step h is measured from. */
  #base(values: Float64Array, origin: number, h: number): number {
    const { form, transform, season } = this.state;
    if (form === "level") return 0;
    if (form === "last") return transformed(transform, values[origin]);
    return this.#known(values, origin + h, Math.ceil(h / season!));
  }

  /** The transformed value whole seasons before a row. */
  #known(values: Float64Array, row: number, seasons: number): number {
    return transformed(this.state.transform, values[row - seasons * this.state.season!]);
  }
}

/**
 * Fits a form to the training part: the transform's floor, the shifts and the scales.
 *
 * @param training the rows of the training part and no others
 * @throws {ArgumentError} if the part holds no whole example, the season is missing, or `log` meets a value that is not above 0
 */
export function fitForm(training: Float64Array, options: FormOptions): Form {
  const { form, window, horizon, season = null } = options;
  for (const [name, value] of Object.entries({ window, horizon })) {
    if (!(Number.isInteger(value) && value > 0)) {
      throw new ArgumentError(`fitForm: ${name} must be a whole number above 0, got ${value}`);
    }
  }
  if (form === "seasonal" && !(season && Number.isInteger(season) && season > 1)) {
    throw new ArgumentError(
      `fitForm: the form "seasonal" needs a season of 2 rows or more, got ${season}; use "last" or "level"`,
    );
  }
  const neutral: FormState = {
    form,
    transform: fitTransform(training, options.transform ?? "none"),
    window,
    horizon,
    season,
    inputShift: 0,
    inputScale: 1,
    targetShift: 0,
    targetScale: 1,
  };
  const needed = rowsNeeded(neutral) + horizon;
  if (training.length < needed) {
    throw new ArgumentError(
      `fitForm: the training part has ${training.length} rows, but one example of form "${form}" needs ${needed}; take a shorter window or horizon`,
    );
  }
  const plain = new Form(neutral);
  const inputs = new Moments();
  const targets = new Moments();
  // A form other than `last` encodes a row the same way in every window: all rows are seen by taking the newest of each.
  for (let origin = plain.firstOrigin; origin < training.length; origin++) {
    const encoded = plain.encode(training, origin);
    const repeats = form !== "last" && origin > plain.firstOrigin;
    for (let i = repeats ? window - 1 : 0; i < window; i++) inputs.add(encoded[i]);
    if (origin + horizon < training.length)
      for (const target of plain.encodeTargets(training, origin)) targets.add(target);
  }
  if (form === "last") {
    // No shift: an answer of zeros has to stay the naive forecast.
    return new Form({ ...neutral, inputScale: inputs.size(), targetScale: targets.size() });
  }
  const target = form === "level" ? inputs : targets;
  return new Form({
    ...neutral,
    inputShift: inputs.mean,
    inputScale: inputs.deviation(),
    targetShift: target.mean,
    targetScale: target.deviation(),
  });
}

/** Rows up to and with the origin that an encoding reads; the base of a target lies within the last season, and so within these. */
function rowsNeeded({ form, window, season }: FormState): number {
  return form === "seasonal" ? window + season! : window;
}

function checkOrigin(form: Form, origin: number, rows: number): void {
  if (origin >= form.firstOrigin && origin < rows) return;
  throw new ArgumentError(
    `Form: origin must lie in ${form.firstOrigin} … ${rows - 1} (the window reaches back from it), got ${origin}`,
  );
}

/** Mean and size of a stream of numbers; a stream of one value has the scale 1, so that nothing is divided by 0. */
class Moments {
  mean = 0;
  #count = 0;
  #centred = 0;

  add(value: number): void {
    this.#count++;
    const step = value - this.mean;
    this.mean += step / this.#count;
    this.#centred += step * (value - this.mean);
  }

  /** The standard deviation. */
  deviation(): number {
    return usable(Math.sqrt(this.#centred / this.#count), this.mean);
  }

  /** The root of the mean square: the size measured from zero. */
  size(): number {
    return usable(Math.sqrt(this.#centred / this.#count + this.mean * this.mean), 0);
  }
}

function usable(scale: number, mean: number): number {
  return scale > 1e-12 * Math.abs(mean) && scale > 0 ? scale : 1;
}
