/** Data: datasets, loaders, samplers, windows, scalers, CSV. PyTorch's `torch.utils.data`, and what series need besides. */

import "../install-methods.ts";

export { type Collated, collate } from "./collate.ts";
export { ConcatDataset } from "./concat-dataset.ts";
export * from "./csv/index.ts";
export { DataLoader, type DataLoaderOptions } from "./data-loader.ts";
export { Dataset, IterableDataset } from "./dataset.ts";
export { readIdx } from "./idx.ts";
export { MinMaxScaler, type MinMaxScalerState } from "./min-max-scaler.ts";
export {
  BatchSampler,
  RandomSampler,
  type RandomSamplerOptions,
  Sampler,
  SequentialSampler,
  type Sized,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./samplers.ts";
export { Scaler, type ScalerState } from "./scaler.ts";
export { StandardScaler } from "./standard-scaler.ts";
export { randomSplit, Subset } from "./subset.ts";
export { TensorDataset, type TensorSample } from "./tensor-dataset.ts";
export { type SplitOptions, trainTestSplit } from "./train-test-split.ts";
export { WindowDataset } from "./window-dataset.ts";
export { type WindowOptions, windows } from "./windows.ts";
