/** What optimisers have in common: groups of parameters with their own settings, and a state that can be saved. */

import { enableGrad, noGrad } from "../autograd/grad-mode.ts";
import { type ZeroGradOptions, zeroGradients } from "../nn/zero-grad.ts";
import { cast } from "../ops/cast.ts";
import { clone } from "../ops/views.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError, AutogradError, FormatError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import {
  asGroupSettings,
  asSavedSettings,
  isScalarKey,
  type Memory,
  type MemoryValue,
  type OptimizerState,
  savedMemory,
} from "./state-dict.ts";

export type { OptimizerState } from "./state-dict.ts";

/** Parameters with settings of their own; what is left out comes from the optimiser's. */
export type ParameterGroup<Settings> = { readonly params: readonly Tensor[] } & Partial<Settings>;

/** What optimisers train: parameters, or groups of them. */
export type Parameters<Settings> = Iterable<Tensor> | Iterable<ParameterGroup<Settings>>;

/** What schedules note in a group, under PyTorch's names. */
export interface ScheduleMarks {
  /** The learning rate that the schedule began with. */
  initialLr?: number;
  maxLr?: number;
  minLr?: number;
  baseMomentum?: number;
  maxMomentum?: number;
  swaLr?: number;
}

const SCHEDULE_MARKS = ["initialLr", "maxLr", "minLr", "baseMomentum", "maxMomentum", "swaLr"];

/** A group as the optimiser keeps it: change `group.lr` between steps, as schedules do. */
export type Group<Settings> = { params: Tensor[] } & ScheduleMarks & { -readonly [K in keyof Settings]: Settings[K] };

/**
 * What optimisers have in common: groups of parameters, `step`, `zeroGrad`, a state dict. As `torch.optim.Optimizer`.
 */
export abstract class Optimizer<Settings extends { lr: number }> {
  readonly paramGroups: Group<Settings>[] = [];
  /** The settings of groups that do not say otherwise. */
  readonly defaults: Settings;
  protected readonly memory = new Map<Tensor, Memory>();
  protected readonly name: string;
  /** The settings that are true or false. */
  readonly #switches: readonly string[];

