/** Comparisons in sentences: only what is real is said of anybody, and of the rest that nothing is shown. */

import type { PairComparison } from "./compare-pairs.ts";

/** That there is too little to conclude anything from, as a list of none or one sentence. */
export function caveats(seeds: number, neededSeeds: number, origins: number, neededOrigins: number): string[] {
  const lacks = [
    ...(seeds < neededSeeds ? [`${seeds === 1 ? "one seed" : `${seeds} seeds`} (it takes ${neededSeeds})`] : []),
    ...(origins < neededOrigins ? [`${origins} test forecasts (it takes ${neededOrigins})`] : []),
  ];
  return lacks.length === 0 ? [] : [`Nothing can be concluded from ${lacks.join(" and ")}.`];
}

/** What the pairs of cells allow to say. */
export function conclusionOn(cells: readonly string[], pairs: readonly PairComparison[]): string {
  if (cells.length < 2) return "There is one cell, and so nothing to compare it with.";
  const real = pairs.filter((pair) => pair.real);
  if (real.length === 0) return `No difference between ${list(cells)} is shown.`;
  const winners = cells.filter((cell) => real.some(({ better }) => better === cell));
  const clauses = winners.map(
    (cell) => `${cell} is better than ${list(real.filter(({ better }) => better === cell).map(({ worse }) => worse))}`,
  );
  const rest = real.length < pairs.length ? " Between the others no difference is shown." : "";
  return `${clauses.join("; ")}.${rest}`;
}

/** What the comparisons with a simple method allow to say. */
export function conclusionAgainst(method: string, comparisons: readonly PairComparison[]): string {
  const own = comparisons.filter(({ better, worse }) => better === method || worse === method);
  const cellOf = ({ better, worse }: PairComparison) => (better === method ? worse : better);
  const of = (kind: (comparison: PairComparison) => boolean) => own.filter(kind).map(cellOf);
  const winners = of(({ real, worse }) => real && worse === method);
  const losers = of(({ real, better }) => real && better === method);
  const open = of(({ real }) => !real);
  const clauses = [
    ...(winners.length > 0 ? [`${list(winners)} ${winners.length === 1 ? "beats" : "beat"} ${method}`] : []),
    ...(losers.length > 0 ? [`${list(losers)} ${losers.length === 1 ? "loses" : "lose"} to ${method}`] : []),
    ...(open.length > 0 ? [`no difference from ${method} is shown for ${list(open)}`] : []),
  ];
  const sentence = clauses.join("; ");
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
