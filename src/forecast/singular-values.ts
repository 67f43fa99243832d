/**
 * The singular value decomposition of a small square matrix, A = U diag(s) Vᵀ, by one-sided Jacobi rotations.
 *
 * Pairs of columns are rotated until all are orthogonal; their lengths are then s, their directions U, and the product of
 * the rotations V. Small singular values come out with high relative accuracy, which is what a ridge asks for.
 * Hestenes 1958; Demmel & Veselić 1992. No order of the singular values is promised.
 */
export interface SingularValues {
  /** `[n, n]` row by row; the columns are the left singular vectors (zero where s is 0). */
  readonly u: Float64Array;
  /** The n singular values, not sorted. */
  readonly s: Float64Array;
  /** `[n, n]` row by row; the columns are the right singular vectors. */
  readonly v: Float64Array;
}

/** @param a the matrix `[n, n]`, row by row; it is left as it is. */
export function singularValues(a: Float64Array, n: number): SingularValues {
  // Columns lie in rows here, so that a rotation walks through memory in order.
  const columns = new Float64Array(n * n);
  const rotations = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    rotations[i * n + i] = 1;
    for (let j = 0; j < n; j++) columns[j * n + i] = a[i * n + j];
  }
  const maxSweeps = 40;
  for (let sweep = 0, rotated = true; rotated && sweep < maxSweeps; sweep++) {
    rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) rotated = orthogonalise(columns, rotations, n, p, q) || rotated;
    }
  }
  const u = new Float64Array(n * n);
  const v = new Float64Array(n * n);
  const s = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    s[j] = Math.sqrt(dot(columns, j * n, j * n, n));
    for (let i = 0; i < n; i++) {
      u[i * n + j] = s[j] > 0 ? columns[j * n + i] / s[j] : 0;
      v[i * n + j] = rotations[j * n + i];
    }
  }
  return { u, s, v };
}

/** Rotates columns p and q to right angles; false if they stood so already. */
function orthogonalise(columns: Float64Array, rotations: Float64Array, n: number, p: number, q: number): boolean {
  const alpha = dot(columns, p * n, p * n, n);
  const beta = dot(columns, q * n, q * n, n);
  const gamma = dot(columns, p * n, q * n, n);
  if (gamma === 0 || Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  const sine = cosine * tangent;
  for (const matrix of [columns, rotations]) {
    for (let i = 0; i < n; i++) {
      const x = matrix[p * n + i];
      const y = matrix[q * n + i];
      matrix[p * n + i] = cosine * x - sine * y;
      matrix[q * n + i] = sine * x + cosine * y;
    }
  }
  return true;
}

function dot(a: Float64Array, x: number, y: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[x + i] * a[y + i];
  return sum;
}
