/**
 * Does a series keep returning to one level, or does it wander?
 *
 *   KPSS = Σ_t S_t² / (n² σ²),   S_t = Σ_{i≤t} (x_i − x̄),   σ² = γ_0 + 2 Σ_{k≤l} (1 − k/(l+1)) γ_k
 *
 * Large when the partial sums drift away, as they do for trends and random walks. With l = ⌊3√n/13⌋ lags and the 5 % critical
 * value 0.463 for a level. Kwiatkowski, Phillips, Schmidt & Shin 1992.
 */
export function kpss(values: Float64Array): number {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const lags = Math.floor((3 * Math.sqrt(n)) / 13);
  let partial = 0;
  let squares = 0;
  let variance = 0;
  for (let t = 0; t < n; t++) {
    partial += values[t] - mean;
    squares += partial * partial;
    variance += (values[t] - mean) ** 2;
  }
  for (let k = 1; k <= lags; k++) {
    let covariance = 0;
    for (let t = k; t < n; t++) covariance += (values[t] - mean) * (values[t - k] - mean);
    variance += 2 * (1 - k / (lags + 1)) * covariance;
  }
  return variance > 0 ? squares / (n * variance) : 0;
}

/** True if the level looks like that of a trend or a random walk, so that differences should be modelled. */
export function wanders(values: Float64Array): boolean {
  return kpss(values) > 0.463;
}
