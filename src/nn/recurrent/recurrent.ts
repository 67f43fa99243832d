/**
 * The one engine behind RNN, LSTM and GRU: layers, directions, batches, dropout between layers, initial states, sequences
 * of unequal length. A layer over a whole sequence is one op (`src/ops/recurrent.ts`); this class only stacks them.
 */

import type { CellKind } from "../../backend/recurrent.ts";
import { GATES } from "../../backend/recurrent.ts";
import { empty } from "../../ops/create.ts";
import { dropout } from "../../ops/dropout.ts";
import { cat } from "../../ops/join.ts";
import { recurrentLayer } from "../../ops/recurrent.ts";
import { narrow, squeeze, transpose, unsqueeze } from "../../ops/views.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkProbability, checkSize } from "../check-size.ts";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { type Lengths, lengthList } from "../packed/lengths.ts";
import { PackedLayout } from "../packed/packed-layout.ts";
import { PackedSequence } from "../packed/packed-sequence.ts";
import { Parameter } from "../parameter.ts";
import { checkInput, checkNoLengths, checkPackedInput, checkState, type Layer } from "./check-sequence.ts";
import type { LSTMState, LSTMStateLike } from "./lstm-state.ts";

export interface RecurrentOptions {
  /** Layers stacked on one another, each fed with the outputs of the one below. Default 1 */
  readonly numLayers?: number;
  /** Whether there are biases. Default true */
  readonly bias?: boolean;
  /** Whether inputs and outputs are [B, T, …] instead of [T, B, …]. States are never batch-first. Default false */
  readonly batchFirst?: boolean;
  /** Probability of dropping an output between layers while training. Default 0 */
  readonly dropout?: number;
  /** Whether a second direction reads the sequence from its end; outputs are then 2·H wide. Default false */
  readonly bidirectional?: boolean;
  /** Default float32 */
  readonly dtype?: DType;
}

export interface SequenceOptions {
  /**
   * The number of steps of each sequence, for a batch padded to one length. States stop at each sequence's own end, outputs
   * beyond it are 0, and the reverse direction starts there. Default: all T.
   */
  readonly lengths?: Lengths;
}

/** In the order in which the op takes them: W, U, b, c and R. */
const WEIGHTS = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];

const OPTIONS = ["numLayers", "bias", "batchFirst", "dropout", "bidirectional", "dtype"];
const OWN_OPTIONS = { RNN: ["nonlinearity"], LSTM: ["projSize"], GRU: [] };

/** h of an RNN or a GRU; h and c of an LSTM. */
export type RecurrentState = Tensor | LSTMState;

/** What one layer is given. */
export interface LayerPass {
  /** Which layer, 0 next to the input. */
  readonly index: number;
  /** [T, B, I], or [B, T, I] if `batchFirst` */
  readonly x: Tensor;
  readonly batchFirst: boolean;
  /** Steps of each sequence, or null when all have T. */
  readonly lengths: Int32Array | null;
  /** [D, B, P], or null for zeros. */
  readonly h: Tensor | null;
  /** [D, B, H], or null for zeros. LSTM only. */
  readonly c: Tensor | null;
}

/** A state before checking: [D·L, B, size], or [D·L, size] for an input without batch. */
type GivenState = Tensor | null | undefined;

