/** Matrix products. */

import { defineOp, type Gradients, willRecord } from "../autograd/define-op.ts";
import { allocate, allocateGradient, allocateOutput, viewOf } from "../backend/allocate.ts";
import type { Backend } from "../backend/backend.ts";
import { promote } from "../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../tensor/errors.ts";
import { broadcastShapes, elementCount, formatShape, type Shape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { sum } from "./reductions.ts";
import { expand, reshape, transpose, unsqueeze } from "./views.ts";

/** `(a [...batch, M, K], b [...batch, K, N]) → [...batch, M, N]`, the batch axes equal. */
const matmulOp = defineOp({
  name: "matmul",
  forward(kernels, a: Tensor, b: Tensor) {
    const batch = a.shape.slice(0, -2);
    const M = a.shape[a.rank - 2];
    const K = a.shape[a.rank - 1];
    const N = b.shape[b.rank - 1];
    const output = K > 0 ? allocateOutput([...batch, M, N], a.dtype) : allocate([...batch, M, N], a.dtype);
    if (K > 0 && M > 0 && N > 0) {
      if (batch.length === 0) kernels.matmul(a, b, output, null, false);
      else forEachMatrix(batch, [a, b, output], ([p, q, out]) => kernels.matmul(p, q, out, null, false));
    }
    return { output, saved: { a, b } };
  },
  backward(_, dy, { a, b }, { needs }): Gradients {
    return [
      needs[0] ? matmulOp(dy, transpose(b, -2, -1)) : null, // da = dy bᵀ
      needs[1] ? matmulOp(transpose(a, -2, -1), dy) : null, // db = aᵀ dy
    ];
  },
});

/** Calls `body` with the matrices of every batch index. */
function forEachMatrix(batch: Shape, tensors: readonly Tensor[], body: (matrices: Tensor[]) => void): void {
  const count = elementCount(batch);
  for (let n = 0; n < count; n++) {
    body(
      tensors.map((tensor) => {
        let offset = tensor.offset;
        for (let axis = batch.length - 1, rest = n; axis >= 0; axis--) {
          offset += (rest % batch[axis]) * tensor.strides[axis];
          rest = Math.floor(rest / batch[axis]);
        }
        return viewOf(tensor, tensor.shape.slice(-2), tensor.strides.slice(-2), offset);
      }),
    );
  }
}

/**
 * The matrix product, by PyTorch's rules of rank.
 * - [K] · [K] → a scalar; [M, K] · [K] → [M]; [K] · [K, N] → [N]; [M, K] · [K, N] → [M, N]
 * - more axes count batches of matrices, which broadcast: [B, M, K] · [K, N] → [B, M, N]
 * @throws {ShapeError} if the inner sizes differ, or for a 0-d tensor
 */
export function matmul(x: Tensor, y: Tensor): Tensor {
  checkTensor("matmul", x);
  checkTensor("matmul", y);
  if (x.rank === 0 || y.rank === 0) {
    throw new ShapeError(
      `matmul: needs at least one axis on both sides, got ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    );
  }
  const inner = y.shape[Math.max(y.rank - 2, 0)];
  if (x.shape[x.rank - 1] !== inner) {
    throw new ShapeError(
      `matmul: ${formatShape(x.shape)} and ${formatShape(y.shape)} do not multiply: the last axis of the first (${x.shape[x.rank - 1]}) ` +
        `must equal the ${y.rank > 1 ? "second to last" : "only"} axis of the second (${inner})`,
    );
  }
  const dtype = promote(x.dtype, y.dtype);
  if (dtype === "bool") throw new DTypeError("matmul: bool matrices do not multiply; cast them first");
  const a = cast(x, dtype);
  const b = cast(y, dtype);
  const left = a.rank === 1 ? unsqueeze(a, 0) : a;
  const right = b.rank === 1 ? unsqueeze(b, 1) : b;
  const product = product2(left, right);
  const shape = [...product.shape];
  if (y.rank === 1) shape.pop();
  if (x.rank === 1) shape.splice(y.rank === 1 ? shape.length - 1 : shape.length - 2, 1);
  return reshape(product, shape);
}

function product2(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 2 && b.rank === 2) return matmulOp(a, b);
  const [M, K] = a.shape.slice(-2);
  const N = b.shape[b.rank - 1];
  if (b.rank === 2) {
    // One large product instead of many small ones.
    const lead = a.shape.slice(0, -1);
    return reshape(matmulOp(reshape(a, [elementCount(lead), K]), b), [...lead, N]);
  }
  const batch = broadcastShapes("matmul, the axes before the matrices", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return matmulOp(expand(a, [...batch, M, K]), expand(b, [...batch, K, N]));
}

/** `(x [N, in], weight [out, in], bias [out] or null) → [N, out]`: x Wᵀ + b. */
const linearOp = defineOp({
  name: "linear",
  forward(kernels, x: Tensor, weight: Tensor, bias: Tensor | null) {
    const output = allocateOutput([x.shape[0], weight.shape[0]], x.dtype);
    kernels.matmul(
      x,
      viewOf(weight, [weight.shape[1], weight.shape[0]], [weight.strides[1], weight.strides[0]]),
      output,
      bias,
      false,
    );
    return { output, saved: { x, weight } };
  },
  givesOwn: true,
  backward(kernels, dy, { x, weight }, { needs }): Gradients {
    return [
      needs[0] ? matmulOp(dy, weight) : null,
      needs[1] ? weightGradient(kernels, dy, x) : null,
      needs[2] ? biasGradient(kernels, dy) : null,
    ];
  },
});

/** dyᵀ x: an op only where it is to be differentiated itself, which is rare. */
function weightGradient(kernels: Backend, dy: Tensor, x: Tensor): Tensor {
  if (willRecord(dy, x) || dy.elementCount === 0 || x.elementCount === 0) return matmulOp(transpose(dy, 0, 1), x);
  const out = allocateGradient([dy.shape[1], x.shape[1]], x.dtype);
  kernels.matmul(viewOf(dy, [dy.shape[1], dy.shape[0]], [dy.strides[1], dy.strides[0]]), x, out, null, false);
  return out;
}

function biasGradient(kernels: Backend, dy: Tensor): Tensor {
  if (willRecord(dy)) return sum(dy, { dim: 0 });
  const out = allocateGradient([dy.shape[1]], dy.dtype);
  kernels.reduce("sum", dy, viewOf(out, [1, dy.shape[1]], [dy.shape[1], 1]));
  return out;
}

/**
 * `x Wᵀ + b`, the product of a linear layer.
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out], or null
 * @returns [..., out]
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  checkTensor("linear", x);
  checkTensor("linear (weight)", weight);
  if (weight.rank !== 2) {
    throw new ShapeError(`linear: the weight must be [out, in], got ${formatShape(weight.shape)}`);
  }
  const [out, inner] = weight.shape;
  if (x.rank === 0 || x.shape[x.rank - 1] !== inner) {
    throw new ShapeError(
      `linear: the last axis of x must be ${inner} (the weight is ${formatShape(weight.shape)}), got ${formatShape(x.shape)}`,
    );
  }
  if (x.dtype !== weight.dtype) {
    throw new DTypeError(`linear: x is ${x.dtype} and the weight ${weight.dtype}; cast x: x.to("${weight.dtype}")`);
  }
  if (bias !== null && (bias.rank !== 1 || bias.shape[0] !== out || bias.dtype !== weight.dtype)) {
    throw new ShapeError(
      `linear: the bias must be ${weight.dtype} [${out}] (the weight is ${formatShape(weight.shape)}), got ${bias.dtype} ${formatShape(bias.shape)}`,
    );
  }
  if (x.rank === 2) return linearOp(x, weight, bias);
  const lead = x.shape.slice(0, -1);
  return reshape(linearOp(reshape(x, [elementCount(lead), inner]), weight, bias), [...lead, out]);
}

/** The dot product of two vectors. */
export function dot(x: Tensor, y: Tensor): Tensor {
  checkTensor("dot", x);
  checkTensor("dot", y);
  if (x.rank !== 1 || y.rank !== 1) {
    throw new ShapeError(
      `dot: expects two vectors, got ${formatShape(x.shape)} and ${formatShape(y.shape)}; use matmul`,
    );
  }
  if (x.shape[0] !== y.shape[0]) {
    throw new ShapeError(`dot: the vectors must be of one length, got ${x.shape[0]} and ${y.shape[0]}`);
  }
  return matmul(x, y);
}

/** The outer product of two vectors, [M] and [N] → [M, N]. */
export function outer(x: Tensor, y: Tensor): Tensor {
  checkTensor("outer", x);
  checkTensor("outer", y);
  if (x.rank !== 1 || y.rank !== 1) {
    throw new ShapeError(`outer: expects two vectors, got ${formatShape(x.shape)} and ${formatShape(y.shape)}`);
  }
  return matmul(unsqueeze(x, 1), unsqueeze(y, 0));
}
