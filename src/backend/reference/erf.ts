/**
 * The error function, to double precision: erf x = 2/√π ∫₀ˣ e^(−t²) dt.
 *
 * Maclaurin's series in the form Σ 2ⁿ x^(2n+1) / (2n+1)!! · e^(−x²), whose terms are all positive, up to |x| = 2.5; beyond it the
 * continued fraction of erfc (Abramowitz & Stegun 7.1.6 and 7.1.14), evaluated from its end.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  const gauss = Math.exp(-a * a);
  if (a <= 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * gauss * sum;
  }
  let fraction = a;
  for (let n = 60; n >= 1; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - gauss / Math.sqrt(Math.PI) / fraction);
}
