/**
 * The orthonormal factor Q of a matrix A = Q R whose R has a positive diagonal, which makes it unique: whatever the method,
 * the same Q. By Gram and Schmidt's, applied twice, which is as exact as reflections (Giraud et al. 2005).
 */

/**
 * Turns a matrix into its orthonormal factor, in place.
 * @param a    [rows, columns], row-major
 * @param wide whether its rows are to be orthonormal instead of its columns; for fewer rows than columns
 */
export function orthonormalColumns<A extends Float32Array | Float64Array>(
  a: A,
  rows: number,
  columns: number,
  wide: boolean,
): A {
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  // Vector j as it lies in the matrix, in double precision.
  const at = (j: number, i: number) => (wide ? j * columns + i : i * columns + j);
  const vectors: Float64Array[] = [];
  for (let j = 0; j < count; j++) {
    const v = Float64Array.from({ length }, (_, i) => a[at(j, i)]);
    for (let pass = 0; pass < 2; pass++) {
      for (const q of vectors) {
        const overlap = dot(q, v);
        for (let i = 0; i < length; i++) v[i] -= overlap * q[i];
      }
    }
    const norm = Math.sqrt(dot(v, v));
    for (let i = 0; i < length; i++) {
      v[i] /= norm;
      a[at(j, i)] = v[i];
    }
    vectors.push(v);
  }
  return a;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
