/**
 * Which form and transform the network sees the series in: one network is trained in each candidate, and the one that does
 * best on the validation part stays. Where several cells are compared, all see the form that does best in their mean.
 * Why that matters so much: docs/decisions/forecasting.md.
 */

import { backtest } from "./backtest.ts";
import type { FormName } from "./forms.ts";
import { rmse } from "./metrics.ts";
import { roundTo4 } from "./round.ts";
import { wanders } from "./stationarity.ts";
import type { Choice, Study } from "./study.ts";
import type { Trainer } from "./trainer.ts";
import { suggestTransform, type TransformName } from "./transform.ts";

/**
 * @param trainers one for each cell that will see the form
 * @returns the choice, and a sentence on how it was made, or null if there was none to make
 */
export async function chooseForm(
  study: Study,
  trainers: readonly Trainer[],
): Promise<{ choice: Choice; note: string | null }> {
  const candidates = candidatesFor(study);
  if (candidates.length === 1) return { choice: candidates[0], note: null };
  let best: { choice: Choice; score: number } | null = null;
  for (const choice of candidates) {
    const untrained = untrainedScore(study, choice);
    let sum = 0;
    for (const trainer of trainers) sum += Math.min(...(await trainer.firstOf(choice)).validation, untrained);
    const score = sum / trainers.length;
    if (best === null || score < best.score) best = { choice, score };
  }
  const { choice, score } = best!;
  const how = `${choice.form}${choice.transform === "log" ? " of logs" : ""}`;
  const note = `The ${trainers.length === 1 ? "network sees" : "networks see"} the form "${how}", the best of ${candidates.length} on the validation part (RMSE ${roundTo4(score)}).`;
  return { choice, note };
}

/** The forms and transforms among which is chosen. */
export function candidatesFor(study: Study): Choice[] {
  const training = study.training();
  const { form, transform, horizon } = study.options;
  const seasonFits = study.season !== null && training.length >= study.window + study.season + 2 * horizon;
  // Levels of a series that wanders leave the range that was trained on: no validation part can make that safe.
  const steady = !wanders(training);
  const forms: FormName[] =
    form !== "auto"
      ? [form]
      : [...(seasonFits ? (["seasonal"] as const) : []), "last", ...(steady ? (["level"] as const) : [])];
  const transforms: TransformName[] =
    transform !== "auto"
      ? [transform]
      : suggestTransform(training, study.season) === "log"
        ? ["none", "log"]
        : ["none"];
  return forms.flatMap((each) => transforms.map((how) => study.choice(each, how)));
}

/** RMSE on the validation part of a network that answers nothing. */
function untrainedScore(study: Study, { encoder }: Choice): number {
  const { horizon } = study.options;
  const zeros = new Float64Array(horizon);
  const test = backtest(study.target, (history) => encoder.target.decode(zeros, history, history.length - 1), {
    part: study.split.validation,
    horizon,
    firstOrigin: encoder.firstOrigin,
    observed: study.observed,
  });
  return rmse(test.truth, test.forecast, test.mask);
}
