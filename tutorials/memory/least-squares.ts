/** The coefficients a with the least ‖y − A a‖², by orthogonal columns: A = Q R (modified Gram–Schmidt), then R a = Qᵀ y from below. */

/** @param columns of A, independent of one another, each as long as y */
export function leastSquares(columns: readonly Float64Array[], y: Float64Array): Float64Array {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const without = (a: Float64Array, part: number, q: Float64Array) => a.map((value, i) => value - part * q[i]);
  const basis: Float64Array[] = [];
  const r = columns.map((column) => {
    let left = column;
    const row = basis.map((q) => {
      const part = dot(q, left);
      left = without(left, part, q);
      return part;
    });
    const length = Math.sqrt(dot(left, left));
    basis.push(left.map((value) => value / length));
    return [...row, length];
  });
  let rest = y;
  const c = basis.map((q) => {
    const part = dot(q, rest);
    rest = without(rest, part, q);
    return part;
  });
  const a = new Float64Array(columns.length);
  for (let j = columns.length - 1; j >= 0; j--) {
    let sum = c[j];
    for (let k = j + 1; k < columns.length; k++) sum -= r[k][j] * a[k];
    a[j] = sum / r[j][j];
  }
  return a;
}

/** The autoregression x_t = Σ a_k x_{t−k}, k = 1 … order, that fits a series best. */
export function autoregression(series: Float64Array, order: number): Float64Array {
  const columns = Array.from({ length: order }, (_, k) => series.subarray(order - 1 - k, series.length - 1 - k));
  return leastSquares(columns, series.subarray(order));
}

/** What an autoregression says comes after the end of a series. */
export const nextOf = (a: Float64Array, series: ArrayLike<number>): number =>
  a.reduce((sum, coefficient, k) => sum + coefficient * series[series.length - 1 - k], 0);
