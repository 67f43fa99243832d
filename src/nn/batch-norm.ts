/**
 * Batch normalisation: every channel over the samples of a batch, and later by what was seen in training.
 *
 *   y        = (x − mean) / √(var + ε) · w + b            var without Bessel's correction
 *   running′ = (1 − momentum) · running + momentum · now   var with it
 *
 * Ioffe & Szegedy 2015.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { ones, zeros } from "../ops/create.ts";
import { rsqrt, square } from "../ops/element-wise.ts";
import { add_, copy_, fill_ } from "../ops/in-place.ts";
import { item } from "../ops/read.ts";
import { mean } from "../ops/reductions.ts";
import { reshape } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";
import { ones_, zeros_ } from "./init.ts";
import { Module } from "./module.ts";
import { pythonBool, pythonFloat } from "./module-text.ts";
import { Parameter } from "./parameter.ts";

/**
 * @param x [N, C] or [N, C, L, …]
 * @param runningMean @param runningVar [C], changed in place while training; null: always the batch's own
 * @param options.training whether to normalise by the batch and to note its statistics. Default false
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: {
    weight?: Tensor | null;
    bias?: Tensor | null;
    training?: boolean;
    momentum?: number;
    eps?: number;
  } = {},
): Tensor {
  checkTensor("batchNorm", x);
  checkOptions("batchNorm", options, ["weight", "bias", "training", "momentum", "eps"]);
  if (x.rank < 2) throw new ShapeError(`batchNorm: x must be [N, C] or [N, C, L, …], got ${formatShape(x.shape)}`);
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = options;
  const C = x.shape[1];
  const channels = x.shape.map((size, axis) => (axis === 1 ? size : 1));
  const ofBatch = training || runningMean === null || runningVar === null;
  let centred: Tensor;
  let variance: Tensor;
  if (ofBatch) {
    const count = x.elementCount / C;
    if (training && count === 1) {
      throw new ShapeError(
        `batchNorm: training needs more than one value for each channel, got ${formatShape(x.shape)}; ` +
          "use a larger batch (dropLast), or eval()",
      );
    }
    const over = { dim: x.shape.map((_, axis) => axis).filter((axis) => axis !== 1), keepdim: true };
    const average = mean(x, over);
    centred = sub(x, average);
    variance = mean(square(centred), over);
    if (training) {
      noteStatistics(runningMean, average, momentum);
      noteStatistics(runningVar, variance, momentum, count / (count - 1));
    }
  } else {
    centred = sub(x, reshape(runningMean, channels));
    variance = reshape(runningVar, channels);
  }
  const normal = mul(centred, rsqrt(add(variance, eps)));
  const scaled = weight === null ? normal : mul(normal, reshape(weight, channels));
  return bias === null ? scaled : add(scaled, reshape(bias, channels));
}

function noteStatistics(running: Tensor | null, now: Tensor, momentum: number, scale = 1): void {
  if (running === null) return;
  noGrad(() => {
    copy_(running, add(mul(running, 1 - momentum), mul(reshape(now, running.shape), momentum * scale)));
  });
}

export interface BatchNormOptions {
  /** Keeps the division finite. Default 1e-5 */
  readonly eps?: number;
  /** The share of each batch in the running statistics, 0 … 1; null: the average over all batches. Default 0.1 */
  readonly momentum?: number | null;
  /** Whether scale and shift are trained. Default true */
  readonly affine?: boolean;
  /** Whether there is a shift, if there is a scale. Default true */
  readonly bias?: boolean;
  /** Whether evaluation uses what training saw; if not, always the batch's own statistics. Default true */
  readonly trackRunningStats?: boolean;
  /** Default float32 */
  readonly dtype?: DType;
}

/**
 * Batch normalisation over [N, C] or [N, C, L]: each channel over samples and steps; in evaluation by running
 * statistics. Ioffe & Szegedy 2015.
 * @throws {ShapeError} for other channels, or one value a channel while training
 */
export class BatchNorm1d extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  /** The share of each batch in the running statistics; null: the average over all batches. */
  momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  /** w [C], or null */
  declare weight: Parameter | null;
  /** b [C], or null */
  declare bias: Parameter | null;
  /** [C], or null */
  declare running_mean: Tensor | null;
  /** [C], or null */
  declare running_var: Tensor | null;
  /** int64 [], or null */
  declare num_batches_tracked: Tensor | null;

  /** @param numFeatures channels C: the size of axis 1 */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super();
    checkOptions("BatchNorm1d", options, ["eps", "momentum", "affine", "bias", "trackRunningStats", "dtype"]);
    this.numFeatures = checkSize("BatchNorm1d", "numFeatures", numFeatures);
    this.eps = options.eps ?? 1e-5;
    this.momentum = options.momentum === undefined ? 0.1 : options.momentum;
    this.affine = options.affine ?? true;
    this.trackRunningStats = options.trackRunningStats ?? true;
    const like = { dtype: options.dtype ?? "float32" } as const;
    this.weight = this.affine ? new Parameter(ones([numFeatures], like)) : null;
    this.bias = this.affine && (options.bias ?? true) ? new Parameter(zeros([numFeatures], like)) : null;
    const tracks = this.trackRunningStats;
    this.registerBuffer("running_mean", tracks ? zeros([numFeatures], like) : null);
    this.registerBuffer("running_var", tracks ? ones([numFeatures], like) : null);
    this.registerBuffer("num_batches_tracked", tracks ? zeros([], { dtype: "int64" }) : null);
  }

  /** Running mean 0 and variance 1, as if no batch had been seen. */
  resetRunningStats(): void {
    if (this.running_mean !== null) zeros_(this.running_mean);
    if (this.running_var !== null) ones_(this.running_var);
    if (this.num_batches_tracked !== null) fill_(this.num_batches_tracked, 0);
  }

  /** Scale 1 and shift 0 again, and no batch seen. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  /** @param x [N, C] or [N, C, L] @returns the same shape */
  override forward(x: Tensor): Tensor {
    if ((x.rank !== 2 && x.rank !== 3) || x.shape[1] !== this.numFeatures) {
      throw new ShapeError(
        `BatchNorm1d.forward: x must be [N, ${this.numFeatures}] or [N, ${this.numFeatures}, L] (numFeatures is ${this.numFeatures}), ` +
          `got ${formatShape(x.shape)}`,
      );
    }
    return batchNorm(x, this.running_mean, this.running_var, {
      weight: this.weight,
      bias: this.bias,
      training: this.training,
      momentum: this.training ? this.#countBatch() : 0,
      eps: this.eps,
    });
  }

  /** Counts the batch, and returns its share in the running statistics. */
  #countBatch(): number {
    const seen = this.num_batches_tracked;
    if (seen === null) return 0;
    noGrad(() => add_(seen, 1));
    return this.momentum ?? 1 / item(seen);
  }

  override get moduleName(): string {
    return "BatchNorm1d";
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? "None" : pythonFloat(this.momentum);
    return (
      `${this.numFeatures}, eps=${pythonFloat(this.eps)}, momentum=${momentum}, affine=${pythonBool(this.affine)}, ` +
      `bias=${pythonBool(this.bias !== null)}, track_running_stats=${pythonBool(this.trackRunningStats)}`
    );
  }
}
