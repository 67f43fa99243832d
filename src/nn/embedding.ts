/** A table of vectors, one for each of a fixed set of things: words, letters, stations. */

import { defineOp } from "../autograd/define-op.ts";
import { noGrad } from "../autograd/grad-mode.ts";
import { viewOf } from "../backend/allocate.ts";
import { mul } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { eq } from "../ops/comparison.ts";
import { empty, tensor } from "../ops/create.ts";
import { checkRange, indexSelect } from "../ops/gather.ts";
import { mul_, zero_ } from "../ops/in-place.ts";
import { norm } from "../ops/norm.ts";
import { item, readNumbers } from "../ops/read.ts";
import { detach, reshape, select, unsqueeze } from "../ops/views.ts";
import { where } from "../ops/where.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { checkSize } from "./check-size.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import { pythonFloat } from "./module-text.ts";
import { Parameter } from "./parameter.ts";

export interface LookupOptions {
  /** An index whose vector gets no gradient. */
  readonly paddingIdx?: number | null;
  /** Vectors that are looked up and longer than this are scaled down to it, in place, before. Default null: never */
  readonly maxNorm?: number | null;
  /** Which norm is meant by maxNorm. Default 2 */
  readonly normType?: number;
  /** Whether the gradient of a vector is divided by how often it was looked up in the batch. Default false */
  readonly scaleGradByFreq?: boolean;
}

const LOOKUP_OPTIONS = ["paddingIdx", "maxNorm", "normType", "scaleGradByFreq"];

/**
 * @param input  indices, int64 or int32, any shape
 * @param weight [count, D]
 * @returns [...input's shape, D]
 */
export function embedding(input: Tensor, weight: Tensor, options: LookupOptions = {}): Tensor {
  checkTensor("embedding", input);
  checkTensor("embedding (weight)", weight);
  checkOptions("embedding", options, LOOKUP_OPTIONS);
  if (weight.rank !== 2)
    throw new ShapeError(`embedding: the weight must be [count, D], got ${formatShape(weight.shape)}`);
  if (input.dtype !== "int64" && input.dtype !== "int32") {
    throw new DTypeError(`embedding: indices must be int64, got ${input.dtype}; cast them: x.to("int64")`);
  }
  const [count, D] = weight.shape;
  checkRange("embedding", input, count);
  const indices = cast(reshape(input, [-1]), "int64");
  const { maxNorm = null, normType = 2, scaleGradByFreq = false } = options;
  if (maxNorm !== null) shorten(weight, indices, maxNorm, normType);
  const picked = indexSelect(weight, 0, indices);
  const rows = scaleGradByFreq ? scaleGradient(picked, sharesOf(indices, weight)) : picked;
  const padding = normalizePadding("embedding", options.paddingIdx ?? null, count);
  const kept = padding === null ? rows : where(unsqueeze(eq(indices, padding), 1), detach(rows), rows);
  return reshape(kept, [...input.shape, D]);
}

/** Scales the vectors that are looked up and too long down to `maxNorm`; PyTorch adds 1e-7 to the norm it divides by. */
function shorten(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  noGrad(() => {
    for (const index of new Set(readNumbers(indices))) {
      const row = select(weight, 0, index);
      const length = item(norm(row, normType));
      if (length > maxNorm) mul_(row, maxNorm / (length + 1e-7));
    }
  });
}

/** 1 / how often each index occurs, [N, 1]. */
function sharesOf(indices: Tensor, weight: Tensor): Tensor {
  const list = readNumbers(indices);
  const counts = new Map<number, number>();
  for (const index of list) counts.set(index, (counts.get(index) ?? 0) + 1);
  const shares = list.map((index) => 1 / (counts.get(index) as number));
  return tensor(shares, { dtype: weight.dtype, shape: [list.length, 1] });
}

/** x itself, whose gradient is multiplied by `scale`, which broadcasts. */
const scaleGradient = defineOp({
  name: "scaleGradient",
  forward(_, x: Tensor, scale: Tensor) {
    return { output: viewOf(x, x.shape, x.strides), saved: scale };
  },
  backward(_, dy, scale) {
    return [mul(dy, scale), null];
  },
});

function normalizePadding(place: string, index: number | null, count: number): number | null {
  if (index === null) return null;
  if (!Number.isInteger(index) || index < -count || index >= count) {
    throw new ArgumentError(`${place}: paddingIdx must be one of the ${count} indices, got ${index}`);
  }
  return index < 0 ? index + count : index;
}

export interface EmbeddingOptions extends LookupOptions {
  /** An index that stands for nothing: its vector starts as 0 and is not trained. Negative ones count from the end. */
  readonly paddingIdx?: number | null;
  /** The vectors, instead of drawn ones. */
  readonly weight?: Parameter;
  /** Default float32 */
  readonly dtype?: DType;
}

/**
 * A table of vectors: indices int64 of any shape → [...shape, embeddingDim]. As `torch.nn.Embedding`.
 * @throws {ShapeError} for an index out of range
 * @throws {DTypeError} for indices that are floats
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  /** [numEmbeddings, embeddingDim] */
  declare weight: Parameter;

  /**
   * @param numEmbeddings how many things there are
   * @param embeddingDim  features of a vector
   * @example new Embedding(4, 2).forward(letters) // letters int64 [T, B] → [T, B, 2]
   */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions("Embedding", options, [...LOOKUP_OPTIONS, "weight", "dtype"]);
    this.numEmbeddings = checkSize("Embedding", "numEmbeddings", numEmbeddings);
    this.embeddingDim = checkSize("Embedding", "embeddingDim", embeddingDim);
    this.paddingIdx = normalizePadding("Embedding", options.paddingIdx ?? null, numEmbeddings);
    this.maxNorm = options.maxNorm ?? null;
    if (this.maxNorm !== null && !(this.maxNorm >= 0)) {
      throw new ArgumentError(`Embedding: maxNorm must be a number ≥ 0 or null, got ${String(this.maxNorm)}`);
    }
    this.normType = options.normType ?? 2;
    this.scaleGradByFreq = options.scaleGradByFreq ?? false;
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
  static fromPretrained(vectors: Tensor, options: LookupOptions & { readonly freeze?: boolean } = {}): Embedding {
    checkOptions("Embedding.fromPretrained", options, [...LOOKUP_OPTIONS, "freeze"]);
    if (vectors.rank !== 2) {
      throw new ShapeError(`Embedding.fromPretrained: vectors must be [count, D], got ${formatShape(vectors.shape)}`);
    }
    const { freeze = true, ...lookup } = options;
    return new Embedding(vectors.shape[0], vectors.shape[1], { ...lookup, weight: new Parameter(vectors, !freeze) });
  }

  /** Draws new vectors from N(0, 1), as PyTorch. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => zero_(select(this.weight, 0, paddingIdx)));
  }

  /** @param x indices, int64, any shape @returns [...x's shape, embeddingDim] */
  override forward(x: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return embedding(x, this.weight, { paddingIdx, maxNorm, normType, scaleGradByFreq });
  }

  override get moduleName(): string {
    return "Embedding";
  }

  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.paddingIdx !== null) parts.push(`padding_idx=${this.paddingIdx}`);
    if (this.maxNorm !== null) parts.push(`max_norm=${this.maxNorm}`);
    if (this.normType !== 2) parts.push(`norm_type=${pythonFloat(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scale_grad_by_freq=True");
    return parts.join(", ");
  }
}
