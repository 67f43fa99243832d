/** How many digits a number is shown with, so that what differs can be seen to differ. */

/**
 * Decimals for a column of numbers: four significant digits of the smallest, none for whole numbers; at most three, or six if
 * all are below 0.1.
 */
export function decimalsFor(values: Iterable<number>): number {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  let whole = true;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    whole &&= Number.isInteger(value);
    const magnitude = Math.abs(value);
    if (magnitude > 0 && magnitude < smallest) smallest = magnitude;
    if (magnitude > largest) largest = magnitude;
  }
  if (whole || smallest === Number.POSITIVE_INFINITY) return 0;
  return Math.min(largest < 0.1 ? 6 : 3, Math.max(1, 3 - Math.floor(Math.log10(smallest))));
}

/** `value` as it is drawn: seven significant digits, or null where there is nothing to draw. */
export function drawn(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : null;
}
