/** A table of vectors, one for each of a fixed set of things: words, letters, stations. */

import { noGrad } from "../autograd/grad-mode.ts";
import { cast } from "../ops/cast.ts";
import { eq } from "../ops/comparison.ts";
import { empty } from "../ops/create.ts";
import { checkRange, indexSelect } from "../ops/gather.ts";
import { zero_ } from "../ops/in-place.ts";
import { detach, reshape, select, unsqueeze } from "../ops/views.ts";
import { where } from "../ops/where.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/**
 * @param input  indices, int64 or int32, any shape
 * @param weight [count, D]
 * @param options.paddingIdx an index whose vector gets no gradient
 * @returns [...input's shape, D]
 */
export function embedding(input: Tensor, weight: Tensor, options: { paddingIdx?: number | null } = {}): Tensor {
  if (weight.rank !== 2)
    throw new ShapeError(`embedding: the weight must be [count, D], got ${formatShape(weight.shape)}`);
  if (input.dtype !== "int64" && input.dtype !== "int32") {
    throw new DTypeError(`embedding: indices must be int64, got ${input.dtype}; cast them: x.to("int64")`);
  }
  const [count, D] = weight.shape;
  checkRange("embedding", input, count);
  const indices = cast(reshape(input, [-1]), "int64");
  const rows = indexSelect(weight, 0, indices);
  const padding = normalizePadding("embedding", options.paddingIdx ?? null, count);
  const kept = padding === null ? rows : where(unsqueeze(eq(indices, padding), 1), detach(rows), rows);
  return reshape(kept, [...input.shape, D]);
}

function normalizePadding(place: string, index: number | null, count: number): number | null {
  if (index === null) return null;
  if (!Number.isInteger(index) || index < -count || index >= count) {
    throw new ArgumentError(`${place}: paddingIdx must be one of the ${count} indices, got ${index}`);
  }
  return index < 0 ? index + count : index;
}

export interface EmbeddingOptions {
  /** An index that stands for nothing: its vector starts as 0 and is not trained. Negative ones count from the end. */
  readonly paddingIdx?: number | null;
  /** The vectors, instead of drawn ones. */
  readonly weight?: Parameter;
  /** Default float32 */
  readonly dtype?: DType;
}

export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  /** [numEmbeddings, embeddingDim] */
  declare weight: Parameter;

  /**
   * @param numEmbeddings how many things there are
   * @param embeddingDim  features of a vector
   * @example new Embedding(4, 2).forward(letters) // letters int64 [T, B] → [T, B, 2]
   */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions("Embedding", options, ["paddingIdx", "weight", "dtype"]);
    this.numEmbeddings = checkSize("Embedding", "numEmbeddings", numEmbeddings);
    this.embeddingDim = checkSize("Embedding", "embeddingDim", embeddingDim);
    this.paddingIdx = normalizePadding("Embedding", options.paddingIdx ?? null, numEmbeddings);
    const shape = [numEmbeddings, embeddingDim];
    this.weight = options.weight ?? new Parameter(empty(shape, { dtype: options.dtype ?? "float32" }));
    if (!sameShape(this.weight.shape, shape)) {
      throw new ShapeError(`Embedding: weight must be ${formatShape(shape)}, got ${formatShape(this.weight.shape)}`);
    }
    if (options.weight === undefined) this.resetParameters();
  }

  /**
   * An embedding of given vectors.
   * @param vectors [count, D]; the embedding takes them over, it does not copy
   * @param options.freeze whether they stay as they are. Default true
   */
  static fromPretrained(vectors: Tensor, options: { freeze?: boolean; paddingIdx?: number | null } = {}): Embedding {
    checkOptions("Embedding.fromPretrained", options, ["freeze", "paddingIdx"]);
    if (vectors.rank !== 2) {
      throw new ShapeError(`Embedding.fromPretrained: vectors must be [count, D], got ${formatShape(vectors.shape)}`);
    }
    const { freeze = true, paddingIdx = null } = options;
    return new Embedding(vectors.shape[0], vectors.shape[1], { paddingIdx, weight: new Parameter(vectors, !freeze) });
  }

  /** Draws new vectors from N(0, 1), as PyTorch. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => zero_(select(this.weight, 0, paddingIdx)));
  }

  /** @param x indices, int64, any shape @returns [...x's shape, embeddingDim] */
  override forward(x: Tensor): Tensor {
    return embedding(x, this.weight, { paddingIdx: this.paddingIdx });
  }

  override get moduleName(): string {
    return "Embedding";
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === null ? "" : `, padding_idx=${this.paddingIdx}`;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`;
  }
}
