/**
 * The running mean of a model's weights, which often generalises better than the last of them: SWA, or with `getEmaAvgFn` an
 * exponential mean.
 *
 *   SWA  θ̄ ← θ̄ + (θ − θ̄) / (n + 1),   EMA  θ̄ ← β θ̄ + (1 − β) θ
 *
 * The means have a state dict of their own, with PyTorch's keys (`module.…`, `n_averaged`). Polyak & Juditsky 1992; Izmailov
 * et al. 2018.
 */

import { noGrad } from "../../autograd/grad-mode.ts";
import { Module } from "../../nn/module.ts";
import { Parameter } from "../../nn/parameter.ts";
import { add, mul, sub } from "../../ops/arithmetic.ts";
import { zeros } from "../../ops/create.ts";
import { add_, copy_ } from "../../ops/in-place.ts";
import { item } from "../../ops/read.ts";
import { clone } from "../../ops/views.ts";
import { checkOptions } from "../../tensor/check-options.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** The next mean of a tensor, from the mean of `count` values so far and the current value. */
export type AverageFn = (averaged: Tensor, current: Tensor, count: number) => Tensor;

/** The mean of all: `θ̄ + (θ − θ̄) / (n + 1)`. */
export const getSwaAvgFn = (): AverageFn => (averaged, current, count) =>
  add(averaged, mul(sub(current, averaged), 1 / (count + 1)));

/**
 * The exponential mean: `β θ̄ + (1 − β) θ`.
 * @param decay β, 0 … 1. Default 0.999
 */
export function getEmaAvgFn(decay = 0.999): AverageFn {
  if (!(decay >= 0 && decay <= 1))
    throw new ArgumentError(`getEmaAvgFn: decay must be a number from 0 to 1, got ${decay}`);
  return (averaged, current) => add(mul(averaged, decay), mul(current, 1 - decay));
}

/** Takes the current values of many tensors into their means, in place. */
export type MultiAverageFn = (averaged: readonly Tensor[], current: readonly Tensor[], count: number) => void;

/** `getSwaAvgFn` for all tensors at once, in place. */
export const getSwaMultiAvgFn = (): MultiAverageFn => forEach(getSwaAvgFn());

/** `getEmaAvgFn` for all tensors at once, in place. @param decay β, 0 … 1. Default 0.999 */
export const getEmaMultiAvgFn = (decay = 0.999): MultiAverageFn => forEach(getEmaAvgFn(decay));

const forEach =
  (average: AverageFn): MultiAverageFn =>
  (averaged, current, count) => {
    averaged.forEach((mean, i) => {
      copy_(mean, average(mean, current[i], count));
    });
  };

export interface AveragedModelOptions {
  /** How the mean of each tensor is taken. Default: `getSwaAvgFn()` */
  readonly avgFn?: AverageFn;
  /** How all means are taken at once, in place; instead of avgFn. */
  readonly multiAvgFn?: MultiAverageFn;
  /** Whether buffers are averaged like weights; else the last are copied. Default false */
  readonly useBuffers?: boolean;
}

/**
 * The running mean of a model's weights, as `torch.optim.swa_utils.AveragedModel`.
 * @throws {ArgumentError} for an unknown option
 */
export class AveragedModel<M extends Module> extends Module {
  /** The means, under the names of the model's weights. */
  declare readonly module: Module;
  /** int64 []: how many weights the means are of. */
  declare readonly n_averaged: Tensor;
  readonly #model: M;
  readonly #average: MultiAverageFn;
  readonly #useBuffers: boolean;

  /**
   * @param model its weights are copied; `updateParameters` takes them in
   * @example
   * const averaged = new AveragedModel(model, { avgFn: getEmaAvgFn(0.99) });
   * for (…) { optimizer.step(); averaged.updateParameters(model); }
   * const forecast = averaged.eval().forward(x);
   */
  constructor(model: M, options: AveragedModelOptions = {}) {
    super();
    checkOptions("AveragedModel", options, ["avgFn", "multiAvgFn", "useBuffers"]);
    if (options.avgFn !== undefined && options.multiAvgFn !== undefined) {
      throw new ArgumentError("AveragedModel: avgFn and multiAvgFn say the same; give one of them");
    }
    this.#model = model;
    this.#average = options.multiAvgFn ?? forEach(options.avgFn ?? getSwaAvgFn());
    this.#useBuffers = options.useBuffers ?? false;
    this.registerBuffer("n_averaged", zeros([], { dtype: "int64" }));
    this.registerModule("module", copyOf(model));
  }

