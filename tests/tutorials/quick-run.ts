/** Runs a lesson as `refrain tutorial NAME --quick` does, and keeps what it printed and drew. */

import { fileURLToPath } from "node:url";
import type { Figure } from "refrain/figure";
import { DataSource, findTutorial, type TutorialMetrics } from "refrain-tutorials";

export interface QuickRun {
  readonly metrics: TutorialMetrics;
  readonly lines: readonly string[];
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  readonly figures: ReadonlyMap<string, Figure>;
  readonly animations: ReadonlyMap<string, readonly Figure[]>;
}

/** The files that ship; the only other data that tests know is in ../shared/data, beside the repository. */
export const BUNDLED_DATA = fileURLToPath(new URL("../../apps/cli/data", import.meta.url));
export const SHARED_DATA = fileURLToPath(new URL("../../../shared/data", import.meta.url));

/** @param folders where the lesson looks for its data @param options the lesson's own */
export async function quickRun(
  name: string,
  folders: readonly string[] = [BUNDLED_DATA],
  options: Readonly<Record<string, string | number>> = {},
): Promise<QuickRun> {
  const tutorial = findTutorial(name);
  if (tutorial === undefined) throw new Error(`there is no lesson "${name}"`);
  const lines: string[] = [];
  const figures = new Map<string, Figure>();
  const files = new Map<string, string | Uint8Array>();
  const animations = new Map<string, readonly Figure[]>();
  const metrics = await (await tutorial.load()).run({
    quick: true,
    seed: null,
    options,
    data: new DataSource(folders),
    print: (line) => lines.push(line),
    file: async (file, content) => {
      files.set(file, content);
    },
    figure: async (file, figure) => {
      figures.set(file, figure);
    },
    animation: async (file, frames) => {
      animations.set(file, frames);
    },
  });
  return { metrics, lines, files, figures, animations };
}
