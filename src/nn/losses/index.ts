/** All losses as modules, a line each. */

export { BCELoss, type BCELossOptions } from "./bce-loss.ts";
export { BCEWithLogitsLoss, type BCEWithLogitsLossOptions } from "./bce-with-logits-loss.ts";
export { CrossEntropyLoss, type CrossEntropyLossOptions } from "./cross-entropy-loss.ts";
export { CTCLoss, type CTCLossOptions } from "./ctc-loss.ts";
export { GaussianNLLLoss, type GaussianNLLLossOptions } from "./gaussian-nll-loss.ts";
export { HuberLoss, type HuberLossOptions } from "./huber-loss.ts";
export { KLDivLoss, type KLDivLossOptions } from "./kl-div-loss.ts";
export { L1Loss } from "./l1-loss.ts";
export { type ElementLossOptions, Loss, type LossOptions, lossModule, type ReductionName } from "./loss.ts";
export { MSELoss } from "./mse-loss.ts";
export { type ClassLossOptions, NLLLoss } from "./nll-loss.ts";
export { PoissonNLLLoss, type PoissonNLLLossOptions } from "./poisson-nll-loss.ts";
export { QuantileLoss, type QuantileLossOptions } from "./quantile-loss.ts";
export { SmoothL1Loss, type SmoothL1LossOptions } from "./smooth-l1-loss.ts";
