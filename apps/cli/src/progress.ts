/** Progress on stderr: a bar on a terminal, a line for each epoch elsewhere, nothing when quiet. */

import type { EpochReport } from "refrain/forecast";

export interface Progress {
  epoch(report: EpochReport & { readonly run: string }): void;
  /** Leaves the line, so that something else can be printed. */
  end(): void;
}

const WIDTH = 24;

export function progressOn(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  if (quiet) return { epoch() {}, end() {} };
  return stream.isTTY ? bar(stream) : lines(stream);
}

function lines(stream: NodeJS.WriteStream): Progress {
  return {
    epoch({ run, epoch, epochs, trainingLoss, validation }) {
      const score = validation === null ? "" : `  validation RMSE ${validation.toPrecision(5)}`;
      stream.write(`${run}  epoch ${epoch}/${epochs}  loss ${trainingLoss.toExponential(3)}${score}\n`);
    },
    end() {},
  };
}

function bar(stream: NodeJS.WriteStream): Progress {
  let shownAt = 0;
  let open = false;
  return {
    epoch({ run, epoch, epochs, trainingLoss, validation }) {
      const now = performance.now();
      if (now - shownAt < 50 && epoch < epochs) return;
      shownAt = now;
      const done = Math.round((WIDTH * epoch) / epochs);
      const score = validation === null ? "" : `, validation RMSE ${validation.toPrecision(5)}`;
      const text = `${"█".repeat(done)}${"░".repeat(WIDTH - done)} ${run}: epoch ${epoch} of at most ${epochs}, loss ${trainingLoss.toPrecision(3)}${score}`;
      stream.write(`\r\x1b[K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
      open = true;
    },
    end() {
      if (open) stream.write("\r\x1b[K");
      open = false;
    },
  };
}
