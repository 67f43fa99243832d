/**
 * `n · x + y` rounded once, as processors do it and JavaScript does not: evenly spaced numbers then equal PyTorch's to the bit.
 *
 * Dekker 1971: the rounding errors of the product and of the sum are doubles themselves, and are added at the end.
 */
export function multiplyAdd(n: number, x: number, y: number): number {
  const product = n * x;
  const [a, b] = halves(n);
  const [c, d] = halves(x);
  const productError = b * d - (product - a * c - b * c - a * d);
  const sum = product + y;
  const added = sum - product;
  const sumError = product - (sum - added) + (y - added);
  return sum + (productError + sumError);
}

/** The upper and the lower half of a double's digits. */
function halves(x: number): readonly [number, number] {
  const shifted = x * 134217729; // 2^27 + 1
  const upper = shifted - (shifted - x);
  return [upper, x - upper];
}
