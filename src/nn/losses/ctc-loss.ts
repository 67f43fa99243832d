/**
 * Connectionist temporal classification: −log of the probability of all alignments of a label sequence. Graves et al. 2006.
 *
 *   l′ = blank, l₁, blank, l₂, …, blank                               [2S + 1]
 *   α_t(s) = log(e^α_{t−1}(s) + e^α_{t−1}(s−1) + e^α_{t−1}(s−2)) + x_t(l′_s)
 *            the last term only where l′_s is a label other than l′_{s−2}
 *   loss = −log(e^α_T(2S) + e^α_T(2S−1))
 *
 * Made of ops, a few for each step. An impossible alignment has the logarithm −1e30 instead of −∞, so that no gradient becomes
 * NaN: that of an infinite loss is 0 here, where PyTorch's is NaN.
 */

import { add, div, sub } from "../../ops/arithmetic.ts";
import { gt } from "../../ops/comparison.ts";
import { full, tensor } from "../../ops/create.ts";
import { gatherAlong } from "../../ops/gather.ts";
import { cat, stack } from "../../ops/join.ts";
import { readNumbers } from "../../ops/read.ts";
import { logsumexp, mean, sum } from "../../ops/reductions.ts";
import { expand, narrow, select, squeeze, unsqueeze } from "../../ops/views.ts";
import { where } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { checkTensor, Tensor } from "../../tensor/tensor.ts";
import { type LossOptions, lossModule, reduceLosses } from "./loss.ts";

export interface CTCLossOptions extends LossOptions {
  /** The class that stands for no label. Default 0 */
  readonly blank?: number;
  /** Whether the loss of a target too long for its input is 0 instead of infinite; its gradient is 0 either way. Default false */
  readonly zeroInfinity?: boolean;
}

/** Lengths, one for each sequence of the batch. */
export type Lengths = readonly number[] | Tensor | number;

const IMPOSSIBLE = -1e30;

const OPTIONS = ["reduction", "blank", "zeroInfinity"] as const;

/**
 * @param logProbs      logSoftmax of the scores, [T, N, C], or [T, C] without a batch
 * @param targets       labels, int64 [N, S], or all one after another [Σ lengths]
 * @param inputLengths  steps of each sequence, at most T
 * @param targetLengths labels of each sequence
 * @returns one number, or [N] with reduction none; `mean` divides each loss by its number of labels and averages
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CTCLossOptions = {},
): Tensor {
  checkOptions("ctcLoss", options, OPTIONS);
  const { blank = 0, zeroInfinity = false, reduction = "mean" } = options;
  checkTensor("ctcLoss (logProbs)", logProbs);
  checkTensor("ctcLoss (targets)", targets);
  if (logProbs.rank !== 2 && logProbs.rank !== 3) {
    throw new ShapeError(`ctcLoss: logProbs must be [T, N, C] or [T, C], got ${formatShape(logProbs.shape)}`);
  }
  const x = logProbs.rank === 2 ? unsqueeze(logProbs, 1) : logProbs;
  const [T, N, C] = x.shape;
  const steps = checkLengths("inputLengths", inputLengths, N, T);
  const counts = checkLengths("targetLengths", targetLengths, N, Number.POSITIVE_INFINITY);
  if (!Number.isInteger(blank) || blank < 0 || blank >= C) {
    throw new ArgumentError(`ctcLoss: blank must be a class, 0 … ${C - 1}, got ${blank}`);
  }
  const labels = readLabels(targets, counts, C, blank);
  const losses = alignmentLosses(x, labels, steps, blank);
  const impossible = gt(losses, -IMPOSSIBLE / 2);
  const finite = where(impossible, zeroInfinity ? 0 : Number.POSITIVE_INFINITY, losses);
  if (reduction === "mean") {
    return mean(
      div(
        finite,
        tensor(
          counts.map((count) => Math.max(count, 1)),
          { dtype: x.dtype },
        ),
      ),
    );
  }
  if (reduction === "sum") return sum(finite);
  return reduceLosses("ctcLoss", logProbs.rank === 2 ? squeeze(finite, 0) : finite, { reduction });
}

/** −log of the probability of each sequence's labels, [N]. */
function alignmentLosses(x: Tensor, labels: readonly number[][], steps: readonly number[], blank: number): Tensor {
  const [T, N] = x.shape;
  const longest = Math.max(...labels.map((list) => list.length));
  const width = 2 * longest + 1;
  const classAt = (list: readonly number[], s: number) => (s % 2 === 1 ? (list[(s - 1) / 2] ?? blank) : blank);
  const grid = <V>(value: (n: number, s: number) => V) =>
    labels.map((_, n) => Array.from({ length: width }, (_, s) => value(n, s)));
  const classes = tensor(
    grid((n, s) => classAt(labels[n], s)),
    { dtype: "int64" },
  );
  const maySkip = tensor(grid((n, s) => s % 2 === 1 && s > 1 && classAt(labels[n], s) !== classAt(labels[n], s - 2)));
  const isStart = tensor(grid((_, s) => s < 2));
  const impossible = (columns: number) => full([N, columns], IMPOSSIBLE, { dtype: x.dtype });

  // x_t(l′_s), [T, N, 2S + 1]
  const emitted = gatherAlong(x, 2, expand(unsqueeze(classes, 0), [T, N, width]));
  let alpha = where(isStart, select(emitted, 0, 0), IMPOSSIBLE);
  if (steps.includes(0)) {
    // Without a step there is one alignment, the empty one, of the empty target.
    const empty = tensor(
      grid((n, s) => (s === 0 && labels[n].length === 0 ? 0 : IMPOSSIBLE)),
      { dtype: x.dtype },
    );
    alpha = where(tensor(grid((n) => steps[n] === 0)), empty, alpha);
  }
  for (let t = 1; t < T; t++) {
    const ways = [alpha, shifted(alpha, 1, impossible)];
    if (width > 2) ways.push(where(maySkip, shifted(alpha, 2, impossible), IMPOSSIBLE));
    const next = add(logsumexp(stack(ways), 0), select(emitted, 0, t));
    const running = steps.map((count) => t < count);
    alpha = running.every(Boolean) ? next : where(unsqueeze(tensor(running), 1), next, alpha);
  }
  const ends = labels.map((list) => [2 * list.length, Math.max(2 * list.length - 1, 0)]);
  const last = gatherAlong(alpha, 1, tensor(ends, { dtype: "int64" }));
  // Without labels both ends are the one blank, which counts once.
  const twice = tensor(labels.map((list) => [false, list.length === 0]));
  return sub(0, logsumexp(where(twice, IMPOSSIBLE, last), 1));
}

