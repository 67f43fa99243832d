/**
 * What a memory is good for: a fully connected net against a GRU of equal parameters on four kinds of series, windowed and with the
 * state carried on; and why memory fades. See README.md beside this file.
 */

import type { TutorialContext, TutorialMetrics } from "../tutorial.ts";
import { addedPeriodsExperiment } from "./added-periods.ts";
import { decimalsExperiment } from "./decimals.ts";
import { fadingExperiment } from "./fading-gradient.ts";
import { joinedPeriodsExperiment } from "./joined-periods.ts";
import { noiseExperiment } from "./noise.ts";

const EXPERIMENTS = {
  noise: { title: "1  What cannot be foretold", run: noiseExperiment },
  decimals: { title: "2  Repeating decimals", run: decimalsExperiment },
  joined: { title: "3  Two periods joined", run: joinedPeriodsExperiment },
  added: { title: "4  Two periods added", run: addedPeriodsExperiment },
};

export async function run({ quick, seed, print, figure }: TutorialContext): Promise<TutorialMetrics> {
  const context = { quick, seed: seed ?? 1, print, figure };
  const outcomes: Record<string, object> = {};
  const marks: { mark: string; reached: boolean }[] = [];
  for (const [name, experiment] of Object.entries(EXPERIMENTS)) {
    print(experiment.title);
    const { mark, reached, ...results } = await experiment.run(context);
    print(`  mark: ${mark}: ${reached ? "reached" : "NOT reached"}\n`);
    marks.push({ mark, reached });
    outcomes[name] = { reached, ...results };
  }
  print("5  Why memory fades");
  const fading = await fadingExperiment(context);
  return {
    tutorial: "memory",
    mark: marks.map(({ mark }, i) => `(${i + 1}) ${mark}`).join("; "),
    reached: marks.every(({ reached }) => reached),
    ...outcomes,
    fading,
  };
}
