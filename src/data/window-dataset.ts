/** The windows of a series, or of many series, as a dataset; a batch is gathered from the series itself. */

import { select } from "../ops/views.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dataset, wholeIndex } from "./dataset.ts";
import { gatherPieces } from "./gather-rows.ts";
import { type WindowOptions, windows } from "./windows.ts";

/** The windows of a series as samples [input, target], cut when they are asked for. */
export class WindowDataset extends Dataset<[inputs: Tensor, targets: Tensor]> {
  /** Views of all inputs, as `windows` gives them. */
  readonly inputs: Tensor;
  /** Views of all targets. */
  readonly targets: Tensor;
  readonly length: number;
  /** How many windows one series has. */
  readonly windowsPerSeries: number;

  /**
   * @param series [T], [T, F] or [S, T, F]; of several series, all windows of the first come first
   * @example
   * const images = new WindowDataset(x, { inputSteps: 14 }); // x [60000, 28, 28] → 840,000 samples
   * for (const [seen, next] of new DataLoader(images, { batchSize: 128 })) { … } // [128, 14, 28] and [128, 1, 28]
   */
  constructor(series: Tensor, options: WindowOptions) {
    super();
    [this.inputs, this.targets] = windows(series, options);
    this.windowsPerSeries = this.inputs.shape[series.rank === 3 ? 1 : 0];
    this.length = this.windowsPerSeries * (series.rank === 3 ? series.shape[0] : 1);
  }

  /** Window `index`: its inputs and targets, as views. */
  at(index: number): [inputs: Tensor, targets: Tensor] {
    const whole = wholeIndex("WindowDataset", index, this.length);
    return [this.#piece(this.inputs, whole), this.#piece(this.targets, whole)];
  }

  override batch(indices: readonly number[]): [inputs: Tensor, targets: Tensor] {
    const all = indices.map((index) => wholeIndex("WindowDataset", index, this.length));
    return [this.#gather(this.inputs, all), this.#gather(this.targets, all)];
  }

  /** Whether the views count series before they count windows. */
  get #several(): boolean {
    return this.inputs.rank === 4;
  }

  #piece(x: Tensor, index: number): Tensor {
    if (!this.#several) return select(x, 0, index);
    return select(select(x, 0, Math.floor(index / this.windowsPerSeries)), 0, index % this.windowsPerSeries);
  }

  #gather(x: Tensor, indices: readonly number[]): Tensor {
    const lead = this.#several ? 2 : 1;
    const perWindow = x.strides[lead - 1];
    const perSeries = this.#several ? x.strides[0] : 0;
    const offsets = indices.map((index) => {
      const series = Math.floor(index / this.windowsPerSeries);
      return x.offset + series * perSeries + (index - series * this.windowsPerSeries) * perWindow;
    });
    return gatherPieces(x, { shape: x.shape.slice(lead), strides: x.strides.slice(lead) }, offsets);
  }
}
