/** Optimisers, schedules and loaders handed what they cannot use: one clear error each, and nothing is taken for something else. */

import { nn, ones, optim, type Tensor, tensor } from "refrain";
import * as data from "refrain/data";
import { describe, expect, it } from "vitest";

const { lrScheduler } = optim;
const anything = (value: unknown) => value as never;
const parameter = () => tensor([1]).requiresGrad_();
const optimizer = () => new optim.SGD([parameter()], { lr: 0.1 });
const dataset = new data.TensorDataset(ones([4, 2]), ones([4]));

const refused: [string, () => unknown, string][] = [
  [
    "a model",
    () => new optim.Adam(anything(new nn.Linear(1, 1))),
    "params must be a list of tensors, such as model.par",
  ],
  ["a rate alone", () => new optim.Adam([parameter()], anything(0.1)), "options must be an object such as { lr: … }"],
  [
    "a switch that is a number",
    () => new optim.SGD([parameter()], { maximize: anything(1) }),
    "maximize must be true or",
  ],
  [
    "a switch of a group",
    () => new optim.Adam([{ params: [parameter()], amsgrad: anything("yes") }]),
    "amsgrad must be",
  ],
  [
    "factors that are no list",
    () => new optim.Rprop([parameter()], { etas: anything(0.5) }),
    "Rprop: expects a list of",
  ],
  [
    "a NaN momentum",
    () => new optim.SGD([parameter()], { momentum: Number.NaN }),
    "momentum must be a number ≥ 0, got NaN",
  ],
  ["a NaN eps", () => new optim.Adam([parameter()], { eps: Number.NaN }), "eps must be a number ≥ 0, got NaN"],
  ["no optimiser", () => new lrScheduler.StepLR(anything(0.1), 3), "the first argument must be an optimiser"],
  ["no optimiser of a plateau", () => new lrScheduler.ReduceLROnPlateau(anything({})), "must be an optimiser"],
  [
    "a size by name",
    () => new lrScheduler.StepLR(optimizer(), anything({ stepSize: 3 })),
    "stepSize must be a whole number",
  ],
  ["a NaN gamma", () => new lrScheduler.ExponentialLR(optimizer(), Number.NaN), "gamma must be a number"],
  [
    "a number for milestones",
    () => new lrScheduler.MultiStepLR(optimizer(), anything(3)),
    "expects a list of milestones",
  ],
  [
    "a number for a function",
    () => new lrScheduler.LambdaLR(optimizer(), anything(0.9)),
    "expects a list of functions",
  ],
  [
    "a schedule alone",
    () => new lrScheduler.ChainedScheduler(anything({})),
    "expects a list of at least one scheduler",
  ],
  [
    "schedules that are none",
    () => new lrScheduler.SequentialLR(optimizer(), anything(1), [2]),
    "a list of schedulers",
  ],
  [
    "rates by name",
    () => new lrScheduler.CyclicLR(optimizer(), anything({}), 1),
    "expects a list of baseLr, a number for",
  ],
  [
    "indices that are none",
    () => new data.Subset(dataset, anything(3)),
    "Subset: expects a list of indices, as [0, 2]",
  ],
  ["one dataset", () => new data.ConcatDataset(anything(null)), "ConcatDataset: expects a list of datasets"],
  ["a single length", () => data.randomSplit(dataset, anything(0.8)), "lengths are a list, as [80, 20] or [0.8, 0.2]"],
  ["a misspelt split", () => data.randomSplit(dataset, [2, 2], anything({ seed: 1 })), "there is no option seed"],
  ["a number to sample from", () => new data.RandomSampler(anything(4)), "expects a list of samples, or a Dataset"],
  [
    "no weights",
    () => new data.WeightedRandomSampler(anything(1), 2),
    "expects a list of weights, one for each sample",
  ],
  [
    "negative weights",
    () => new data.WeightedRandomSampler([1, -1], 2),
    "weights must be finite and ≥ 0, weight 1 is -1",
  ],
  [
    "NaN weights",
    () => new data.WeightedRandomSampler([Number.NaN], 2),
    "weights must be finite and ≥ 0, weight 0 is NaN",
  ],
  ["a sampler that is none", () => new data.DataLoader(dataset, { sampler: anything(3) }), "expects a list of indices"],
  [
    "a shuffle that is a text",
    () => new data.DataLoader(dataset, { shuffle: anything("no") }),
    "shuffle must be true or",
  ],
  [
    "a collate that is none",
    () => new data.DataLoader(dataset, { collate: anything({}) }),
    "collate must be a function",
  ],
  ["workers", () => new data.DataLoader(dataset, anything({ numWorkers: 2 })), "there is no option numWorkers"],
  [
    "a size alone",
    () => new data.DataLoader(dataset, anything(32)),
    "options must be an object such as { batchSize: … }",
  ],
  [
    "an array as a series",
    () => data.windows(anything([1, 2, 3]), { inputSteps: 2 }),
    "windows: expects a tensor, got an",
  ],
  [
    "an array to scale",
    () => new data.StandardScaler().fit(anything([1, 2]) as Tensor),
    "fit: expects a tensor, got an array",
  ],
];

describe("is refused, and the cure is named", () => {
  it.each(refused)("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
