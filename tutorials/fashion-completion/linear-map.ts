/**
 * The linear map that fits examples best: the honest opponent of a network.
 *
 *   minimise Σ ‖y − b − W x‖² + λ ‖W‖²     over the examples
 *
 * The sums of the normal equations are made batch by batch, so memory does not grow with the examples: by matrix products
 * in float32 within a batch, and in float64 from batch to batch. λ is what keeps a map of few examples from learning them by
 * heart; it weighs the less the more there are.
 */

import { cat, ones, type Tensor, tensor, zeros } from "refrain";

/** About the best on test pictures, from 300 training pictures as from 3,000: no opponent is made weaker than it is. */
const LAMBDA = 30;

export class LinearMap {
  /** [inputs, outputs] */
  readonly weight: Tensor;
  /** [outputs] */
  readonly bias: Tensor;

  private constructor(weight: Tensor, bias: Tensor) {
    this.weight = weight;
    this.bias = bias;
  }

  /** @param examples batches of x [B, inputs] and y [B, outputs] @param lambda λ above */
  static fit(examples: Iterable<readonly [x: Tensor, y: Tensor]>, lambda = LAMBDA): LinearMap {
    let sums = zeros([1, 1], { dtype: "float64" });
    let inputs = 0;
    for (const [x, y] of examples) {
      inputs = x.shape[1];
      const rows = cat([ones([x.shape[0], 1]), x, y], 1); // [B, 1 + inputs + outputs]
      sums = sums.add(rows.t().matmul(rows).double());
    }
    const size = 1 + inputs;
    const outputs = sums.shape[0] - size;
    const a = rowsOf(sums.narrow(0, 0, size).narrow(1, 0, size));
    const b = rowsOf(sums.narrow(0, 0, size).narrow(1, size, outputs));
    for (let i = 1; i < size; i++) a[i][i] += lambda;
    const [bias, ...weight] = solve(a, b);
    return new LinearMap(tensor(weight).float(), tensor(bias).float());
  }

  /** x [B, inputs] → [B, outputs] */
  forward(x: Tensor): Tensor {
    return x.matmul(this.weight).add(this.bias);
  }
}

function rowsOf(x: Tensor): Float64Array[] {
  return x.unbind(0).map((row) => row.contiguous().toTypedArray() as Float64Array);
}

/** X of A X = B for a symmetric positive A, by Cholesky's A = L Lᵀ. Changes A and B; rows are typed arrays. */
function solve(a: Float64Array[], b: Float64Array[]): Float64Array[] {
  const n = a.length;
  const subtract = (target: Float64Array, row: Float64Array, times: number): void => {
    for (let k = 0; k < target.length; k++) target[k] -= times * row[k];
  };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i][j];
      for (let k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
      a[i][j] = i === j ? Math.sqrt(sum) : sum / a[j][j];
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtract(b[i], b[j], a[i][j]);
    b[i] = b[i].map((value) => value / a[i][i]);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtract(b[i], b[j], a[j][i]);
    b[i] = b[i].map((value) => value / a[i][i]);
  }
  return b;
}
