/**
 * Fewer points for a long line without hiding its extremes: the line is cut into equal buckets, and of each the lowest and the
 * highest point stay, in their order. Drawn a pixel or two apart, the two lines look the same.
 */

/** Lines with more points than this are thinned. */
export const MAX_POINTS = 1000;

/**
 * The indices of `y` to draw, ascending: at most `maxPoints`, always the first, the last and the highest and lowest of all.
 * A bucket without a finite value keeps one index, so that long gaps stay gaps; gaps shorter than a bucket close.
 */
export function thinOut(y: ArrayLike<number>, maxPoints: number = MAX_POINTS): number[] {
  const n = y.length;
  if (n <= maxPoints) return Array.from({ length: n }, (_, i) => i);
  const kept = [0];
  const buckets = Math.max(1, Math.floor((maxPoints - 2) / 2));
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = 1 + Math.floor((bucket * (n - 2)) / buckets);
    const end = 1 + Math.floor(((bucket + 1) * (n - 2)) / buckets);
    let low = -1;
    let high = -1;
    for (let i = start; i < end; i++) {
      if (!Number.isFinite(y[i])) continue;
      if (low < 0 || y[i] < y[low]) low = i;
      if (high < 0 || y[i] > y[high]) high = i;
    }
    if (low < 0) kept.push(start);
    else if (low === high) kept.push(low);
    else kept.push(Math.min(low, high), Math.max(low, high));
  }
  kept.push(n - 1);
  return kept;
}
