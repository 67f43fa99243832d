/**
 * Trains one network with early stopping: Adam on shuffled batches, and the weights of the epoch that did best on the
 * validation part.
 *
 * A run draws everything from its own seed, so it gives the same weights whatever ran before it. It can be stopped between
 * two epochs and continued later with the same result: all that it needs is in `RunState`.
 */

import { backward } from "../../autograd/backward.ts";
import { noGrad } from "../../autograd/grad-mode.ts";
import { clipGradNorm } from "../../nn/clip-grad.ts";
import { MSELoss } from "../../nn/losses/mse-loss.ts";
import type { StateDict } from "../../nn/module.ts";
import { tensor } from "../../ops/create.ts";
import { indexSelect } from "../../ops/gather.ts";
import { item } from "../../ops/read.ts";
import { clone, detach } from "../../ops/views.ts";
import { Adam } from "../../optim/adam.ts";
import type { OptimizerState } from "../../optim/optimizer.ts";
import { RefrainError } from "../../tensor/errors.ts";
import { defaultGenerator } from "../../tensor/random/default-generator.ts";
import { Generator } from "../../tensor/random/generator.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Examples } from "./examples.ts";
import { ForecastNetwork, type NetworkShape } from "./forecast-network.ts";

export interface TrainSettings {
  /** The most epochs to train. */
  readonly epochs: number;
  /** Epochs without improvement after which training stops; null trains all epochs and keeps the last weights. */
  readonly patience: number | null;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** What an epoch tells those who watch. */
export interface EpochReport {
  readonly epoch: number;
  readonly epochs: number;
  /** Mean squared error of the epoch's batches, in the scaled units of the targets. */
  readonly trainingLoss: number;
  /** RMSE on the validation part in the data's units, or null without one. */
  readonly validation: number | null;
}

/** What a finished run leaves. */
export interface RunResult {
  readonly weights: StateDict;
  /** The epoch whose weights these are, from 1; 0: the untrained network was never beaten. */
  readonly bestEpoch: number;
  readonly trainingLoss: number[];
  readonly validation: number[];
}

/** A run in the middle: everything that the next epoch depends on. */
export interface RunState {
  readonly epoch: number;
  readonly weights: StateDict;
  readonly optimizer: OptimizerState;
  readonly generator: Uint8Array;
  readonly best: RunResult;
  readonly bestScore: number;
}

/** Training stopped on request; `state` continues it. */
export class Interrupted extends RefrainError {
  override name = "Interrupted";
  readonly state: RunState;

  constructor(state: RunState) {
    super("training was interrupted");
    this.state = state;
  }
}

/** The loss became NaN or infinite. */
export class Diverged extends RefrainError {
  override name = "Diverged";
}

export interface TrainHooks {
  /** Called after every epoch; training waits for it. */
  readonly onEpoch?: ((report: EpochReport) => void | Promise<void>) | undefined;
  /** Asked after every epoch whether to stop. */
  readonly shouldStop?: (() => boolean) | undefined;
  /** Continue from here instead of from the beginning. */
  readonly resume?: RunState | undefined;
}

/**
 * @param validate the RMSE of a network on the validation part, or null to train without one
 * @throws {Interrupted} when `shouldStop` says so
 * @throws {Diverged} when the loss is no longer finite
 */
export async function trainNetwork(
  shape: NetworkShape,
  examples: Examples,
  validate: ((network: ForecastNetwork) => number) | null,
  settings: TrainSettings,
  hooks: TrainHooks = {},
): Promise<RunResult> {
  const network = newNetwork(shape, settings.seed);
  const optimizer = new Adam(network.parameters(), { lr: settings.learningRate });
  const generator = new Generator(settings.seed);
  const lossFunction = new MSELoss();
  const count = examples.origins.length;

  let epoch = 0;
  let bestScore = validate === null ? Number.POSITIVE_INFINITY : noGrad(() => validate(network));
  let best: RunResult = { weights: copyOf(network.stateDict()), bestEpoch: 0, trainingLoss: [], validation: [] };
  if (hooks.resume !== undefined) {
    ({ epoch, best, bestScore } = hooks.resume);
    network.loadStateDict(hooks.resume.weights);
    optimizer.loadStateDict(hooks.resume.optimizer);
    generator.setState(hooks.resume.generator);
  }

  while (epoch < settings.epochs && !exhausted(epoch, best.bestEpoch, settings.patience)) {
    const order = generator.randperm(count);
    let sum = 0;
    for (let at = 0; at < count; at += settings.batchSize) {
      const rows = order.subarray(at, Math.min(at + settings.batchSize, count));
      const index = tensor(rows);
      const loss = lossFunction.forward(
        network.forward(indexSelect(examples.inputs, 0, index)),
        indexSelect(examples.targets, 0, index),
      );
      optimizer.zeroGrad();
      backward(loss);
      clipGradNorm(network.parameters(), 1);
      optimizer.step();
      sum += item(loss) * rows.length;
    }
    epoch++;
    const trainingLoss = sum / count;
    if (!Number.isFinite(trainingLoss)) {
      throw new Diverged(
        `the loss became ${trainingLoss} in epoch ${epoch}; the learning rate of ${settings.learningRate} is too high for this series`,
      );
    }
    const validation = validate === null ? null : noGrad(() => validate(network));
    best.trainingLoss.push(trainingLoss);
    if (validation !== null) best.validation.push(validation);
    if (validation === null || settings.patience === null || validation < bestScore) {
      if (validation !== null) bestScore = validation;
      best = { ...best, weights: copyOf(network.stateDict()), bestEpoch: epoch };
    }
    await hooks.onEpoch?.({ epoch, epochs: settings.epochs, trainingLoss, validation });
    if (hooks.shouldStop?.()) {
      const weights = copyOf(network.stateDict());
      throw new Interrupted({
        epoch,
        weights,
        optimizer: optimizer.stateDict(),
        generator: generator.getState(),
        best,
        bestScore,
      });
    }
  }
  return best;
}

const exhausted = (epoch: number, bestEpoch: number, patience: number | null): boolean =>
  patience !== null && epoch - bestEpoch >= patience;

/** A network with initial values from its own seed; the stream that everybody else draws from is left as it was. */
function newNetwork(shape: NetworkShape, seed: number): ForecastNetwork {
  const before = defaultGenerator.getState();
  defaultGenerator.manualSeed(seed);
  const network = new ForecastNetwork(shape);
  defaultGenerator.setState(before);
  return network;
}

/** A network with the weights of a finished run. */
export function networkOf(shape: NetworkShape, weights: StateDict): ForecastNetwork {
  const network = newNetwork(shape, 0);
  network.loadStateDict(weights);
  network.eval();
  return network;
}

function copyOf(state: StateDict): StateDict {
  const copy: StateDict = {};
  for (const [name, value] of Object.entries(state)) copy[name] = clone(detach(value)) as Tensor;
  return copy;
}