  /**
   * @param name     how errors call the optimiser
   * @param params   parameters, or groups of them with settings of their own
   * @param defaults every setting with its default
   * @param options  the settings that were given
   * @throws {ArgumentError} for no parameters, a parameter named twice, an unknown option or a setting out of range
   */
  constructor(name: string, params: Parameters<Settings>, defaults: Settings, options: Partial<Settings>) {
    this.name = name;
    checkOptions(name, options, Object.keys(defaults));
    this.defaults = { ...defaults, ...options };
    this.#switches = Object.keys(defaults).filter(
      (setting) => typeof defaults[setting as keyof Settings] === "boolean",
    );
    if (params instanceof Tensor) {
      throw new ArgumentError(`${name}: params must be a list of tensors, got one tensor; write [tensor]`);
    }
    if (typeof params?.[Symbol.iterator] !== "function") {
      throw new ArgumentError(`${name}: params must be a list of tensors, such as model.parameters(), or of groups`);
    }
    const list = [...params] as (Tensor | ParameterGroup<Settings>)[];
    if (list.length === 0) {
      throw new ArgumentError(`${name}: there are no parameters to train; was it given model.parameters()?`);
    }
    const isGroup = (item: unknown): item is ParameterGroup<Settings> =>
      typeof item === "object" && item !== null && "params" in item;
    const groups = list.some(isGroup) ? list : [{ params: list }];
    for (const group of groups) {
      if (!isGroup(group)) throw new ArgumentError(`${name}: give parameters or groups { params: […] }, not both`);
      this.addParamGroup(group);
    }
  }

  /** Trains more parameters, such as those of a layer that was frozen before. */
  addParamGroup(group: ParameterGroup<Settings>): void {
    checkOptions(`${this.name}, a group`, group, ["params", ...Object.keys(this.defaults), ...SCHEDULE_MARKS]);
    const complete = { ...this.defaults, ...group, params: [...group.params] } as unknown as Group<Settings>;
    const known = new Set(this.#allParameters());
    for (const parameter of complete.params) {
      if (!(parameter instanceof Tensor)) throw new ArgumentError(`${this.name}: parameters must be tensors`);
      if (!parameter.isLeaf) {
        throw new AutogradError(
          `${this.name}: only leaves can be trained; this tensor was made by ${parameter.source?.name}`,
        );
      }
      if (known.has(parameter))
        throw new ArgumentError(`${this.name}: a parameter ${formatShape(parameter.shape)} is named twice`);
      known.add(parameter);
    }
    for (const setting of this.#switches) {
      const given = (complete as unknown as Record<string, unknown>)[setting];
      if (typeof given === "boolean") continue;
      throw new ArgumentError(`${this.name}: ${setting} must be true or false, got ${String(given)}`);
    }
    this.check(complete);
    this.paramGroups.push(complete);
  }

  #allParameters(): Tensor[] {
    return this.paramGroups.flatMap((group) => group.params);
  }

  /** Refuses settings that make no sense. */
  protected abstract check(settings: Settings): void;

  /** Updates the parameters of one group that have a gradient. The gradients are to be read now and not to be kept. */
  protected abstract update(group: Group<Settings>, parameters: Tensor[], gradients: Tensor[]): void;

  /**
   * One step along the gradients. Parameters without a gradient stay as they are.
   * @param closure computes the loss and its gradients anew; needed only by optimisers that evaluate it several times
   * @returns what `closure` returned
   */
  step<R>(closure?: () => R): R | undefined {
    const result = closure === undefined ? undefined : enableGrad(closure);
    for (const group of this.paramGroups) {
      const parameters: Tensor[] = [];
      const gradients: Tensor[] = [];
      for (const parameter of group.params) {
        const gradient = parameter.peekGrad();
        if (gradient === null) continue;
        parameter.storage.version++;
        parameters.push(parameter);
        gradients.push(gradient);
      }
      if (parameters.length > 0) this.update(group, parameters, gradients);
    }
    return result;
  }

  /** Forgets all gradients: each `grad` becomes null, or zeros with `{ setToNone: false }`. */
  zeroGrad(options?: ZeroGradOptions): void {
    for (const group of this.paramGroups) zeroGradients(group.params, options);
  }

  /** All settings and all that is remembered, in PyTorch's form and spelling. The tensors are shared: clone what must not change. */
  stateDict(): OptimizerState {
    const number = new Map(this.#allParameters().map((parameter, i) => [parameter, i]));
    const state: OptimizerState["state"] = {};
    for (const [parameter, memory] of this.memory) state[String(number.get(parameter))] = savedMemory(memory);
    const groups = this.paramGroups.map(({ params, ...settings }) => ({
      ...asSavedSettings(settings),
      params: params.map((parameter) => number.get(parameter) as number),
    }));
    return { state, param_groups: groups };
  }

  /**
   * Continues from what `stateDict` returned, here or in PyTorch; tensors are copied. Settings that only PyTorch has
   * (`foreach`, `capturable` …) are passed over.
   * @throws {FormatError} if groups or memories are of other sizes
   */
  loadStateDict(saved: OptimizerState): void {
    const sizes = (groups: readonly { params: readonly unknown[] }[]) =>
      groups.map(({ params }) => params.length).join(", ");
    if (!Array.isArray(saved?.param_groups) || typeof saved.state !== "object") {
      throw new FormatError(
        `${this.name}.loadStateDict: not the state of an optimiser: it needs state and param_groups`,
      );
    }
    if (sizes(saved.param_groups) !== sizes(this.paramGroups)) {
      throw new FormatError(
        `${this.name}.loadStateDict: the groups have ${sizes(this.paramGroups)} parameters, the saved ones ${sizes(saved.param_groups)}`,
      );
    }
    const names = [...Object.keys(this.defaults), ...SCHEDULE_MARKS];
    const settings = saved.param_groups.map((group) => asGroupSettings(group, names));
    this.paramGroups.forEach((group, i) => {
      this.check({ ...group, ...settings[i] });
    });
    const numbered = saved.param_groups.flatMap(({ params }) => params);
    const own = this.#allParameters();
    const memories = numbered.flatMap((number, i): [Tensor, Memory][] => {
      const memory = saved.state[String(number)];
      return memory === undefined ? [] : [[own[i], this.#restored(memory, own[i], i)]];
    });
    this.paramGroups.forEach((group, i) => {
      Object.assign(group, settings[i]);
    });
    this.memory.clear();
    for (const [parameter, memory] of memories) this.memory.set(parameter, memory);
  }

  #restored(saved: Readonly<Record<string, unknown>>, parameter: Tensor, number: number): Memory {
    const memory: Memory = {};
    const restore = (key: string, value: unknown): MemoryValue => {
      if (Array.isArray(value)) return value.map((each) => restore(`${key}[]`, each) as number | Tensor);
      if (!(value instanceof Tensor)) return Number(value);
      if (isScalarKey(key)) return Number(value.item());
      if (this.shapedAsParameter && !sameShape(value.shape, parameter.shape)) {
        throw new FormatError(
          `${this.name}.loadStateDict: ${key} of parameter ${number} is ${formatShape(value.shape)}, the parameter ${formatShape(parameter.shape)}`,
        );
      }
      return noGrad(() => clone(cast(value, parameter.dtype)));
    };
    for (const [key, value] of Object.entries(saved)) {
      if (value !== null && value !== undefined) memory[key] = restore(key, value);
    }
    return memory;
  }

  /** Whether the tensors that are remembered of a parameter have its shape. */
  protected get shapedAsParameter(): boolean {
    return true;
  }
}

/** @throws {ArgumentError} unless value is a number ≥ 0 (or below `limit`) */
export function checkRate(place: string, name: string, value: number, limit = Number.POSITIVE_INFINITY): void {
  if (!(typeof value === "number" && value >= 0 && value < limit)) {
    const bound = Number.isFinite(limit) ? `in [0, ${limit})` : "≥ 0";
    throw new ArgumentError(`${place}: ${name} must be a number ${bound}, got ${String(value)}`);
  }
}

/** Checks β₁ and β₂: each in [0, 1). */
export function checkBetas(place: string, betas: readonly [number, number]): void {
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new ArgumentError(`${place}: betas must be two numbers, got ${String(betas)}`);
  }
  checkRate(place, "betas[0]", betas[0], 1);
  checkRate(place, "betas[1]", betas[1], 1);
}