/** Every state's value moved to the state `by` further on. */
function shifted(alpha: Tensor, by: number, impossible: (columns: number) => Tensor): Tensor {
  const width = alpha.shape[1];
  return width <= by ? impossible(width) : cat([impossible(by), narrow(alpha, 1, 0, width - by)], 1);
}

function checkLengths(name: string, lengths: Lengths, N: number, most: number): number[] {
  if (typeof lengths !== "number" && !Array.isArray(lengths) && !(lengths instanceof Tensor)) {
    throw new ArgumentError(`ctcLoss: ${name} must be a list of lengths, one a sequence, got ${String(lengths)}`);
  }
  const list =
    lengths instanceof Tensor ? readNumbers(lengths) : typeof lengths === "number" ? [lengths] : [...lengths];
  if (list.length !== N)
    throw new ShapeError(`ctcLoss: ${name} must hold ${N} lengths, one a sequence, got ${list.length}`);
  for (const length of list) {
    if (Number.isInteger(length) && length >= 0 && length <= most) continue;
    throw new ArgumentError(`ctcLoss: ${name} must be whole numbers from 0 to ${most}, got ${length}`);
  }
  return list;
}

/** The labels of every sequence, from rows of a padded target or from one row that holds them all. */
function readLabels(targets: Tensor, counts: readonly number[], C: number, blank: number): number[][] {
  const flat = readNumbers(targets);
  const total = counts.reduce((a, b) => a + b, 0);
  const padded = targets.rank === 2;
  const widest = Math.max(...counts);
  const fits = padded
    ? targets.shape[0] === counts.length && targets.shape[1] >= widest
    : targets.rank === 1 && flat.length === total;
  if (!fits) {
    throw new ShapeError(
      `ctcLoss: targets must be [${counts.length}, S] with S ≥ ${widest}, or [${total}] with all labels in a row, ` +
        `got ${formatShape(targets.shape)}`,
    );
  }
  let at = 0;
  return counts.map((count, n) => {
    const start = padded ? n * targets.shape[1] : at;
    at += count;
    const list = flat.slice(start, start + count);
    const wrong = list.find((label) => !Number.isInteger(label) || label < 0 || label >= C || label === blank);
    if (wrong === undefined) return list;
    throw new ArgumentError(
      `ctcLoss: labels are classes, 0 … ${C - 1} without the blank ${blank}; sequence ${n} has ${wrong}`,
    );
  });
}

/**
 * Connectionist temporal classification of log-probabilities [T, N, C]. Graves et al. 2006.
 * @throws {ArgumentError} for a length beyond T or a blank among the labels
 */
export class CTCLoss extends lossModule("CTCLoss", ctcLoss, OPTIONS) {}