/** An RNN, an LSTM or a GRU: the type for code to which it does not matter which. */
export abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly projSize: number;
  /** PyTorch's name of the kind, with which errors begin. */
  protected readonly kind: "RNN" | "LSTM" | "GRU";
  readonly #cell: CellKind;
  /** For each layer and direction the fields of W, U, b, c and R; null where there are none. */
  readonly #fields: readonly (readonly (string | null)[])[];

  constructor(
    kind: "RNN" | "LSTM" | "GRU",
    cell: CellKind,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & { projSize?: number },
  ) {
    super();
    checkOptions(kind, options, [...OPTIONS, ...OWN_OPTIONS[kind]]);
    this.kind = kind;
    this.#cell = cell;
    this.inputSize = checkSize(kind, "inputSize", inputSize);
    this.hiddenSize = checkSize(kind, "hiddenSize", hiddenSize);
    this.numLayers = checkSize(kind, "numLayers", options.numLayers ?? 1);
    this.bias = options.bias ?? true;
    this.batchFirst = options.batchFirst ?? false;
    this.dropout = checkProbability(kind, "dropout", options.dropout ?? 0);
    this.bidirectional = options.bidirectional ?? false;
    this.projSize = checkSize(kind, "projSize", options.projSize ?? 0, 0);
    if (this.projSize >= hiddenSize) {
      throw new ArgumentError(
        `${kind}: projSize must be smaller than hiddenSize (${hiddenSize}), got ${this.projSize}`,
      );
    }
    Object.defineProperty(this, "kind", { enumerable: false });
    const dtype = options.dtype ?? "float32";
    const fields: (string | null)[][] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (let d = 0; d < this.directions; d++) {
        const shapes = this.#weightShapes(layer);
        const nameOf = (weight: string) => `${weight}_l${layer}${d === 1 ? "_reverse" : ""}`;
        for (const [weight, shape] of shapes) {
          this.registerParameter(nameOf(weight), new Parameter(empty(shape, { dtype })));
        }
        fields.push(WEIGHTS.map((weight) => (shapes.some(([name]) => name === weight) ? nameOf(weight) : null)));
      }
    }
    this.#fields = fields;
    this.resetParameters();
  }

  /** What the three have in common; each says more precisely what its state is. */
  abstract override forward(
    x: Tensor,
    state?: Tensor | LSTMStateLike | null,
    options?: SequenceOptions,
  ): [output: Tensor, state: RecurrentState];

  /** 2 when bidirectional, else 1. */
  get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** Features of an output in one direction: P, or H without a projection. */
  get outputSize(): number {
    return this.projSize || this.hiddenSize;
  }

  #weightShapes(layer: number): [string, number[]][] {
    const rows = GATES[this.#cell] * this.hiddenSize;
    const inputs = layer === 0 ? this.inputSize : this.outputSize * this.directions;
    const shapes: [string, number[]][] = [
      ["weight_ih", [rows, inputs]],
      ["weight_hh", [rows, this.outputSize]],
    ];
    if (this.bias) shapes.push(["bias_ih", [rows]], ["bias_hh", [rows]]);
    if (this.projSize > 0) shapes.push(["weight_hr", [this.projSize, this.hiddenSize]]);
    return shapes;
  }

  /** Draws new initial values: everything from U(−1/√H, 1/√H), in the order of the state dict, as PyTorch. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const weight of this.allWeights.flat()) uniform_(weight, -bound, bound);
  }

  /** For each layer and direction its weights, in the order of the state dict. */
  get allWeights(): Parameter[][] {
    return this.#fields.map((_, pass) => this.#weights(pass, pass + 1).filter((weight) => weight !== null));
  }

  /** W, U, b, c and R of each of the passes `from` to `to` − 1, a pass being a direction of a layer; null where there are none. */
  #weights(from: number, to: number): (Parameter | null)[] {
    const own = this as unknown as Record<string, Parameter>;
    // Most layers have one pass, and `flat` takes a twelfth of a small net's step.
    const fields = to === from + 1 ? this.#fields[from] : this.#fields.slice(from, to).flat();
    return fields.map((name) => (name === null ? null : own[name]));
  }

  /** Does nothing: weights need no flattening here. It exists so that PyTorch programs move over line by line. */
  flattenParameters(): void {}

  /**
   * Runs all layers.
   * @returns y as x: in its layout, or packed; hn [D·L, B, P]; cn [D·L, B, H] (LSTM)
   */
  protected run<X extends Tensor | PackedSequence>(
    x: X,
    h0: GivenState,
    c0: GivenState,
    options: SequenceOptions,
  ): { y: X; hn: Tensor; cn: Tensor };
  protected run(x: Tensor | PackedSequence, h0: GivenState, c0: GivenState, options: SequenceOptions) {
    const { kind, batchFirst } = this;
    checkOptions(`${kind}.forward`, options, ["lengths"]);
    const { lengths } = options;
    const layer = this.#asChecked();
    const states = (B: number | null) => ({
      h: checkState(layer, "h0", h0, B, this.outputSize),
      c: checkState(layer, "c0", c0, B, this.hiddenSize),
    });
    if (x instanceof PackedSequence) {
      checkNoLengths(kind, lengths);
      checkPackedInput(layer, x);
      const { layout } = x;
      const padded = layout.pad(x.data, { batchFirst: false, steps: layout.sizes.length });
      const { y, hn, cn } = this.#runLayers(padded, false, layout, states(layout.lengths.length));
      return { y: x.with(layout.pack(y, false)), hn, cn };
    }
    if (checkInput(layer, x)) {
      const [B, T] = batchFirst ? x.shape : [x.shape[1], x.shape[0]];
      const layout = lengths === undefined ? null : PackedLayout.byLength(lengthList(`${kind}.forward`, lengths, B, T));
      return this.#runLayers(x, batchFirst, layout, states(B));
    }
    const batchAxis = batchFirst ? 0 : 1;
    const { h, c } = states(null);
    const batchOfOne = { h: h && unsqueeze(h, 1), c: c && unsqueeze(c, 1) };
    const steps = x.shape[0];
    const layout =
      lengths === undefined ? null : PackedLayout.byLength(lengthList(`${kind}.forward`, lengths, 1, steps));
    const { y, hn, cn } = this.#runLayers(unsqueeze(x, batchAxis), batchFirst, layout, batchOfOne);
    return { y: squeeze(y, batchAxis), hn: squeeze(hn, 1), cn: cn.shape[1] === 1 ? squeeze(cn, 1) : cn };
  }

  /**
   * @param layout which steps are no padding, or null if all are
   * @returns y in the layout of x, and the final states
   */
  #runLayers(
    x: Tensor,
    batchFirst: boolean,
    layout: PackedLayout | null,
    { h, c }: { h: Tensor | null; c: Tensor | null },
  ): { y: Tensor; hn: Tensor; cn: Tensor } {
    const T = x.shape[batchFirst ? 1 : 0];
    const uneven = layout === null || layout.lengths.every((length) => length === T) ? null : layout;
    const lengths = uneven && Int32Array.from(uneven.lengths);
    const D = this.directions;
    const hns: Tensor[] = [];
    const cns: Tensor[] = [];
    let y = x;
    for (let index = 0; index < this.numLayers; index++) {
      const part = (state: Tensor | null) =>
        state === null ? null : this.numLayers === 1 ? state : narrow(state, 0, index * D, D);
      const [output, hn, cn] = this.runLayer({ index, x: y, batchFirst, lengths, h: part(h), c: part(c) });
      hns.push(hn);
      cns.push(cn);
      y = index < this.numLayers - 1 ? this.#dropBetween(output, batchFirst, uneven) : output;
    }
    return { y, hn: hns.length === 1 ? hns[0] : cat(hns, 0), cn: cns.length === 1 ? cns[0] : cat(cns, 0) };
  }

  /**
   * One layer in all its directions.
   * @returns y [T, B, D·P] in the layout of x, hn [D, B, P], and cn [D, B, H] (empty but for an LSTM)
   */
  protected runLayer({ index, x, batchFirst, lengths, h, c }: LayerPass): readonly [y: Tensor, hn: Tensor, cn: Tensor] {
    const { hiddenSize, projSize, bidirectional, directions: D } = this;
    const inputSize = x.shape[2];
    const spec = { cell: this.#cell, inputSize, hiddenSize, projSize, bidirectional, batchFirst, lengths };
    return recurrentLayer(spec, x, h, c, this.#weights(index * D, (index + 1) * D));
  }

  /**
   * PyTorch draws the mask time-major, whatever the layout, and of a packed batch over the packed rows: so do we, and drop
   * the same elements.
   */
  #dropBetween(y: Tensor, batchFirst: boolean, layout: PackedLayout | null): Tensor {
    if (!this.training || this.dropout === 0) return y;
    const { dropout: p } = this;
    if (layout !== null) {
      const steps = y.shape[batchFirst ? 1 : 0];
      return layout.pad(dropout(layout.pack(y, batchFirst), { p }), { batchFirst, steps });
    }
    return batchFirst ? transpose(dropout(transpose(y, 0, 1), { p }), 0, 1) : dropout(y, { p });
  }

  #asChecked(): Layer {
    const { kind, inputSize, batchFirst, bidirectional } = this;
    const { dtype } = (this as unknown as Record<string, Parameter>).weight_ih_l0;
    return { kind, inputSize, batchFirst, bidirectional, dtype, passes: this.numLayers * this.directions };
  }

  override get moduleName(): string {
    return this.kind;
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.projSize > 0) parts.push(`proj_size=${this.projSize}`);
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`);
    if (!this.bias) parts.push("bias=False");
    if (this.batchFirst) parts.push("batch_first=True");
    // A Python float: 1 prints as 1.0.
    if (this.dropout !== 0) parts.push(`dropout=${this.dropout === 1 ? "1.0" : this.dropout}`);
    if (this.bidirectional) parts.push("bidirectional=True");
    return parts.join(", ");
  }
}
