/** A training that goes on where it stopped, whatever stopped it: its state is in one file, which is always whole. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FormatError, RefrainError } from "refrain";
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from "refrain/io";

/** A checkpoint of another training, a file that is none, or one that cannot be written. */
export class CheckpointError extends RefrainError {
  override name = "CheckpointError";
}

/** What the losses of a training depend on, by the name of the option that decides it. */
export type Identity = Readonly<Record<string, string | number>>;

export interface Checkpoints {
  /** The last one that was saved; null if there is none. @throws {CheckpointError} if it belongs to another training */
  load(identity: Identity): Checkpoint | null;
  save(identity: Identity, checkpoint: Checkpoint): void;
}

/** For trainings that need not be resumed. */
export const NO_CHECKPOINTS: Checkpoints = { load: () => null, save() {} };

export class CheckpointFile implements Checkpoints {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  load(identity: Identity): Checkpoint | null {
    const bytes = readIfThere(this.path);
    if (bytes === null) return null;
    const checkpoint = this.#parse(bytes);
    const { identity: other = {} } = (checkpoint.extra ?? {}) as { identity?: Identity };
    for (const [name, value] of Object.entries(identity)) {
      if (other[name] === value) continue;
      throw new CheckpointError(
        `${this.path} is a checkpoint of another training: its ${name} is ${other[name] ?? "unknown"}, not ${value}; ` +
          "repeat the command as it was, or name another folder",
      );
    }
    return checkpoint;
  }

  #parse(bytes: Uint8Array): Checkpoint {
    try {
      return loadCheckpoint(bytes);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new CheckpointError(`${this.path} is no checkpoint, or damaged (${error.message}); name another folder`);
    }
  }

  save(identity: Identity, checkpoint: Checkpoint): void {
    const extra = { ...(checkpoint.extra as object), identity };
    const bytes = saveCheckpoint({ ...checkpoint, extra });
    // In one go, and under its name when it is whole: neither Ctrl-C nor a full disk leaves half a checkpoint there.
    const part = `${this.path}.part`;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      writeFileSync(part, bytes);
      renameSync(part, this.path);
    } catch (error) {
      throw new CheckpointError(`cannot write ${this.path} (${(error as Error).message})`);
    }
  }
}

function readIfThere(file: string): Uint8Array | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw new CheckpointError(`cannot read ${file} (${(error as Error).message})`);
  }
}
