/**
 * a b + c rounded once, as the fused multiply-add of processors, from operations that round each time.
 *
 *   a b = p + e      Dekker's product: p rounded, e what rounding lost, exactly
 *   p + c = s + d    Knuth's sum, likewise
 *   a b + c ≈ s + (d + e)
 *
 * Dekker 1971; Knuth, The Art of Computer Programming 2, 4.2.2. Exact but for halfway cases of the last sum; for
 * magnitudes below 2^996.
 */
export function multiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  const productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const sum = product + c;
  const cPart = sum - product;
  const sumError = product - (sum - cPart) + (c - cPart);
  return sum + (sumError + productError);
}

/** Veltkamp's split of a double into two halves of 26 bits. */
function split(x: number): [high: number, low: number] {
  const scaled = 134217729 * x;
  const high = scaled - (scaled - x);
  return [high, x - high];
}
