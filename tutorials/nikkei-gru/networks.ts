/** The GRU of the lesson, on raw levels and on changes. */

import { nn, noGrad, type Tensor, tensor } from "refrain";
import { StandardScaler, windows } from "refrain/data";
import { type Trained, trainWithEarlyStopping } from "../early-stopping.ts";
import type { PriceWindows } from "../price-windows.ts";

export const INPUT_STEPS = 6;
const TRAIN_SHARE = 0.7;
/** Of the training windows: the rest tells when to stop. */
const FITTED_SHARE = 0.8;

export class PriceGRU extends nn.Module {
  gru: nn.GRU;
  out = new nn.Linear(100, 1);

  constructor(features: number) {
    super();
    this.gru = new nn.GRU(features, 100, { batchFirst: true });
  }

  /** x [B, 6, F] → [B, 1] */
  forward(x: Tensor): Tensor {
    const [y] = this.gru.forward(x); // [B, 6, 100]
    return this.out.forward(y.select(1, -1)); // the last day, [B, 100] → [B, 1]
  }
}

/** Rows of windows: fitted on 0 … fitted, stopped by fitted … trained, judged on trained … count. */
export interface Parts {
  readonly fitted: number;
  readonly trained: number;
  readonly count: number;
  /** Days that training may know. */
  readonly trainDays: number;
}

export function partsOf(days: number): Parts {
  const count = days - INPUT_STEPS;
  const trained = Math.floor(TRAIN_SHARE * count);
  return { fitted: Math.floor(FITTED_SHARE * trained), trained, count, trainDays: trained + INPUT_STEPS };
}

/** The lesson as it is usually given, but for the scaling, which knows the training days alone. */
export function onLevels(close: Float64Array, parts: Parts, epochs: number, seed: number) {
  const series = tensor(Array.from(close, (price) => [price])); // [days, 1]
  const scaler = new StandardScaler().fit(series.narrow(0, 0, parts.trainDays));
  const [x, targets] = windows(scaler.transform(series), { inputSteps: INPUT_STEPS });
  const network = onWindows(x.contiguous(), targets.squeeze(2), parts, epochs, seed);
  const forecast = numbersOf(scaler.inverse(noGrad(() => network.model.forward(x.contiguous()))));
  return { ...network, forecast };
}

/** The same network on changes since the last close. */
export function onChanges({ x, y }: PriceWindows, parts: Parts, epochs: number, seed: number): Trained<PriceGRU> {
  return onWindows(x, y, parts, epochs, seed);
}

/** @param x [N, 6, F] @param y [N, 1] */
function onWindows(x: Tensor, y: Tensor, parts: Parts, epochs: number, seed: number): Trained<PriceGRU> {
  const part = (from: number, to: number) => [x.narrow(0, from, to - from), y.narrow(0, from, to - from)] as const;
  return trainWithEarlyStopping(() => new PriceGRU(x.shape[2]), {
    seed,
    training: part(0, parts.fitted),
    validation: part(parts.fitted, parts.trained),
    epochs,
    batch: 32,
    learningRate: 0.01,
  });
}

/** The mean of what networks of several seeds forecast: the luck of a seed is averaged away. */
export function meanForecast(form: PriceWindows, networks: readonly Trained<PriceGRU>[]): Float64Array {
  const outputs = networks.map(({ model }) => numbersOf(noGrad(() => model.forward(form.x))));
  return form.toPrices(
    outputs[0].map((_, n) => outputs.reduce((sum, each) => sum + each[n], 0) / outputs.length),
    0,
  );
}

function numbersOf(x: Tensor): Float64Array {
  return Float64Array.from(x.toTypedArray() as Float32Array);
}
