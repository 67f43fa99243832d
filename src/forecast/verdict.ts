/**
 * One sentence on how good the forecast is, which admits defeat where there is one.
 *
 * It is held against the best of the simple methods. A better score counts as better only if the Diebold–Mariano test finds
 * it beyond chance, and as worth acting on only if it is more than `MARGIN` smaller.
 */

import type { BaselineName } from "./baselines/baseline.ts";
import type { Scores } from "./metrics.ts";
import { roundTo4 } from "./round.ts";
import { dieboldMariano, fewestOrigins } from "./significance.ts";

/** The least improvement on which to act, a share of the RMSE. */
const MARGIN = 0.02;

/** How the simple methods are called in sentences. */
const NAMES: Record<BaselineName, string> = {
  naive: "naive (the last value)",
  seasonalNaive: "seasonal naive",
  drift: "drift",
  linear: "the linear map of the window",
  ar: "AR(p)",
};

export interface Contestant {
  readonly scores: Scores;
  /** The mean squared error at each origin; NaN for gaps. */
  readonly losses: Float64Array;
}

export interface Verdict {
  readonly text: string;
  /** The simple method to use instead, where one is better by a margin. */
  readonly instead: BaselineName | null;
}

/**
 * @param ours      the forecast
 * @param baselines the simple methods by name
 * @param horizon   steps of each forecast
 * @param itself    the simple method that the forecast is, and why, where it is one: it is then not held against it
 */
export function verdictOn(
  ours: Contestant,
  baselines: Record<BaselineName, Contestant>,
  horizon: number,
  itself: { readonly name: BaselineName; readonly why: string } | null = null,
): Verdict {
  const names = (Object.keys(baselines) as BaselineName[]).sort(
    (a, b) => baselines[a].scores.rmse - baselines[b].scores.rmse,
  );
  const [rival] = names;
  const naive = comparison(ours, baselines.naive, horizon);
  const best = comparison(ours, baselines[rival], horizon);
  const own = roundTo4(ours.scores.rmse);
  const figures = (name: BaselineName) => `RMSE ${own} against ${roundTo4(baselines[name].scores.rmse)}`;
  const isWorse = rival !== itself?.name && best.gain <= -MARGIN;
  const loses = `loses to ${NAMES[rival]} by ${percent(-best.gain)}: use that instead`;
  const last = itself === null ? "" : ` It is ${NAMES[itself.name]} itself, ${itself.why}.`;
  if (itself?.name === "naive") {
    const end = isWorse ? `, and ${loses}` : "";
    return {
      text: `The forecast is ${NAMES.naive} itself, ${itself.why}, RMSE ${own}${end}.`,
      instead: isWorse ? rival : null,
    };
  }
  if (naive.gain <= MARGIN || naive.isChance) {
    const why =
      naive.gain <= 0
        ? `it is ${percent(-naive.gain)} worse`
        : naive.gain <= MARGIN
          ? `it is only ${percent(naive.gain)} better`
          : `the ${percent(naive.gain)} may be chance (p = ${naive.pValue.toFixed(2)})`;
    const text = `The forecast does not beat ${NAMES.naive} by a margin worth acting or trading on: ${figures("naive")}, ${why}.`;
    return { text: `${text}${last}`, instead: null };
  }
  const many = naive.isCounted ? "" : ` (${ours.losses.length} test forecasts are too few to rule out chance)`;
  const beaten = `The forecast beats ${NAMES.naive} by ${percent(naive.gain)}, ${figures("naive")}${many}`;
  const rest = () => {
    if (rival === "naive" || rival === itself?.name) return "";
    if (isWorse) return `, but ${loses}`;
    if (best.gain < MARGIN || best.isChance)
      return `; it is no better than ${NAMES[rival]} (RMSE ${roundTo4(baselines[rival].scores.rmse)})`;
    return `, and ${NAMES[rival]} by ${percent(best.gain)}`;
  };
  return { text: `${beaten}${rest()}.${last}`, instead: isWorse ? rival : null };
}

function comparison(ours: Contestant, other: Contestant, horizon: number) {
  const { pValue } = dieboldMariano(ours.losses, other.losses, horizon);
  const isCounted = ours.losses.length >= fewestOrigins(horizon);
  const equal = ours.scores.rmse === other.scores.rmse; // both 0 on a series without noise
  const gain = equal ? 0 : 1 - ours.scores.rmse / other.scores.rmse;
  return { gain, pValue, isCounted, isChance: isCounted && pValue > 0.05 };
}

/** Beyond 1000 % the digits say no more. */
const percent = (share: number): string =>
  share > 10 ? "more than 1000 %" : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
