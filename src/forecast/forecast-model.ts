/**
 * A trained forecaster: what is saved, loaded and asked.
 *
 *   skip linear   ŷ = T⁻¹(T(linear map of the window) + scale ⊙ network(window))     the correction may have been dropped
 *   skip none     ŷ = decode(network(window))
 *   a simple method (naive, seasonal naive, drift, AR) forecasts alone
 *
 * T is the transform of the linear map. With several seeds the forecast is the mean over their networks, in the data's units.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import type { StateDict } from "../nn/module.ts";
import { toTypedArray } from "../ops/read.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { FittedBaseline, SimpleState } from "./baselines/baseline.ts";
import { type FittedLinear, linearFrom } from "./baselines/linear.ts";
import { rowsRead, simpleFrom } from "./baselines/simple.ts";
import type { FormState } from "./forms.ts";
import { WindowEncoder } from "./inputs.ts";
import { encodeInputs } from "./network/examples.ts";
import type { ForecastNetwork, NetworkShape } from "./network/forecast-network.ts";
import { networkOf } from "./network/train.ts";
import type { LinearMap } from "./ridge-regression.ts";
import { transformed, untransformed } from "./transform.ts";

/** Everything about a model but the weights of its networks; plain JSON once its arrays are lists. */
export interface ForecastModelState {
  /** The target column, then the further inputs. */
  readonly columns: readonly string[];
  readonly horizon: number;
  readonly network: NetworkShape;
  /** How the network's window is encoded, one form a column. */
  readonly encoding: readonly FormState[];
  /** The linear map that the networks correct, or null when they forecast alone. */
  readonly linear: { readonly encoding: FormState; readonly map: LinearMap } | null;
  /** The simple method that forecasts alone, without networks and linear map; null otherwise. */
  readonly simple: SimpleState | null;
  /** What one unit of a correction is worth, [horizon], in the transformed units; empty without a linear map. */
  readonly correctionScale: readonly number[];
}

export class ForecastModel {
  readonly state: ForecastModelState;
  /** One network a seed; none when the linear map or a simple method stands alone. */
  readonly networks: readonly ForecastNetwork[];
  readonly #encoder: WindowEncoder;
  readonly #linear: FittedLinear | null;
  readonly #simple: FittedBaseline | null;

  constructor(state: ForecastModelState, networks: readonly ForecastNetwork[]) {
    if (networks.length === 0 && state.linear === null && state.simple === null) {
      throw new ArgumentError(
        "ForecastModel: there is neither a network nor a linear map nor a simple method to forecast with",
      );
    }
    this.state = state;
    this.networks = networks;
    this.#encoder = new WindowEncoder(state.encoding);
    this.#linear = state.linear === null ? null : linearFrom(state.linear.encoding, state.linear.map);
    this.#simple = state.simple === null ? null : simpleFrom(state.simple);
  }

  /** @param weights one state dict a seed */
  static withWeights(state: ForecastModelState, weights: readonly StateDict[]): ForecastModel {
    return new ForecastModel(
      state,
      weights.map((each) => networkOf(state.network, each)),
    );
  }

  /** The earliest origin with a full window behind it. */
  get firstOrigin(): number {
    if (this.state.simple !== null) return rowsRead(this.state.simple) - 1;
    const linear = this.state.linear;
    const linearFirst =
      linear === null
        ? 0
        : linear.encoding.window + (linear.encoding.form === "seasonal" ? linear.encoding.season! : 0) - 1;
    return Math.max(this.#encoder.firstOrigin, linearFirst);
  }

  /**
   * Forecasts from each origin, using rows up to it and none beyond.
   * @param columns the columns of the model in its order, without gaps, in the data's units
   * @returns one array a seed (a single one where no network takes part), each [origins, horizon] row by row
   */
  forecastEach(columns: readonly Float64Array[], origins: Int32Array): Float64Array[] {
    if (this.#simple !== null) return [this.#baselineAt(this.#simple, columns[0], origins)];
    const base = this.#linear === null ? null : this.#baselineAt(this.#linear, columns[0], origins);
    if (this.networks.length === 0) return [base!];
    const inputs = encodeInputs(this.#encoder, columns, origins);
    return this.networks.map((network) => {
      const answers = noGrad(() => toTypedArray(network.forward(inputs))) as Float32Array;
      return base === null ? this.#decode(answers, columns[0], origins) : this.#correct(base, answers);
    });
  }

  /** The mean over seeds of `forecastEach`, [origins, horizon]. */
  forecastAt(columns: readonly Float64Array[], origins: Int32Array): Float64Array {
    return meanOf(this.forecastEach(columns, origins));
  }

  /** The steps after the last row, [horizon]. */
  forecast(columns: readonly Float64Array[]): Float64Array {
    return this.forecastAt(columns, Int32Array.of(columns[0].length - 1));
  }

  #baselineAt(baseline: FittedBaseline, values: Float64Array, origins: Int32Array): Float64Array {
    const { horizon } = this.state;
    const out = new Float64Array(origins.length * horizon);
    origins.forEach((origin, i) => {
      out.set(baseline.forecast(values.subarray(0, origin + 1), horizon), i * horizon);
    });
    return out;
  }

  #decode(answers: Float32Array, values: Float64Array, origins: Int32Array): Float64Array {
    const { horizon } = this.state;
    const out = new Float64Array(answers.length);
    origins.forEach((origin, i) => {
      const row = answers.subarray(i * horizon, (i + 1) * horizon);
      out.set(this.#encoder.target.decode(row, values, origin), i * horizon);
    });
    return out;
  }

  #correct(base: Float64Array, answers: Float32Array): Float64Array {
    const { transform } = this.state.linear!.encoding;
    const { correctionScale, horizon } = this.state;
    return base.map((value, i) =>
      untransformed(transform, transformed(transform, value) + answers[i] * correctionScale[i % horizon]),
    );
  }
}

/** The mean of arrays of one length. */
export function meanOf(arrays: readonly Float64Array[]): Float64Array {
  return arrays[0].map((_, i) => arrays.reduce((sum, array) => sum + array[i], 0) / arrays.length);
}
