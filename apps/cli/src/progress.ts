/** Progress on stderr: a bar on a terminal, lines elsewhere (the first epochs and every tenth), nothing when quiet. */

import type { EpochReport } from "refrain/forecast";

export interface Progress {
  epoch(report: EpochReport & { readonly run: string }): void;
  /** Leaves the line, so that something else can be printed. */
  end(): void;
}

/** Cells of the bar, as the terminal's width allows. */
const WIDEST = 24;
const NARROWEST = 6;

export function progressOn(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  if (quiet) return { epoch() {}, end() {} };
  return stream.isTTY ? bar(stream) : lines(stream);
}

function lines(stream: NodeJS.WriteStream): Progress {
  return {
    epoch({ run, epoch, epochs, trainingLoss, validation }) {
      if (epoch > 3 && epoch % 10 !== 0 && epoch < epochs) return;
      const score = validation === null ? "" : `  validation RMSE ${validation.toPrecision(5)}`;
      stream.write(`${run}  epoch ${epoch}/${epochs}  loss ${trainingLoss.toExponential(3)}${score}\n`);
    },
    end() {},
  };
}

function bar(stream: NodeJS.WriteStream): Progress {
  let shownAt = 0;
  let shown = "";
  return {
    epoch({ run, epoch, epochs, trainingLoss, validation }) {
      const now = performance.now();
      if (now - shownAt < 50 && epoch < epochs) return;
      shownAt = now;
      const parts = [`${run}  ${epoch}/${epochs}`];
      if (validation !== null) parts.push(`validation RMSE ${validation.toPrecision(5)}`);
      parts.push(`loss ${trainingLoss.toPrecision(3)}`);
      const columns = stream.columns || 80;
      const line = barLine(epoch / epochs, parts, columns - 1);
      stream.write(`${erase(shown, columns)}${line}`);
      shown = line;
    },
    end() {
      if (shown !== "") stream.write(erase(shown, stream.columns || 80));
      shown = "";
    },
  };
}

/** What takes a line away again, also where the terminal was narrowed meanwhile and has broken it over several rows. */
export function erase(line: string, columns: number): string {
  const above = Math.max(0, Math.ceil(line.length / columns) - 1);
  return `${above > 0 ? `\x1b[${above}A` : ""}\r\x1b[J`;
}

/** As many of the parts, the first ones first, as leave room for a bar in `columns` cells. */
export function barLine(done: number, parts: readonly string[], columns: number): string {
  const fitting = parts.filter((_, i) => parts.slice(0, i + 1).join("  ").length + NARROWEST + 1 <= columns);
  const text = fitting.join("  ") || parts[0];
  const width = Math.min(WIDEST, Math.max(0, columns - text.length - 1));
  const full = Math.round(width * done);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${text}`.trimStart().slice(0, columns);
}
