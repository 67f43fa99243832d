/** What every baseline is: fitted once on the training part, then asked at each origin with the true history before it. */
import type { FormName } from "../forms.ts";
import type { Transform, TransformName } from "../transform.ts";

export type BaselineName = "naive" | "seasonalNaive" | "drift" | "linear" | "ar";

export interface BaselineOptions {
  /** Steps that will be forecast. */
  horizon: number;
  /** Rows of a season, or null for none (the default). */
  season?: number | null;
  /** `linear`: steps in the window. Default two seasons, or 24; shortened if the training part is short. */
  window?: number;
  /** `linear`: the form of the window. Default `level` with a season, `last` without. */
  form?: FormName;
  /** `linear` and `ar`. Default what `suggestTransform` says of the training part. */
  transform?: TransformName;
}

export interface Baseline {
  readonly name: BaselineName;
  /** @param training the rows of the training part and no others */
  fit(training: Float64Array, options: BaselineOptions): FittedBaseline;
}

/** What a simple method is once it is fitted, as plain JSON. The linear map is more than that: an encoding and weights. */
export type SimpleState =
  | { readonly name: "naive" }
  | { readonly name: "seasonalNaive"; readonly season: number }
  | { readonly name: "drift"; readonly slope: number }
  | {
      readonly name: "ar";
      readonly transform: Transform;
      readonly differenced: boolean;
      readonly intercept: number;
      /** φ_1 … φ_p. */
      readonly coefficients: readonly number[];
    };

export interface FittedBaseline {
  readonly name: BaselineName;
  /** From which `simpleFrom` makes it again; null for `linear`. */
  readonly state: SimpleState | null;
  /** What was fitted, in a few words for people: `AR(9) on levels`. */
  readonly description: string;
  /**
   * @param history the values up to and with the origin, in the data's units
   * @returns `[horizon]`, the steps after the origin. `linear` knows no horizon longer than the one it was fitted for.
   */
  forecast(history: Float64Array, horizon: number): Float64Array;
}
