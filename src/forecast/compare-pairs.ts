/**
 * Which of several forecasters is better, and which differences could be chance?
 *
 * There is chance in two places, and a difference is called real only if it survives both:
 *   the test part   Diebold–Mariano on the losses at each origin, averaged over the seeds; with m pairs under test every p is
 *                   multiplied by m (Bonferroni), for m pairs are m chances of a false alarm
 *   the seeds       the ranges of RMSE do not meet. Two groups of n lie apart by chance once in (2n)! / (2 n!²) times, for n = 4 once
 *                   in 35: with fewer seeds than make that, times m, rarer than 1 in 20, nothing is concluded. A method without
 *                   seeds has one RMSE, and all seeds of the other, four at least, have to lie on one side of it.
 */

import { ArgumentError } from "../tensor/errors.ts";
import { dieboldMariano, fewestOrigins } from "./significance.ts";

/** A difference is called real if chance makes one as large in fewer than 1 of 20 families of comparisons. */
const SIGNIFICANCE = 0.05;

export interface Contender {
  /** As it stands in sentences. */
  readonly name: string;
  /** One value a seed; a single one for a method without seeds. */
  readonly rmse: readonly number[];
  /** The mean squared error at each origin, averaged over the seeds; NaN for gaps. */
  readonly losses: Float64Array;
  /** False for a method that knows no chance, such as naive. Default true. */
  readonly seeded?: boolean;
}

export interface PairComparison {
  /** By the mean of the losses. */
  readonly better: string;
  readonly worse: string;
  /** Diebold–Mariano, times the number of pairs, 1 at most. */
  readonly pValue: number;
  /** Whether the seeds of the one are all better than those of the other. */
  readonly apart: boolean;
  readonly real: boolean;
  /** All of that as a sentence without its full stop. */
  readonly text: string;
}

/** Every two of them. */
export function pairsOf<T>(all: readonly T[]): (readonly [T, T])[] {
  return all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b] as const));
}

/**
 * @param pairs   the comparisons to make, one family: give all of them at once
 * @param horizon steps of each forecast. Default 1.
 * @throws {ArgumentError} if the losses of a pair do not pair up
 */
export function comparePairs(
  pairs: readonly (readonly [Contender, Contender])[],
  horizon = 1,
): readonly PairComparison[] {
  const needed = fewestSeeds(pairs.filter((pair) => pair.every(isSeeded)).length);
  return pairs.map(([a, b]) => {
    if (a.rmse.length === 0 || b.rmse.length === 0) {
      throw new ArgumentError(`comparePairs: ${a.rmse.length === 0 ? a.name : b.name} has no RMSE; give one a seed`);
    }
    const test = dieboldMariano(a.losses, b.losses, horizon);
    const [better, worse] = test.meanDifference <= 0 ? [a, b] : [b, a];
    const pValue = Math.min(1, test.pValue * pairs.length);
    const apart = Math.max(...better.rmse) < Math.min(...worse.rmse);
    const seeds = Math.min(...[a, b].filter(isSeeded).map(({ rmse }) => rmse.length), Number.POSITIVE_INFINITY);
    const enough = seeds >= needed && test.count >= fewestOrigins(horizon);
    const real = enough && apart && pValue < SIGNIFICANCE;
    const verdict = real
      ? `${better.name} is better than ${worse.name}`
      : `${better.name} and ${worse.name}: no difference shown`;
    const reasons = [
      pValue < 0.01 ? "p < 0.01" : `p = ${pValue.toFixed(2)}`,
      ...(isSeeded(a) && isSeeded(b)
        ? [apart ? "the seeds lie apart" : "the seeds overlap"]
        : isSeeded(a) || isSeeded(b)
          ? [apart ? "all seeds agree" : "the seeds disagree"]
          : []),
      ...(seeds < needed ? ["too few seeds"] : []),
      ...(test.count < fewestOrigins(horizon) ? ["too few test forecasts"] : []),
    ];
    return { better: better.name, worse: worse.name, pValue, apart, real, text: `${verdict} (${reasons.join(", ")})` };
  });
}

/** The least n, of seeds, for which two groups of n lie apart by chance too rarely to matter, in `pairs` comparisons. */
export function fewestSeeds(pairs: number): number {
  let seeds = 1;
  // (2n choose n), from n to n + 1
  for (let ways = 2; (2 / ways) * Math.max(1, pairs) >= SIGNIFICANCE; seeds++) ways *= (4 * seeds + 2) / (seeds + 1);
  return seeds;
}

const isSeeded = ({ seeded = true }: Contender): boolean => seeded;
