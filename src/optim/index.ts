/** Optimisers: PyTorch's `torch.optim`. */

export { Adam, type AdamSettings, AdamW } from "./adam.ts";
export { type Group, Optimizer, type OptimizerState, type ParameterGroup } from "./optimizer.ts";
export { SGD, type SGDSettings } from "./sgd.ts";
