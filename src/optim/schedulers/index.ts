/** Schedules of the learning rate: PyTorch's `torch.optim.lr_scheduler`. */

export type { AnnealStrategy } from "./annealing.ts";
export { ChainedScheduler } from "./chained-scheduler.ts";
export { ConstantLR } from "./constant-lr.ts";
export { CosineAnnealingLR } from "./cosine-annealing-lr.ts";
export { CosineAnnealingWarmRestarts } from "./cosine-annealing-warm-restarts.ts";
export { CyclicLR, type CyclicLROptions } from "./cyclic-lr.ts";
export { ExponentialLR } from "./exponential-lr.ts";
export { LambdaLR, type LRLambda } from "./lambda-lr.ts";
export { LinearLR } from "./linear-lr.ts";
export { LRScheduler, type LRSchedulerOptions, type ScheduledOptimizer } from "./lr-scheduler.ts";
export { MultiStepLR } from "./multi-step-lr.ts";
export { MultiplicativeLR } from "./multiplicative-lr.ts";
export { OneCycleLR, type OneCycleLROptions } from "./one-cycle-lr.ts";
export { PolynomialLR } from "./polynomial-lr.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./reduce-lr-on-plateau.ts";
export type { SchedulerState } from "./schedule-state.ts";
export { SequentialLR } from "./sequential-lr.ts";
export { StepLR } from "./step-lr.ts";
export { SWALR, type SWALROptions } from "./swa-lr.ts";