  override get moduleName(): string {
    return "AveragedModel";
  }

  /** Takes the model's present weights into the means; the first time they are the means. */
  updateParameters(model: Module): void {
    const count = item(this.n_averaged);
    noGrad(() => {
      const given = model.parameters();
      const pairs = this.module.parameters().map((mean, i) => [mean as Tensor, given[i] as Tensor] as const);
      const [means, buffers] = [this.module.buffers(), model.buffers()];
      const others = means.map((mean, i) => [mean, buffers[i]] as const);
      const averages = ([mean]: readonly [Tensor, Tensor]) => count > 0 && isFloating(mean.dtype);
      const averaged = [...pairs, ...(this.#useBuffers ? others : [])].filter(averages);
      this.#average(
        averaged.map(([mean]) => mean),
        averaged.map(([, current]) => current),
        count,
      );
      const taken = new Set(averaged.map(([mean]) => mean));
      for (const [mean, current] of [...pairs, ...others]) if (!taken.has(mean)) copy_(mean, current);
      add_(this.n_averaged, 1n);
    });
  }

  /**
   * The model's forward with the means in place of its weights, for evaluation: nothing is recorded for gradients. The
   * model's own weights are put back afterwards.
   */
  override forward(...inputs: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    return this.withMeans((model) => {
      model.train(this.training);
      return model.forward(...(inputs as never[])) as ReturnType<M["forward"]>;
    });
  }

  /**
   * Runs `work` on the model while the means stand in place of its weights. Buffers that it changes, such as running
   * statistics, are changed among the means; the model's own are put back.
   */
  withMeans<R>(work: (model: M) => R): R {
    const model = this.#model;
    const own = [...model.parameters(), ...model.buffers()];
    const means = [...this.module.parameters(), ...this.module.buffers()];
    const modes = Array.from(model.modules(), (module) => [module, module.training] as const);
    return noGrad(() => {
      const before = own.map((tensor) => clone(tensor));
      const put = (to: readonly Tensor[], values: readonly Tensor[]) => {
        to.forEach((tensor, i) => {
          copy_(tensor, values[i]);
        });
      };
      try {
        put(own, means);
        const result = work(model);
        put(this.module.buffers(), model.buffers());
        return result;
      } finally {
        put(own, before);
        for (const [module, training] of modes) module.training = training;
      }
    });
  }
}

/** Holds copies of weights under the names they have in another module. */
class WeightCopies extends Module {
  override forward(): never {
    throw new ArgumentError("AveragedModel.module holds weights alone: call the AveragedModel itself");
  }

  override get moduleName(): string {
    return "WeightCopies";
  }
}

function copyOf(model: Module): Module {
  const root = new WeightCopies();
  const saved = model.stateDict();
  const at = (path: readonly string[]): Module => {
    let place: Module = root;
    for (const name of path) {
      const fields = place as unknown as Record<string, unknown>;
      if (!Object.hasOwn(place, name)) place.registerModule(name, new WeightCopies());
      place = fields[name] as Module;
    }
    return place;
  };
  for (const [path, parameter] of model.namedParameters()) {
    const names = path.split(".");
    const copy = noGrad(() => clone(parameter));
    at(names.slice(0, -1)).registerParameter(names[names.length - 1], new Parameter(copy, parameter.requiresGrad));
  }
  for (const [path, buffer] of model.namedBuffers()) {
    const names = path.split(".");
    const persistent = Object.hasOwn(saved, path);
    at(names.slice(0, -1)).registerBuffer(
      names[names.length - 1],
      noGrad(() => clone(buffer)),
      { persistent },
    );
  }
  return root;
}
