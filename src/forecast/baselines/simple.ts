/** Simple methods made again from what was saved of them. */

import { autoregressionFrom } from "./ar.ts";
import type { FittedBaseline, SimpleState } from "./baseline.ts";
import { driftFrom, naiveFrom, seasonalNaiveFrom } from "./naive.ts";

export function simpleFrom(state: SimpleState): FittedBaseline {
  switch (state.name) {
    case "naive":
      return naiveFrom();
    case "seasonalNaive":
      return seasonalNaiveFrom(state.season);
    case "drift":
      return driftFrom(state.slope);
    case "ar":
      return autoregressionFrom(state);
  }
}

/** Rows up to and with the origin that a forecast reads. */
export function rowsRead(state: SimpleState): number {
  if (state.name === "seasonalNaive") return state.season;
  if (state.name === "ar") return Math.max(1, state.coefficients.length) + (state.differenced ? 1 : 0);
  return 1;
}
