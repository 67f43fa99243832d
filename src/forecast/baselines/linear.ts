/**
 * The linear map of the window: least squares from the last W values to the next H, with an intercept, all steps at once.
 *
 * A network without a hidden layer, and the straight line that a recurrent network has to beat. The map sees the window in an
 * input form (forms.ts), so it answers in differences where that is wise. Its ridge depends on what zero weights would mean:
 * for `last` and `seasonal` they are the naive and the seasonal naive forecast, a sensible thing to lean towards, and
 * generalised cross-validation says how far; for `level` they are the mean of the training part, a poor guess for a series with
 * a trend, so the ridge is only what dependent columns need.
 *
 * Defaults that were found to serve: two seasons of levels where there is a season (the map can then form seasonal differences
 * itself), else 24 values less the last.
 */
import { ArgumentError } from "../../tensor/errors.ts";
import { Form, type FormName, type FormState, fitForm } from "../forms.ts";
import { applyLinearMap, type LinearMap, RidgeRegression } from "../ridge-regression.ts";
import { suggestTransform, type TransformName } from "../transform.ts";
import type { Baseline, BaselineOptions, FittedBaseline } from "./baseline.ts";

export interface FittedLinear extends FittedBaseline {
  readonly window: number;
  readonly form: FormName;
  readonly transform: TransformName;
  /** From the encoded window to the encoded targets, as forms.ts defines them. */
  readonly map: LinearMap;
  /** How windows and targets are encoded; with the map it is the whole model. */
  readonly encoding: FormState;
}

export const linear: Baseline = { name: "linear", fit: fitLinear };

/** @throws {ArgumentError} if the training part holds no whole example */
export function fitLinear(training: Float64Array, options: BaselineOptions): FittedLinear {
  const { horizon, season = null } = options;
  const name = options.form ?? (season ? "level" : "last");
  const transform = options.transform ?? suggestTransform(training, season);
  const window = options.window ?? defaultWindow(training.length, horizon, season);
  const form = fitForm(training, { form: name, transform, window, horizon, season });
  const regression = new RidgeRegression(window, horizon);
  for (let origin = form.firstOrigin; origin + horizon < training.length; origin++) {
    regression.add(form.encode(training, origin), form.encodeTargets(training, origin));
  }
  const map = regression.fit(name === "level" ? {} : { ridge: "gcv" });
  return linearFrom(form.state, map);
}

/** The fitted map again, from what was saved of it. */
export function linearFrom(encoding: FormState, map: LinearMap): FittedLinear {
  const form = new Form(encoding);
  const { horizon, window, season } = encoding;
  const shown = { level: "levels", last: "differences from the last value", seasonal: `differences of ${season} rows` }[
    encoding.form
  ];
  return {
    name: "linear",
    state: null,
    description: `least squares on ${window} ${encoding.transform.name === "log" ? "log " : ""}${shown}`,
    window,
    form: encoding.form,
    transform: encoding.transform.name,
    map,
    encoding,
    forecast(history, steps) {
      if (steps > horizon) {
        throw new ArgumentError(
          `linear: fitted for a horizon of ${horizon}, asked for ${steps} steps; fit it with that horizon`,
        );
      }
      const origin = history.length - 1;
      return form.decode(applyLinearMap(map, form.encode(history, origin)), history, origin).subarray(0, steps);
    },
  };
}

/** Two seasons or 24, but no more than a third of the rows that an example leaves. */
export function defaultWindow(rows: number, horizon: number, season: number | null): number {
  const wanted = season ? 2 * season : 24;
  return Math.max(1, Math.min(wanted, Math.floor((rows - horizon) / 3)));
}
