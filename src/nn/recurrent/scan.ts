/**
 * A cell of one's own over a whole sequence, step by step:
 *
 *   y_t, s_t = cell(x_t, s_{t−1})
 *
 * RNN, LSTM and GRU compute this for their cells in one op and are tested against it; `scan` is for cells that they do not
 * know. It is made of single ops, so that it differentiates to any order.
 */

import { tensor } from "../../ops/create.ts";
import { indexSelect } from "../../ops/gather.ts";
import { stack, unbind } from "../../ops/join.ts";
import { reshape } from "../../ops/views.ts";
import { where } from "../../ops/where.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import { checkTensor, Tensor } from "../../tensor/tensor.ts";
import { type Lengths, lengthList } from "../packed/lengths.ts";
import { LSTMState } from "./lstm-state.ts";

/** What a cell gives: the output beside the new state, or the state alone, whose h (or itself) is then the output. */
export type CellResult<S> = readonly [output: Tensor, state: S] | S;

/** From one step of the input and a state to the next. */
export type CellStep<S> = (x: Tensor, state: S) => CellResult<S>;

/** A module, or a function, from (x, state) to [output, state] or to a state. */
export type ScanCell<S> = CellStep<S> | { forward: CellStep<S> };

export interface ScanOptions {
  /** Whether x and the output are [B, T, …] instead of [T, B, …]. Default false */
  readonly batchFirst?: boolean;
  /** Whether to run from the last step to the first; outputs stay at their steps. Default false */
  readonly reverse?: boolean;
  /**
   * Steps of each sequence of a padded batch. States stop at each sequence's own end, outputs beyond it are 0, and the
   * reverse direction starts there. All tensors of the state must then have the batch as their first axis.
   */
  readonly lengths?: Lengths;
}

/**
 * @param cell  a module such as `new LSTMCell(5, 8)`, or a function
 * @param x     [T, …], one slice for each step; [B, T, …] if batchFirst
 * @param state before the first step: a tensor, an LSTMState, or tensors nested in arrays and objects; whatever the cell takes
 * @returns the outputs of all steps, [T, …] or [B, T, …], and the state after the last
 * @example
 * const cell = new nn.LSTMCell(5, 8);
 * const [output, { h, c }] = nn.scan(cell, x, null); // x [T, B, 5] → output [T, B, 8]; h and c [B, 8]
 * @example
 * const leaky = (x: Tensor, h: Tensor) => h.mul(0.9).add(x.mul(0.1));
 * const [smooth] = nn.scan(leaky, x, zeros([B, 5]));
 */
export function scan<S>(
  cell: ScanCell<S>,
  x: Tensor,
  state: NoInfer<S> | null,
  options: ScanOptions = {},
): [output: Tensor, state: S] {
  checkOptions("scan", options, ["batchFirst", "reverse", "lengths"]);
  if (typeof cell !== "function" && typeof cell?.forward !== "function") {
    throw new ArgumentError("scan: expects a cell first, a module or a function (input, state) → output and state");
  }
  checkTensor("scan", x);
  const { batchFirst = false, reverse = false } = options;
  const timeAxis = batchFirst ? 1 : 0;
  if (x.rank <= timeAxis || x.shape[timeAxis] === 0) {
    throw new ShapeError(
      `scan: x must be ${batchFirst ? "[B, T, …]" : "[T, …]"} with at least one step, got ${formatShape(x.shape)}`,
    );
  }
  const steps = unbind(x, timeAxis);
  const lengths = options.lengths === undefined ? null : lengthsOf(options.lengths, x, batchFirst);
  if (reverse) turnRound(steps, lengths);

  const step = typeof cell === "function" ? cell : (input: Tensor, before: S) => cell.forward(input, before);
  const outputs: Tensor[] = [];
  // null stands for "no state yet", which the cells of this library take as zeros.
  let current = state as S;
  steps.forEach((input, s) => {
    let [output, next] = outputAndState(step(input, current));
    if (lengths?.some((length) => length <= s)) {
      const running = tensor(lengths.map((length) => length > s));
      output = where(rowMask(running, output), output, 0);
      next = choose(running, next, current) as S;
    }
    outputs.push(output);
    current = next;
  });
  if (reverse) turnRound(outputs, lengths);
  return [stack(outputs, timeAxis), current];
}

function lengthsOf(lengths: Lengths, x: Tensor, batchFirst: boolean): readonly number[] {
  if (x.rank < 2) throw new ShapeError(`scan: lengths need a batch axis, x is ${formatShape(x.shape)}`);
  const [B, T] = batchFirst ? x.shape : [x.shape[1], x.shape[0]];
  return lengthList("scan", lengths, B, T);
}

/** The steps of every sequence in reverse order, in place; padding stays where it is. */
function turnRound(steps: Tensor[], lengths: readonly number[] | null): void {
  if (lengths === null) {
    steps.reverse();
    return;
  }
  const B = lengths.length;
  const rows = reshape(stack(steps, 0), [steps.length * B, ...steps[0].shape.slice(1)]);
  const from = steps.flatMap((_, t) => lengths.map((length, b) => (t < length ? length - 1 - t : t) * B + b));
  const turned = indexSelect(rows, 0, tensor(from, { dtype: "int64" }));
  steps.splice(0, steps.length, ...unbind(reshape(turned, [steps.length, ...steps[0].shape])));
}

function outputAndState<S>(result: CellResult<S>): [output: Tensor, state: S] {
  if (Array.isArray(result)) {
    if (result.length !== 2 || !(result[0] instanceof Tensor)) {
      throw new ArgumentError(`scan: a cell must give [output, state] or a state, got a list of ${result.length}`);
    }
    return [result[0], result[1]];
  }
  const state = result as S;
  const output = state instanceof Tensor ? state : (state as { h?: unknown } | null)?.h;
  if (output instanceof Tensor) return [output, state];
  throw new ArgumentError("scan: the cell's state has no h that could be the output; let it give [output, state]");
}

/** `running ? next : before` for every sequence and every tensor of the state. */
function choose(running: Tensor, next: unknown, before: unknown): unknown {
  if (next instanceof Tensor) return where(rowMask(running, next), next, before as Tensor);
  if (next instanceof LSTMState) {
    const { h, c } = before as LSTMState;
    return new LSTMState(choose(running, next.h, h) as Tensor, choose(running, next.c, c) as Tensor);
  }
  if (Array.isArray(next)) return next.map((part, i) => choose(running, part, (before as unknown[])[i]));
  if (typeof next !== "object" || next === null) return next;
  const parts = Object.entries(next).map(([name, part]) => {
    return [name, choose(running, part, (before as Record<string, unknown>)[name])];
  });
  return Object.fromEntries(parts);
}

/** The mask [B] with further axes of size 1, so that it broadcasts over x [B, …]. */
function rowMask(mask: Tensor, x: Tensor): Tensor {
  if (x.rank === 0 || x.shape[0] !== mask.shape[0]) {
    throw new ShapeError(
      `scan: with lengths, outputs and states have the batch of ${mask.shape[0]} as their first axis, got ${formatShape(x.shape)}`,
    );
  }
  return reshape(mask, [mask.shape[0], ...x.shape.slice(1).map(() => 1)]);
}
