/** Quantiles by linear interpolation between order statistics, as NumPy's and PyTorch's default. */

/** The finite values, ascending. */
export function sortedFinite(values: ArrayLike<number>): number[] {
  return Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
}

/** @param sorted ascending, not empty @param q 0 … 1 */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
