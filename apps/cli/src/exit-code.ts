/** How a command ends: the exit code that each kind of failure has, and the one line that it prints. */

import { RefrainError } from "refrain";
import { Diverged, Interrupted } from "refrain/forecast";

export const EXIT = {
  ok: 0,
  /** A fault of ours. */
  internal: 1,
  /** An unknown or malformed option or value. */
  usage: 2,
  /** Anything about a file: missing, damaged, not a series, no place to write. */
  data: 3,
  /** The training did not converge to numbers. */
  diverged: 4,
  /** Stopped by Ctrl-C; by convention 128 + SIGINT. */
  interrupted: 130,
} as const;

/** A malformed option or value. */
export class UsageError extends RefrainError {
  override name = "UsageError";
}

/** Something about a file or folder. */
export class DataError extends RefrainError {
  override name = "DataError";
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Diverged) return EXIT.diverged;
  if (error instanceof Interrupted) return EXIT.interrupted;
  return error instanceof RefrainError ? EXIT.data : EXIT.internal;
}

/** One line for people; a fault of ours shows where it happened. */
export function messageOf(error: unknown): string {
  if (error instanceof Interrupted) return ""; // told where the checkpoint was written
  if (error instanceof RefrainError) return `refrain: ${error.message.replace(/^(forecast|compareCells): /, "")}`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `refrain: something went wrong that is a fault of Refrain's; please report it with these lines:\n${detail}`;
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission was denied",
  EPERM: "permission was denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EISDIR: "it is a folder, a file was expected",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "there is a file of that name",
  ENAMETOOLONG: "the name is too long",
};

/** A file system's error as a sentence. @param doing such as `cannot read data.csv` */
export function fileError(doing: string, error: unknown): DataError {
  const code = (error as { code?: string }).code ?? "";
  return new DataError(`${doing}: ${REASONS[code] ?? (error instanceof Error ? error.message : String(error))}`);
}
