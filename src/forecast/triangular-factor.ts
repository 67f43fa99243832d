/**
 * The triangular factor R of a tall matrix A = QR, one row at a time.
 *
 * Least squares needs only R, never Q: with A = [1 | X | y], the last column of R holds Qᵀy, and
 *   R[0, j]           = √n · (mean of column j), up to a common sign
 *   R[1…, 1…]         = the factor of the centred columns
 *   Σ_{i>k} R[i, y]²  = the residual sum of squares of y on the intercept and the first k columns of X.
 * One pass therefore serves an intercept, a ridge, and every order of an autoregression at once, in memory that does not
 * grow with the rows. Householder reflections (Golub & Van Loan, Matrix Computations, algorithm 5.2.1), so the condition
 * of A is never squared, as it would be in AᵀA.
 */
export class TriangularFactor {
  readonly columns: number;
  /** Rows added so far. */
  rows = 0;
  /** Rows of `columns` numbers: the factor on top, fresh rows below. */
  readonly #buffer: Float64Array;
  readonly #capacity: number;
  #filled: number;

  constructor(columns: number) {
    this.columns = columns;
    this.#capacity = 2 * columns + 64;
    this.#buffer = new Float64Array(this.#capacity * columns);
    this.#filled = columns;
  }

  /** Adds one row of A. */
  add(row: ArrayLike<number>): void {
    if (this.#filled === this.#capacity) this.#reduce();
    this.#buffer.set(row, this.#filled * this.columns);
    this.#filled++;
    this.rows++;
  }

  /** R, upper triangular, `[columns, columns]` row by row. Rows may be added afterwards. */
  triangle(): Float64Array {
    this.#reduce();
    return this.#buffer.slice(0, this.columns * this.columns);
  }

  /** One Householder reflection a column turns the fresh rows to zero. The rows of the old triangle below the diagonal are zero already. */
  #reduce(): void {
    const a = this.#buffer;
    const n = this.columns;
    const end = this.#filled;
    for (let j = 0; j < n; j++) {
      let below = 0;
      for (let i = n; i < end; i++) below = Math.max(below, Math.abs(a[i * n + j]));
      if (below === 0) continue;
      const scale = Math.max(below, Math.abs(a[j * n + j]));
      let sum = (a[j * n + j] / scale) ** 2;
      for (let i = n; i < end; i++) sum += (a[i * n + j] / scale) ** 2;
      const norm = scale * Math.sqrt(sum);
      const alpha = a[j * n + j] > 0 ? -norm : norm;
      const head = a[j * n + j] - alpha;
      // v = [head, a[n…, j]]; H = I − β v vᵀ with β = −1 / (α · head), and H a = α e.
      const beta = -1 / (alpha * head);
      for (let k = j + 1; k < n; k++) {
        let dot = head * a[j * n + k];
        for (let i = n; i < end; i++) dot += a[i * n + j] * a[i * n + k];
        const factor = dot * beta;
        a[j * n + k] -= factor * head;
        for (let i = n; i < end; i++) a[i * n + k] -= factor * a[i * n + j];
      }
      a[j * n + j] = alpha;
      for (let i = n; i < end; i++) a[i * n + j] = 0;
    }
    this.#filled = n;
  }
}

/** The residual sum of squares of the last column on the first `k` columns, from R `[columns, columns]`. */
export function residualSumOfSquares(r: Float64Array, columns: number, k: number): number {
  let sum = 0;
  for (let i = k; i < columns; i++) sum += r[i * columns + columns - 1] ** 2;
  return sum;
}

/**
 * The least-squares coefficients of the last column on the first `k` columns, from R `[columns, columns]`.
 * A column that depends on those before it (to 1e-12 of its length) gets the coefficient 0.
 */
export function solveTriangle(r: Float64Array, columns: number, k: number): Float64Array {
  const x = new Float64Array(k);
  for (let i = k - 1; i >= 0; i--) {
    let length = 0;
    for (let row = 0; row <= i; row++) length += r[row * columns + i] ** 2;
    const diagonal = r[i * columns + i];
    if (Math.abs(diagonal) <= 1e-12 * Math.sqrt(length)) continue;
    let rest = r[i * columns + columns - 1];
    for (let j = i + 1; j < k; j++) rest -= r[i * columns + j] * x[j];
    x[i] = rest / diagonal;
  }
  return x;
}
