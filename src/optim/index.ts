/** Optimisers: PyTorch's `torch.optim`. */

export { Adadelta, type AdadeltaSettings } from "./adadelta.ts";
export { Adagrad, type AdagradSettings } from "./adagrad.ts";
export { Adam, type AdamSettings, AdamW } from "./adam.ts";
export { Adamax, type AdamaxSettings } from "./adamax.ts";
export { ASGD, type ASGDSettings } from "./asgd.ts";
export * as swaUtils from "./averaging/index.ts";
export { LBFGS, type LBFGSSettings } from "./lbfgs.ts";
export { NAdam, type NAdamSettings } from "./nadam.ts";
export { type Group, Optimizer, type ParameterGroup, type Parameters } from "./optimizer.ts";
export { RAdam, type RAdamSettings } from "./radam.ts";
export { RMSprop, type RMSpropSettings } from "./rmsprop.ts";
export { Rprop, type RpropSettings } from "./rprop.ts";
export * as lrScheduler from "./schedulers/index.ts";
export { SGD, type SGDSettings } from "./sgd.ts";
export type { OptimizerState } from "./state-dict.ts";
