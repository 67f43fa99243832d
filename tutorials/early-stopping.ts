/**
 * Training that stops where the validation part likes the network best.
 *
 * A network that is trained for long learns the noise of its training part by heart. The validation part, which no gradient
 * comes from, tells when that begins: the weights of its best epoch are kept.
 */

import { manualSeed, nn, noGrad, optim, type Tensor } from "refrain";
import { DataLoader, TensorDataset } from "refrain/data";

type Net = nn.Module & { forward(x: Tensor): Tensor };

export interface TrainingPlan {
  readonly seed: number;
  /** Inputs and targets that gradients come from. */
  readonly training: readonly [x: Tensor, y: Tensor];
  /** Inputs and targets that tell when to stop. */
  readonly validation: readonly [x: Tensor, y: Tensor];
  /** At most so many. */
  readonly epochs: number;
  /** Windows in a batch. */
  readonly batch: number;
  /** Adam's. */
  readonly learningRate: number;
  /** Epochs without a better validation loss after which it stops. Default: as many as there are. */
  readonly patience?: number;
}

export interface Trained<N extends Net> {
  /** With the weights of the best epoch. */
  readonly model: N;
  /** The mean of the loss over each epoch. */
  readonly losses: number[];
  readonly validationLosses: number[];
  /** 1 for the first. */
  readonly bestEpoch: number;
}

/** @param make a new network; called once, after the seed is set */
export function trainWithEarlyStopping<N extends Net>(make: () => N, plan: TrainingPlan): Trained<N> {
  const mse = new nn.MSELoss();
  manualSeed(plan.seed);
  const model = make();
  const optimizer = new optim.Adam(model.parameters(), { lr: plan.learningRate });
  const loader = new DataLoader(new TensorDataset(...plan.training), { batchSize: plan.batch, shuffle: true });
  const losses: number[] = [];
  const validationLosses: number[] = [];
  let bestEpoch = 0;
  let best = model.stateDict();
  const { patience = plan.epochs } = plan;
  while (losses.length < plan.epochs && losses.length - bestEpoch < patience) {
    let sum = 0;
    for (const [x, y] of loader) {
      const loss = mse.forward(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      sum += loss.item() * x.shape[0]; // the last batch may be smaller: weigh it
    }
    losses.push(sum / plan.training[0].shape[0]);
    const validationLoss = noGrad(() => mse.forward(model.forward(plan.validation[0]), plan.validation[1])).item();
    validationLosses.push(validationLoss);
    if (bestEpoch === 0 || validationLoss < validationLosses[bestEpoch - 1]) {
      bestEpoch = losses.length;
      best = copyOf(model);
    }
  }
  model.loadStateDict(best);
  return { model, losses, validationLosses, bestEpoch };
}

/** The weights as they are now: a state dict hands out the tensors themselves, and training goes on changing them. */
function copyOf(model: nn.Module): nn.StateDict {
  return Object.fromEntries(Object.entries(model.stateDict()).map(([name, value]) => [name, value.detach().clone()]));
}
