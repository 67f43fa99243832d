/** Matrix products that say which ranks they take; `matmul` takes them all. */

import { checkOptions } from "../tensor/check-options.ts";
import { ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { matmul } from "./matmul.ts";

function checkRank(place: string, x: Tensor, rank: number, form: string): void {
  checkTensor(place, x);
  if (x.rank === rank) return;
  throw new ShapeError(`${place}: expects ${form}, got ${formatShape(x.shape)}; matmul takes tensors of any rank`);
}

/** `[M, K] · [K, N] → [M, N]`. @throws {ShapeError} unless both are matrices that fit */
export function mm(x: Tensor, y: Tensor): Tensor {
  checkRank("mm", x, 2, "a matrix [M, K]");
  checkRank("mm", y, 2, "a matrix [K, N]");
  return matmul(x, y);
}

/** `[M, K] · [K] → [M]`. @throws {ShapeError} unless they are a matrix and a vector that fit */
export function mv(x: Tensor, y: Tensor): Tensor {
  checkRank("mv", x, 2, "a matrix [M, K]");
  checkRank("mv", y, 1, "a vector [K]");
  return matmul(x, y);
}

/** `[B, M, K] · [B, K, N] → [B, M, N]`. @throws {ShapeError} unless both are batches of equally many matrices that fit */
export function bmm(x: Tensor, y: Tensor): Tensor {
  checkRank("bmm", x, 3, "a batch of matrices [B, M, K]");
  checkRank("bmm", y, 3, "a batch of matrices [B, K, N]");
  if (x.shape[0] !== y.shape[0]) {
    throw new ShapeError(`bmm: the batches differ, ${formatShape(x.shape)} and ${formatShape(y.shape)}`);
  }
  return matmul(x, y);
}

export interface AddmmOptions {
  /** A factor of the tensor that is added. Default 1. */
  readonly beta?: number;
  /** A factor of the product. Default 1. */
  readonly alpha?: number;
}

/** `beta · x + alpha · a b`, x broadcasting to `[M, N]`. */
export function addmm(x: Tensor, a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor {
  checkOptions("addmm", options, ["beta", "alpha"]);
  const { beta = 1, alpha = 1 } = options;
  const product = mm(a, b);
  return add(beta === 1 ? x : mul(x, beta), alpha === 1 ? product : mul(product, alpha));
}
