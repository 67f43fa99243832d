/** What optimisers have in common: groups of parameters with their own settings, and a state that can be saved. */

import { zeroGradients } from "../nn/zero-grad.ts";
import { ArgumentError, AutogradError, FormatError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Parameters with settings of their own; what is left out comes from the optimiser's. */
export type ParameterGroup<Settings> = { readonly params: readonly Tensor[] } & Partial<Settings>;

/** A group as the optimiser keeps it: change `group.lr` between steps, as schedules do. */
export type Group<Settings> = { params: Tensor[] } & { -readonly [K in keyof Settings]: Settings[K] };

/** Parameters, by their order, and what the optimiser remembers of each. */
export interface OptimizerState {
  readonly state: Record<string, Record<string, number | Tensor>>;
  readonly paramGroups: readonly Record<string, unknown>[];
}

/** What an optimiser remembers of one parameter. */
export type Memory = Record<string, number | Tensor>;

export abstract class Optimizer<Settings extends { lr: number }> {
  readonly paramGroups: Group<Settings>[];
  protected readonly memory = new Map<Tensor, Memory>();
  readonly #name: string;

  constructor(name: string, params: Iterable<Tensor> | Iterable<ParameterGroup<Settings>>, defaults: Settings) {
    this.#name = name;
    const list = [...params] as (Tensor | ParameterGroup<Settings>)[];
    if (list.length === 0) {
      throw new ArgumentError(`${name}: there are no parameters to train; was it given model.parameters()?`);
    }
    const groups: readonly ParameterGroup<Settings>[] =
      list[0] instanceof Tensor
        ? [{ params: list } as unknown as ParameterGroup<Settings>]
        : (list as ParameterGroup<Settings>[]);
    this.paramGroups = groups.map((group) => this.#complete(group, defaults));
  }

  #complete(group: ParameterGroup<Settings>, defaults: Settings): Group<Settings> {
    const complete = { ...defaults, ...group, params: [...group.params] } as unknown as Group<Settings>;
    for (const parameter of complete.params) {
      if (!(parameter instanceof Tensor)) throw new ArgumentError(`${this.#name}: parameters must be tensors`);
      if (!parameter.isLeaf) {
        throw new AutogradError(
          `${this.#name}: only leaves can be trained; this tensor was made by ${parameter.source?.name}`,
        );
      }
    }
    this.check(complete);
    return complete;
  }

  /** Refuses settings that make no sense. */
  protected abstract check(settings: Settings): void;

  /** Updates the parameters of one group that have a gradient. */
  protected abstract update(group: Group<Settings>, parameters: Tensor[], gradients: Tensor[]): void;

  /**
   * One step along the gradients. Parameters without a gradient stay as they are.
   * @param closure computes the loss and its gradients anew; needed only by optimisers that evaluate it several times
   * @returns what `closure` returned
   */
  step<R>(closure?: () => R): R | undefined {
    const result = closure?.();
    for (const group of this.paramGroups) {
      const parameters = group.params.filter((parameter) => parameter.grad !== null);
      if (parameters.length === 0) continue;
      for (const parameter of parameters) parameter.storage.version++;
      this.update(
        group,
        parameters,
        parameters.map((parameter) => parameter.grad as Tensor),
      );
    }
    return result;
  }

  /** Forgets all gradients: each `grad` becomes null. */
  zeroGrad(): void {
    for (const group of this.paramGroups) zeroGradients(group.params);
  }

  /** All settings and all that is remembered, with parameters numbered in order. */
  stateDict(): OptimizerState {
    const all = this.paramGroups.flatMap((group) => group.params);
    const number = new Map(all.map((parameter, i) => [parameter, i]));
    const state: OptimizerState["state"] = {};
    for (const [parameter, memory] of this.memory) state[String(number.get(parameter))] = { ...memory };
    return {
      state,
      paramGroups: this.paramGroups.map(({ params, ...settings }) => ({
        ...settings,
        params: params.map((parameter) => number.get(parameter)),
      })),
    };
  }

  /** Continues from what `stateDict` returned. @throws {FormatError} if the groups are of other sizes */
  loadStateDict(state: OptimizerState): void {
    const sizes = (groups: readonly { params?: unknown }[]) =>
      groups.map(({ params }) => (params as unknown[]).length).join(", ");
    if (sizes(state.paramGroups) !== sizes(this.paramGroups)) {
      throw new FormatError(
        `${this.#name}.loadStateDict: the groups have ${sizes(this.paramGroups)} parameters, the saved ones ${sizes(state.paramGroups)}`,
      );
    }
    this.paramGroups.forEach((group, i) => {
      const { params: _, ...settings } = state.paramGroups[i];
      Object.assign(group, settings);
    });
    const all = this.paramGroups.flatMap((group) => group.params);
    this.memory.clear();
    for (const [number, memory] of Object.entries(state.state)) this.memory.set(all[Number(number)], { ...memory });
  }
}

/** @throws {ArgumentError} unless value is a number ≥ 0 (or below `limit`) */
export function checkRate(place: string, name: string, value: number, limit = Number.POSITIVE_INFINITY): void {
  if (!(value >= 0 && value < limit)) {
    const bound = Number.isFinite(limit) ? `in [0, ${limit})` : "≥ 0";
    throw new ArgumentError(`${place}: ${name} must be a number ${bound}, got ${String(value)}`);
  }
}
