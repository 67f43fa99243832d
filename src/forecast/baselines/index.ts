/** The baselines by name, in the order of the table. */
import { ar } from "./ar.ts";
import type { Baseline, BaselineName } from "./baseline.ts";
import { linear } from "./linear.ts";
import { drift, naive, seasonalNaive } from "./naive.ts";

export const BASELINES: Readonly<Record<BaselineName, Baseline>> = { naive, seasonalNaive, drift, linear, ar };

export const BASELINE_NAMES = Object.keys(BASELINES) as readonly BaselineName[];
