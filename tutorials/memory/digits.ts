/** Digits that are computed: of π, and of fractions. */

/**
 * The first digits of π, 3 included.
 *
 *   π = 3 + 1/60 · (8 + 2·3/(7·8·3) · (13 + 3·5/(10·11·3) · (18 + …)))
 *
 * A spigot: the series as a chain of linear fractional maps in whole numbers; a digit comes out as soon as the rest of the
 * series cannot change it. Gibbons 2006, with the series of Gosper.
 */
export function piDigits(count: number): number[] {
  const digits: number[] = [];
  let [q, r, t] = [1n, 180n, 60n];
  for (let i = 2n; digits.length < count; i++) {
    const u = 3n * (3n * i + 1n) * (3n * i + 2n);
    const y = (q * (27n * i - 12n) + 5n * r) / (5n * t);
    digits.push(Number(y));
    [q, r, t] = [10n * q * i * (2n * i - 1n), 10n * u * (q * (5n * i - 2n) + r - y * t), t * u];
  }
  return digits;
}

/** The first digits of 1/denominator after the point, by long division: a remainder, ten times, divided. */
export function fractionDigits(denominator: number, count: number): number[] {
  let remainder = 1;
  return Array.from({ length: count }, () => {
    const dividend = 10 * remainder;
    remainder = dividend % denominator;
    return (dividend - remainder) / denominator;
  });
}
