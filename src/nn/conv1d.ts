/**
 * Convolution along time (a cross-correlation, as everywhere in deep learning):
 *
 *   y[n, o, t] = b[o] + Σ_c Σ_k w[o, c, k] · x[n, c, stride · t + dilation · k − padding]
 *
 * With groups, output channels see only the input channels of their own group. Computed as one product of all windows with
 * the weights; the windows are a view until then.
 */

import { add } from "../ops/arithmetic.ts";
import { empty } from "../ops/create.ts";
import { linear, matmul } from "../ops/matmul.ts";
import { permute, reshape, slice, squeeze, transpose, unfold, unsqueeze } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";
import { kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { type PadMode, pad } from "./pad.ts";
import { Parameter } from "./parameter.ts";

export interface ConvSettings {
  /** Steps from one window to the next. Default 1 */
  readonly stride?: number;
  /** Elements added on both sides; "same" adds as many as keep the length, "valid" none. Default 0 */
  readonly padding?: number | "same" | "valid";
  /** Steps from one element of a window to the next. Default 1 */
  readonly dilation?: number;
  /** Groups of channels that do not see one another. Default 1 */
  readonly groups?: number;
}

/**
 * @param x      [N, C, L], or [C, L] without a batch
 * @param weight [out, C / groups, K]
 * @param bias   [out], or null
 * @returns [N, out, L′] or [out, L′]
 */
export function conv1d(x: Tensor, weight: Tensor, bias: Tensor | null = null, settings: ConvSettings = {}): Tensor {
  checkTensor("conv1d", x);
  checkTensor("conv1d (weight)", weight);
  checkOptions("conv1d", settings, ["stride", "padding", "dilation", "groups"]);
  if (weight.rank !== 3) {
    throw new ShapeError(`conv1d: the weight must be [out, C / groups, K], got ${formatShape(weight.shape)}`);
  }
  const stride = checkSize("conv1d", "stride", settings.stride ?? 1);
  const dilation = checkSize("conv1d", "dilation", settings.dilation ?? 1);
  const groups = checkSize("conv1d", "groups", settings.groups ?? 1);
  const [out, C, K] = weight.shape;
  if ((x.rank !== 2 && x.rank !== 3) || x.shape[x.rank - 2] !== C * groups) {
    throw new ShapeError(
      `conv1d: x must be [N, ${C * groups}, L] or [${C * groups}, L] (the weight is ${formatShape(weight.shape)}, groups ${groups}), ` +
        `got ${formatShape(x.shape)}; are the axes in another order? channels come before time`,
    );
  }
  if (x.dtype !== weight.dtype) {
    throw new DTypeError(`conv1d: x is ${x.dtype} and the weight ${weight.dtype}; cast x: x.to("${weight.dtype}")`);
  }
  const span = dilation * (K - 1) + 1;
  const batch = pad(x.rank === 2 ? unsqueeze(x, 0) : x, sides(settings.padding ?? 0, span, stride));
  if (batch.shape[2] < span) {
    throw new ShapeError(
      `conv1d: a window of ${span} steps does not fit into ${batch.shape[2]}, padding included; x is ${formatShape(x.shape)}`,
    );
  }
  const windows = slice(unfold(batch, 2, span, stride), 3, 0, null, dilation); // [N, C·groups, L′, K]
  const [N, , steps] = windows.shape;
  const y =
    groups === 1
      ? linear(reshape(permute(windows, [0, 2, 1, 3]), [N * steps, C * K]), reshape(weight, [out, C * K]), bias)
      : grouped(windows, weight, bias, groups);
  const result = transpose(reshape(y, [N, steps, out]), 1, 2);
  return x.rank === 2 ? squeeze(result, 0) : result;
}

/** `[N·L′, out]`, a product for each group. */
function grouped(windows: Tensor, weight: Tensor, bias: Tensor | null, groups: number): Tensor {
  const [out, C, K] = weight.shape;
  const [N, , steps] = windows.shape;
  const split = reshape(windows, [N, groups, C, steps, K]);
  const rows = reshape(permute(split, [1, 0, 3, 2, 4]), [groups, N * steps, C * K]);
  const filters = transpose(reshape(weight, [groups, out / groups, C * K]), 1, 2);
  const y = reshape(permute(matmul(rows, filters), [1, 0, 2]), [N * steps, out]);
  return bias === null ? y : add(y, bias);
}

/** How much to add in front and behind. */
function sides(padding: number | "same" | "valid", span: number, stride: number): readonly [number, number] {
  if (padding === "valid") return [0, 0];
  if (padding !== "same") return [checkSize("conv1d", "padding", padding, 0), padding];
  if (stride !== 1) throw new ArgumentError(`conv1d: padding "same" keeps the length only at stride 1, got ${stride}`);
  const before = Math.floor((span - 1) / 2);
  return [before, span - 1 - before];
}

export interface Conv1dOptions extends ConvSettings {
  /** Whether there is a bias. Default true */
  readonly bias?: boolean;
  /** What the padding holds. Default zeros */
  readonly paddingMode?: "zeros" | Exclude<PadMode, "constant">;
  /** Default float32 */
  readonly dtype?: DType;
}

const OPTIONS = ["stride", "padding", "dilation", "groups", "bias", "paddingMode", "dtype"];

/**
 * Convolution along time: [N, in, L] → [N, out, L′], or without the batch. As `torch.nn.Conv1d`.
 * @throws {ShapeError} for other channels, or a window longer than its input
 */
export class Conv1d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number | "same" | "valid";
  readonly dilation: number;
  readonly groups: number;
  readonly paddingMode: "zeros" | Exclude<PadMode, "constant">;
  /** w [out, in / groups, K] */
  declare weight: Parameter;
  /** b [out], or null */
  declare bias: Parameter | null;

  /**
   * @param inChannels  channels of x
   * @param outChannels channels of y
   * @param kernelSize  K, elements of a window
   * @example new Conv1d(5, 16, 3, { padding: "same" }).forward(x) // x [N, 5, T] → [N, 16, T]
   */
  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv1dOptions = {}) {
    super();
    checkOptions("Conv1d", options, OPTIONS);
    this.inChannels = checkSize("Conv1d", "inChannels", inChannels);
    this.outChannels = checkSize("Conv1d", "outChannels", outChannels);
    this.kernelSize = checkSize("Conv1d", "kernelSize", kernelSize);
    this.stride = checkSize("Conv1d", "stride", options.stride ?? 1);
    this.padding = options.padding ?? 0;
    this.dilation = checkSize("Conv1d", "dilation", options.dilation ?? 1);
    this.groups = checkSize("Conv1d", "groups", options.groups ?? 1);
    this.paddingMode = options.paddingMode ?? "zeros";
    for (const [name, channels] of [
      ["inChannels", inChannels],
      ["outChannels", outChannels],
    ] as const) {
      if (channels % this.groups === 0) continue;
      throw new ArgumentError(`Conv1d: ${name} (${channels}) must divide into ${this.groups} groups`);
    }
    sides(this.padding, this.#span, this.stride);
    const dtype = options.dtype ?? "float32";
    this.weight = new Parameter(empty([outChannels, inChannels / this.groups, kernelSize], { dtype }));
    this.bias = (options.bias ?? true) ? new Parameter(empty([outChannels], { dtype })) : null;
    this.resetParameters();
  }

  /** Steps from the first to the last element of a window, both included. */
  get #span(): number {
    return this.dilation * (this.kernelSize - 1) + 1;
  }

  /** Draws new initial values: w from kaiming-uniform with a = √5, b from U(−1/√fan, 1/√fan), fan = in / groups · K. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias !== null) {
      const bound = 1 / Math.sqrt((this.inChannels / this.groups) * this.kernelSize);
      uniform_(this.bias, -bound, bound);
    }
  }

  /** @param x [N, in, L], or [in, L] without a batch @returns [N, out, L′] or [out, L′] */
  override forward(x: Tensor): Tensor {
    const { stride, padding, dilation, groups, paddingMode } = this;
    if (paddingMode === "zeros") return conv1d(x, this.weight, this.bias, { stride, padding, dilation, groups });
    const padded = pad(x, sides(padding, this.#span, stride), { mode: paddingMode });
    return conv1d(padded, this.weight, this.bias, { stride, dilation, groups });
  }

  override get moduleName(): string {
    return "Conv1d";
  }

  override extraRepr(): string {
    const { stride, padding, dilation, groups, paddingMode } = this;
    const parts = [`${this.inChannels}, ${this.outChannels}, kernel_size=(${this.kernelSize},), stride=(${stride},)`];
    if (padding !== 0) parts.push(`padding=${typeof padding === "number" ? `(${padding},)` : padding}`);
    if (dilation !== 1) parts.push(`dilation=(${dilation},)`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push("bias=False");
    if (paddingMode !== "zeros") parts.push(`padding_mode=${paddingMode}`);
    return parts.join(", ");
  }
}
