/**
 * Gaps: kept as NaN, filled only from the past, counted and told. What a gap holds after filling is an input at most; a
 * mask says where it was, so that it is never scored.
 */

export interface Filled {
  /** The series with each gap holding the last value before it; leading gaps stay NaN. */
  values: Float64Array;
  /** How many values stand before the first known one: rows to drop, since only the future could fill them. */
  leadingGaps: number;
  /** How many gaps were filled. */
  filled: number;
}

/**
 * Carries the last known value forward over the gaps (NaN). The value at a step depends on the steps up to it alone.
 *
 * @example fillCausally(Float64Array.of(NaN, 1, NaN, 3)); // values NaN, 1, 1, 3; leadingGaps 1; filled 1
 */
export function fillCausally(values: ArrayLike<number>): Filled {
  const out = Float64Array.from(values);
  let last = Number.NaN;
  let leadingGaps = 0;
  let filled = 0;
  for (let step = 0; step < out.length; step++) {
    if (!Number.isNaN(out[step])) last = out[step];
    else if (Number.isNaN(last)) leadingGaps++;
    else {
      out[step] = last;
      filled++;
    }
  }
  return { values: out, leadingGaps, filled };
}

/** "3 gaps (1949-02, 1949-05 to 1949-06)": how many and where; long lists are cut short. */
export function describeGaps(missing: Uint8Array, labels: readonly string[]): string {
  const places: string[] = [];
  let count = 0;
  for (let step = 0; step < missing.length; step++) {
    if (!missing[step]) continue;
    const from = step;
    while (missing[step + 1]) step++;
    count += step - from + 1;
    places.push(from === step ? labels[from] : `${labels[from]} to ${labels[step]}`);
  }
  const shown = places.slice(0, 5).join(", ");
  return `${count} ${count === 1 ? "gap" : "gaps"} (${shown}${places.length > 5 ? ", …" : ""})`;
}
