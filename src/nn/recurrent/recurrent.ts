/**
 * The one engine behind RNN, LSTM and GRU: layers, directions, batches, dropout between layers, initial states, sequences
 * of unequal length. A layer over a whole sequence is one op (`src/ops/recurrent.ts`); this class only stacks them.
 */

import type { CellKind } from "../../backend/recurrent.ts";
import { GATES } from "../../backend/recurrent.ts";
import { empty } from "../../ops/create.ts";
import { dropout } from "../../ops/dropout.ts";
import { cat } from "../../ops/join.ts";
import { readNumbers } from "../../ops/read.ts";
import { recurrentLayer } from "../../ops/recurrent.ts";
import { narrow, squeeze, transpose, unsqueeze } from "../../ops/views.ts";
import type { DType } from "../../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { checkProbability, checkSize } from "../check-size.ts";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

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
  readonly lengths?: readonly number[] | Tensor;
}

/** A state before checking: [D·L, B, size], or [D·L, size] for an input without batch. */
type GivenState = Tensor | null | undefined;

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

  constructor(
    kind: "RNN" | "LSTM" | "GRU",
    cell: CellKind,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & { projSize?: number },
  ) {
    super();
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
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (let d = 0; d < this.directions; d++) {
        for (const [name, shape] of this.#weightShapes(layer)) {
          this.registerParameter(
            `${name}_l${layer}${d === 1 ? "_reverse" : ""}`,
            new Parameter(empty(shape, { dtype })),
          );
        }
      }
    }
    this.resetParameters();
  }

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
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** For each layer and direction its weights, in the order of the state dict. */
  get allWeights(): Parameter[][] {
    const own = this as unknown as Record<string, Parameter>;
    const lists: Parameter[][] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (let d = 0; d < this.directions; d++) {
        const suffix = `_l${layer}${d === 1 ? "_reverse" : ""}`;
        lists.push(this.#weightShapes(layer).map(([name]) => own[name + suffix]));
      }
    }
    return lists;
  }

  /** Does nothing: weights need no flattening here. It exists so that PyTorch programs move over line by line. */
  flattenParameters(): void {}

  /**
   * Runs all layers.
   * @returns y in the layout of x; hn [D·L, B, P]; cn [D·L, B, H] (LSTM)
   */
  protected run(
    x: Tensor,
    h0: GivenState,
    c0: GivenState,
    options: SequenceOptions,
  ): { y: Tensor; hn: Tensor; cn: Tensor } {
    const batched = this.#checkInput(x);
    const input = batched ? x : unsqueeze(x, this.batchFirst ? 0 : 1);
    const B = input.shape[this.batchFirst ? 0 : 1];
    const T = input.shape[this.batchFirst ? 1 : 0];
    const lengths = checkLengths(this.kind, options.lengths, B, T);
    const h = this.#checkState("h0", h0, B, this.outputSize, batched, input.dtype);
    const c = this.#checkState("c0", c0, B, this.hiddenSize, batched, input.dtype);

    const D = this.directions;
    const weights = this.allWeights;
    const hns: Tensor[] = [];
    const cns: Tensor[] = [];
    let y = input;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const part = (state: Tensor | null) =>
        state === null ? null : this.numLayers === 1 ? state : narrow(state, 0, layer * D, D);
      const [output, hn, cn] = recurrentLayer(
        {
          cell: this.#cell,
          inputSize: y.shape[2],
          hiddenSize: this.hiddenSize,
          projSize: this.projSize,
          bidirectional: this.bidirectional,
          batchFirst: this.batchFirst,
          lengths,
        },
        y,
        part(h),
        part(c),
        weights.slice(layer * D, (layer + 1) * D).map((list) => this.#slots(list)),
      );
      hns.push(hn);
      cns.push(cn);
      y = layer < this.numLayers - 1 ? this.#dropBetween(output) : output;
    }
    const hn = hns.length === 1 ? hns[0] : cat(hns, 0);
    const cn = cns.length === 1 ? cns[0] : cat(cns, 0);
    if (batched) return { y, hn, cn };
    return { y: squeeze(y, this.batchFirst ? 0 : 1), hn: squeeze(hn, 1), cn: cn.shape[1] === 1 ? squeeze(cn, 1) : cn };
  }

  /** A direction's weights in the places the op expects them: W, U, b, c, R. */
  #slots(list: readonly Parameter[]): (Parameter | null)[] {
    const [weightIh, weightHh, ...rest] = list;
    const [biasIh, biasHh] = this.bias ? rest : [null, null];
    const weightHr = this.projSize > 0 ? rest[rest.length - 1] : null;
    return [weightIh, weightHh, biasIh, biasHh, weightHr];
  }

  /** PyTorch draws the mask time-major, whatever the layout: so do we, and drop the same elements. */
  #dropBetween(y: Tensor): Tensor {
    if (!this.training || this.dropout === 0) return y;
    if (!this.batchFirst) return dropout(y, { p: this.dropout });
    return transpose(dropout(transpose(y, 0, 1), { p: this.dropout }), 0, 1);
  }

  /** @returns whether x has a batch axis */
  #checkInput(x: Tensor): boolean {
    const layout = this.batchFirst ? "[B, T," : "[T, B,";
    const expected = `${layout} ${this.inputSize}] (inputSize is ${this.inputSize}), or [T, ${this.inputSize}] without a batch`;
    if (!(x instanceof Tensor)) throw new ArgumentError(`${this.kind}.forward: x must be a tensor ${expected}`);
    const last = x.shape[x.rank - 1];
    if (x.rank !== 2 && x.rank !== 3) {
      throw new ShapeError(`${this.kind}.forward: x must be ${expected}, got ${formatShape(x.shape)}${this.#hint(x)}`);
    }
    if (last !== this.inputSize) {
      throw new ShapeError(`${this.kind}.forward: x must be ${expected}, got ${formatShape(x.shape)}${this.#hint(x)}`);
    }
    const weight = this.allWeights[0][0];
    if (x.dtype !== weight.dtype) {
      throw new DTypeError(
        `${this.kind}.forward: x is ${x.dtype}, the weights are ${weight.dtype}; cast x (x.to("${weight.dtype}")) or the model (model.to("${x.dtype}"))`,
      );
    }
    const steps = x.shape[x.rank === 2 ? 0 : this.batchFirst ? 1 : 0];
    if (steps === 0) throw new ShapeError(`${this.kind}.forward: x has no steps: it is ${formatShape(x.shape)}`);
    return x.rank === 3;
  }

  /** The likeliest cure for a wrong input. */
  #hint(x: Tensor): string {
    const { shape } = x;
    if (x.rank === 4) {
      const single = shape.findIndex(
        (size, axis) => size === 1 && shape.filter((_, i) => i !== axis)[2] === this.inputSize,
      );
      if (single >= 0) return `; did you mean x.squeeze(${single})?`;
    }
    if (this.inputSize === 1 && (x.rank === 1 || x.rank === 2)) {
      return "; one number per step needs an axis of its own: did you mean x.unsqueeze(-1)?";
    }
    if (x.rank === 3 && shape.indexOf(this.inputSize) >= 0) return "; are the axes in another order? see x.permute()";
    return "";
  }

  #checkState(name: string, state: GivenState, B: number, size: number, batched: boolean, dtype: DType): Tensor | null {
    if (state === null || state === undefined) return null;
    const lead = this.numLayers * this.directions;
    const expected = batched ? [lead, B, size] : [lead, size];
    const given = state.shape;
    if (given.length !== expected.length || given.some((n, axis) => n !== expected[axis])) {
      const order = batched && given.length === 3 && given[0] === B && given[1] === lead && B !== lead;
      throw new ShapeError(
        `${this.kind}.forward: ${name} must be ${formatShape(expected)} ` +
          `(${this.directions > 1 ? "directions · layers" : "layers"}${batched ? ", batch" : ""}, features), got ${formatShape(given)}` +
          (order ? `; states are never batch-first: did you mean ${name}.transpose(0, 1)?` : ""),
      );
    }
    if (state.dtype !== dtype) {
      throw new DTypeError(
        `${this.kind}.forward: ${name} is ${state.dtype} and x ${dtype}; cast it: ${name}.to("${dtype}")`,
      );
    }
    return batched ? state : unsqueeze(state, 1);
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

/** @returns null when every sequence has all T steps */
export function checkLengths(
  place: string,
  lengths: SequenceOptions["lengths"],
  B: number,
  T: number,
): Int32Array | null {
  if (lengths === undefined) return null;
  const list = lengths instanceof Tensor ? readNumbers(lengths) : lengths;
  if (list.length !== B) {
    throw new ShapeError(`${place}.forward: ${list.length} lengths for a batch of ${B}`);
  }
  list.forEach((length, b) => {
    if (!Number.isInteger(length) || length < 1 || length > T) {
      throw new ArgumentError(
        `${place}.forward: lengths[${b}] must be a whole number from 1 to the ${T} steps of the padded input, got ${length}`,
      );
    }
  });
  return list.every((length) => length === T) ? null : Int32Array.from(list);
}
