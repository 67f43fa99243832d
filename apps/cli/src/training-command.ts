/** What the commands that train on a CSV have in common: they read it and say what they guessed, and they can be watched and stopped. */

import type { TrainingHooks } from "refrain/forecast";
import type { Context } from "./context.ts";
import { checkTraining, type SeriesFlags, seriesOptions, type TrainingFlags } from "./flags.ts";
import type { Interrupt } from "./interrupt.ts";
import type { Progress } from "./progress.ts";
import { readSeries, type Series } from "./read-series.ts";

interface Opened {
  readonly series: Series;
  readonly readMs: number;
  /** A line for people, unless they asked for quiet. */
  readonly say: (text: string) => void;
}

/** Reads the CSV, and says what was guessed. */
export async function openSeries(
  { process }: Context,
  flags: SeriesFlags & TrainingFlags & { readonly quiet: boolean },
  file: string,
): Promise<Opened> {
  const started = performance.now();
  checkTraining(flags);
  const series = await readSeries(file, seriesOptions(flags));
  const readMs = performance.now() - started;
  const say = (text: string) => {
    if (!flags.quiet) process.stderr.write(`${text}\n`);
  };
  for (const note of series.notes) say(note);
  return { series, readMs, say };
}

/** Shows the epochs as they come, and stops after the one in which Ctrl-C was pressed. */
export function watched(progress: Progress, interrupt: Interrupt): Required<TrainingHooks> {
  return {
    shouldStop: () => interrupt.isAsked,
    onEpoch: async (report) => {
      // Signals, that of another width among them, are delivered between two turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      progress.epoch(report);
    },
  };
}
