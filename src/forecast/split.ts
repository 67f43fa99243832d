/**
 * The three parts of a series in time order: training, validation, test.
 *
 * Everything is fitted on the training part, chosen on the validation part, and judged once on the test part.
 * A forecast from an origin belongs to a part when **all** its targets, origin + 1 … origin + horizon, lie in that part;
 * its window may reach back into earlier parts, which are the past by then. So a part of n rows has n − horizon + 1 origins,
 * the first origin of the test part is the last validation row, and no target is scored in two parts.
 */
import { ArgumentError } from "../tensor/errors.ts";

/** Rows `[start, end)`. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

export interface Split {
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
}

export interface SplitNeeds {
  /** Rows that the window of one example takes, differences included. Default 1. */
  window?: number;
  /** Steps forecast from one origin. Default 1. */
  horizon?: number;
}

export const DEFAULT_SPLIT: readonly number[] = [0.6, 0.2, 0.2];

/**
 * @param rows  rows of the series
 * @param parts three fractions that add up to 1, or three counts that add up to `rows`. Fractions of rows are cut down to whole
 *              rows at the two borders, so the test part takes what is left over. Default 0.6, 0.2, 0.2.
 * @throws {ArgumentError} if the parts do not add up, or one is too short for the window and the horizon.
 */
export function splitRows(rows: number, parts: readonly number[] = DEFAULT_SPLIT, needs: SplitNeeds = {}): Split {
  const { window = 1, horizon = 1 } = needs;
  const shown = parts.join(",");
  if (parts.length !== 3 || parts.some((part) => !(part >= 0 && Number.isFinite(part)))) {
    throw new ArgumentError(
      `split: expected three numbers for training, validation and test, such as 0.6,0.2,0.2 or 96,24,24; got "${shown}"`,
    );
  }
  const total = parts[0] + parts[1] + parts[2];
  const counts = areCounts(parts);
  if (counts && total !== rows) {
    throw new ArgumentError(
      `split: the counts ${shown} add up to ${total}, but the series has ${rows} rows; ` +
        `did you mean ${parts[0]},${parts[1]},${rows - parts[0] - parts[1]}? (fractions such as 0.6,0.2,0.2 fit any length)`,
    );
  }
  if (!counts) checkFractions(parts);
  // 0.6 · 732 is 439.2, but 0.7 · 10 is 6.999…: a whisker keeps whole numbers whole.
  const border = (fraction: number) => Math.floor(fraction * rows + 1e-6);
  const trainEnd = counts ? parts[0] : border(parts[0]);
  const validationEnd = counts ? parts[0] + parts[1] : border(parts[0] + parts[1]);
  const split = {
    train: { start: 0, end: trainEnd },
    validation: { start: trainEnd, end: validationEnd },
    test: { start: validationEnd, end: rows },
  };
  const least = { train: window + horizon, validation: horizon, test: horizon };
  for (const name of ["train", "validation", "test"] as const) {
    const length = split[name].end - split[name].start;
    if (length >= least[name]) continue;
    const cause = name === "train" ? `window ${window} + horizon ${horizon}` : `horizon ${horizon}`;
    throw new ArgumentError(
      `split: the ${name === "train" ? "training" : name} part has ${length} of ${rows} rows, but needs at least ${least[name]} (${cause}); ` +
        `take a ${name === "train" ? "shorter window, a " : ""}shorter horizon, a larger share for this part, or a longer series`,
    );
  }
  return split;
}

function checkFractions(parts: readonly number[]): void {
  const total = parts[0] + parts[1] + parts[2];
  if (Math.abs(total - 1) <= 1e-6) return;
  throw new ArgumentError(
    `split: the fractions ${parts.join(",")} add up to ${Number(total.toFixed(6))}, not 1; give three fractions such as 0.6,0.2,0.2, or three whole counts of rows`,
  );
}

/** Whether the parts are counts of rows; else they are fractions. */
const areCounts = (parts: readonly number[]): boolean =>
  parts.every(Number.isInteger) && parts[0] + parts[1] + parts[2] > 1;

/** Reads `0.6,0.2,0.2` or `96,24,24`. @throws {ArgumentError} if it is not three numbers, or fractions that do not add up to 1. */
export function parseSplit(text: string): number[] {
  const parts = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (parts.length !== 3 || parts.some((part) => !(part >= 0 && Number.isFinite(part)))) {
    throw new ArgumentError(
      `split: expected three numbers for training, validation and test, such as 0.6,0.2,0.2 or 96,24,24; got "${text}"`,
    );
  }
  if (!areCounts(parts)) checkFractions(parts);
  return parts;
}

/**
 * The origins of a part: every row t for which t + 1 … t + horizon lie in the part.
 *
 * @param firstOrigin the earliest row that has a full window behind it; earlier origins are left out. Default 0.
 */
export function originsOf(part: Part, horizon: number, firstOrigin = 0): Int32Array {
  const first = Math.max(part.start - 1, firstOrigin);
  const count = Math.max(0, part.end - horizon - first);
  return Int32Array.from({ length: count }, (_, i) => first + i);
}
