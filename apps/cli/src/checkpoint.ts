/** What Ctrl-C leaves of a training in the output folder, and what `--resume` goes on from. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ForecastColumn, TrainingRuns } from "refrain/forecast";
import { DataError, fileError } from "./exit-code.ts";

export const CHECKPOINT = "checkpoint.safetensors";

/** What a checkpoint belongs to: these options on these columns. */
export function fingerprint(options: unknown, columns: readonly ForecastColumn[]): string {
  return JSON.stringify({
    options,
    columns: columns.map(({ name, values }) => [name, values.length, checksum(values)]),
  });
}

/** @throws {DataError} if there is no checkpoint in the folder, or it is damaged, or belongs to something else */
export async function loadRuns(out: string, belongsTo: string): Promise<TrainingRuns> {
  const file = join(out, CHECKPOINT);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw fileError(`cannot resume from ${file}`, error);
  }
  const loaded = loadedFrom(file, bytes);
  if (loaded.belongsTo !== belongsTo) {
    throw new DataError(
      `${file} belongs to another series or to other options; repeat the command as it was, or leave out --resume to start anew`,
    );
  }
  return loaded.runs;
}

function loadedFrom(file: string, bytes: Uint8Array) {
  try {
    return TrainingRuns.load(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DataError(`${file} is damaged (${why}); leave out --resume to start anew`);
  }
}

/** A checksum of a column (FNV-1a over its bytes), so that a checkpoint is not used for another series. */
function checksum(values: Float64Array): number {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
