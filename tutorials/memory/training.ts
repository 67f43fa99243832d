/**
 * Two ways to teach a series, and to ask what was learnt.
 *
 *   windowed  the series is cut into windows that overlap; each begins from a state of zeros
 *   carried   the series is read once from its beginning to its end, chunk after chunk; the state of one chunk is where the next
 *             begins, cut off from the graph (`detach`), so gradients reach back to the chunk's first step and no further
 */

import { type nn, noGrad, optim, type Tensor } from "refrain";
import { DataLoader, TensorDataset } from "refrain/data";
import type { GRUNet } from "./nets.ts";

/** A question and its answer at every step. */
export interface Sequence {
  /** [N, I] */
  readonly inputs: Tensor;
  /** Values [N, O], or classes [N] */
  readonly targets: Tensor;
}

export interface Training {
  /** Of outputs [B, O] and their targets. */
  readonly loss: (outputs: Tensor, targets: Tensor) => Tensor;
  /** Steps of the optimiser. */
  readonly updates: number;
  /** Adam's at the beginning. */
  readonly learningRate: number;
  /** Called after each update with the number of updates so far. */
  readonly afterUpdate?: (updates: number) => void;
}

export interface WindowedTraining extends Training {
  readonly window: number;
  /** Windows in a batch. */
  readonly batch: number;
}

export interface CarriedTraining extends Training {
  /** Pieces of the series that are read side by side, as a batch. */
  readonly tracks: number;
  /** Steps of a chunk. */
  readonly chunk: number;
}

type WindowNet = nn.Module & { forward(x: Tensor): Tensor };

/** The steps `from` … `to` of a sequence. */
export const part = ({ inputs, targets }: Sequence, from: number, to: number): Sequence => ({
  inputs: inputs.slice(0, from, to),
  targets: targets.slice(0, from, to),
});

/** [N, I] → [N − W + 1, W, I] */
export const windowsOf = (inputs: Tensor, window: number): Tensor => inputs.unfold(0, window, 1).transpose(1, 2);

/** @returns the loss of each update */
export function trainWindowed(net: WindowNet, sequence: Sequence, training: WindowedTraining): number[] {
  const { window, batch, updates } = training;
  const data = new TensorDataset(
    windowsOf(sequence.inputs, window).contiguous(),
    sequence.targets.slice(0, window - 1),
  );
  const loader = new DataLoader(data, { batchSize: batch, shuffle: true, dropLast: true });
  const update = updaterOf(net, training);
  const losses: number[] = [];
  while (losses.length < updates) {
    for (const [x, y] of loader) {
      losses.push(update(net.forward(x), y));
      if (losses.length === updates) break;
    }
  }
  return losses;
}

/** @returns the loss of each update */
export function trainCarried(net: GRUNet, sequence: Sequence, training: CarriedTraining): number[] {
  const { tracks, chunk, updates } = training;
  const length = Math.floor(sequence.inputs.shape[0] / tracks);
  const sideBySide = (x: Tensor) => x.slice(0, 0, tracks * length).unflatten(0, [tracks, length]);
  const [inputs, targets] = [sideBySide(sequence.inputs), sideBySide(sequence.targets)]; // [tracks, length, …]
  const update = updaterOf(net, training);
  const losses: number[] = [];
  while (losses.length < updates) {
    let state: Tensor | null = null; // at the beginning of a track: zeros
    for (let at = 0; at + chunk <= length && losses.length < updates; at += chunk) {
      const [answers, next] = net.readOn(inputs.narrow(1, at, chunk), state); // [tracks, chunk, O]
      losses.push(update(answers.flatten(0, 1), targets.narrow(1, at, chunk).flatten(0, 1)));
      state = next.detach();
    }
  }
  return losses;
}

/** One step of Adam from outputs and targets, with a rate that falls to zero along half a cosine; it gives the loss. */
function updaterOf(net: nn.Module, { loss: lossOf, updates, learningRate, afterUpdate }: Training) {
  let done = 0;
  const optimizer = new optim.Adam(net.parameters(), { lr: learningRate });
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, updates);
  return (outputs: Tensor, targets: Tensor): number => {
    const loss = lossOf(outputs, targets);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    schedule.step();
    afterUpdate?.(++done);
    return loss.item();
  };
}

/** What a net says after each window of inputs [N, I]: [N − W + 1, O] */
export const answerWindowed = (net: WindowNet, inputs: Tensor, window: number): Tensor =>
  noGrad(() => net.forward(windowsOf(inputs, window)));

/** What a net says at each step of inputs [N, I], read from the first on with one state: [N, O] */
export const answerCarried = (net: GRUNet, inputs: Tensor): Tensor =>
  noGrad(() => net.readOn(inputs.unsqueeze(0), null)[0].squeeze(0));
