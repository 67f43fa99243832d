/**
 * The training runs of a forecast, by name. A finished run is never trained again, so a forecast that was interrupted can be
 * asked for once more and goes on where it stopped, with the same result.
 */

import { loadCheckpoint, saveCheckpoint } from "../io/checkpoint.ts";
import type { StateDict } from "../nn/module.ts";
import { FormatError } from "../tensor/errors.ts";
import { Interrupted, type RunResult, type RunState } from "./network/train.ts";

export class TrainingRuns {
  readonly #finished = new Map<string, RunResult>();
  #interrupted: { readonly name: string; readonly state: RunState } | null = null;

  /** The result of a run, trained by `train` unless it is known already. */
  async result(name: string, train: (resume: RunState | undefined) => Promise<RunResult>): Promise<RunResult> {
    const known = this.#finished.get(name);
    if (known !== undefined) return known;
    const resume = this.#interrupted?.name === name ? this.#interrupted.state : undefined;
    try {
      const result = await train(resume);
      this.#interrupted = null;
      this.#finished.set(name, result);
      return result;
    } catch (error) {
      if (error instanceof Interrupted) this.#interrupted = { name, state: error.state };
      throw error;
    }
  }

  /** Everything as bytes, with a note of what it belongs to. @param belongsTo plain JSON */
  save(belongsTo: unknown): Uint8Array {
    const interrupted = this.#interrupted;
    return saveCheckpoint({
      model: interrupted?.state.weights ?? {},
      ...(interrupted === null
        ? {}
        : {
            optimizer: interrupted.state.optimizer,
            generators: { batches: interrupted.state.generator },
            epoch: interrupted.state.epoch,
          }),
      extra: {
        belongsTo,
        finished: Object.fromEntries(this.#finished),
        interrupted:
          interrupted === null
            ? null
            : { name: interrupted.name, best: interrupted.state.best, bestScore: interrupted.state.bestScore },
      },
    });
  }

  /** @throws {FormatError} if the bytes are no such checkpoint */
  static load(bytes: Uint8Array): { runs: TrainingRuns; belongsTo: unknown } {
    const { model, optimizer, generators, epoch, extra } = loadCheckpoint(bytes);
    const saved = extra as SavedRuns | undefined;
    if (saved === undefined || typeof saved !== "object" || !("finished" in saved)) {
      throw new FormatError("the checkpoint does not hold the training runs of a forecast");
    }
    const runs = new TrainingRuns();
    for (const [name, result] of Object.entries(saved.finished)) runs.#finished.set(name, result);
    if (
      saved.interrupted !== null &&
      optimizer !== undefined &&
      generators?.batches !== undefined &&
      epoch !== undefined
    ) {
      const { name, best, bestScore } = saved.interrupted;
      const state: RunState = { epoch, weights: model, optimizer, generator: generators.batches, best, bestScore };
      runs.#interrupted = { name, state };
    }
    return { runs, belongsTo: saved.belongsTo };
  }
}

interface SavedRuns {
  readonly belongsTo: unknown;
  readonly finished: Record<string, RunResult & { weights: StateDict }>;
  readonly interrupted: { readonly name: string; readonly best: RunResult; readonly bestScore: number } | null;
}
