/**
 * The base of every layer and network. Parameters and submodules are simply the fields of the object, in the order in which
 * they were assigned; their names make the keys of the state dict.
 *
 * Fields declared `#private` are invisible here, as to everybody outside the class: keep parameters and submodules in
 * ordinary fields. Plain arrays, maps and objects of modules or parameters are refused, since their members would not be
 * trained: `ModuleList`, `ModuleDict` and `ParameterList` give the members names.
 *
 * `forward` is the bare computation, and calling it is the ordinary way to run a module. `call` runs it with the hooks
 * around it; containers call their members so.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { checkDevice, type Device } from "../backend/device.ts";
import { cast } from "../ops/cast.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { DTYPES, type DType, isFloating } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";
import {
  addHook,
  type ForwardHook,
  type ForwardPreHook,
  type FullBackwardHook,
  type FullBackwardPreHook,
  type HookHandle,
  ModuleHooks,
} from "./hooks.ts";
import { copyState, type LoadReport, type StateDict } from "./load-state-dict.ts";
import { moduleText } from "./module-text.ts";
import { Parameter } from "./parameter.ts";
import { refuseHidden } from "./refuse-hidden.ts";
import { type ZeroGradOptions, zeroGradients } from "./zero-grad.ts";

export type { LoadReport, StateDict } from "./load-state-dict.ts";

/**
 * What every layer and network extends: fields that are parameters or modules are found, saved, trained and printed.
 * As `torch.nn.Module`.
 */
export abstract class Module {
  /** Whether dropout and batch statistics act as in training. Changed by `train()` and `eval()`. */
  training = true;

  /** The names of tensors that belong to the state but are not trained, and whether they are saved. */
  readonly #buffers = new Map<string, { persistent: boolean }>();
  #hooks: ModuleHooks | null = null;

  /** From inputs to outputs: the bare computation, without hooks. Every network writes its own. */
  abstract forward(...inputs: never[]): unknown;

  /** Runs `forward` with the hooks around it; the same as `forward` where there are none. */
  call(...inputs: Parameters<this["forward"]>): ReturnType<this["forward"]> {
    const output = this.#hooks === null ? this.forward(...(inputs as never[])) : this.#hooks.run(this, inputs);
    return output as ReturnType<this["forward"]>;
  }

  /** The class name that printing shows. Override it where a minifier will run. */
  get moduleName(): string {
    return this.constructor.name;
  }

  /** What printing shows between the parentheses, beside the submodules. */
  extraRepr(): string {
    return "";
  }

  // ── what belongs to it ──────────────────────────────────────────────────────────────────────────────────────────

  /** Gives a parameter its name; the same as assigning a field. null reserves the name for none. */
  registerParameter(name: string, parameter: Parameter | null): void {
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new ArgumentError(
        `${this.moduleName}.registerParameter: "${name}" must be a Parameter or null; make one with new nn.Parameter(tensor)`,
      );
    }
    this.#setField(name, parameter);
  }

  /** Gives a submodule its name; the same as assigning a field. */
  registerModule(name: string, module: Module | null): void {
    if (module !== null && !(module instanceof Module)) {
      throw new ArgumentError(
        `${this.moduleName}.registerModule: "${name}" must be a module or null, got ${typeof module}`,
      );
    }
    this.#setField(name, module);
  }

  /**
   * A tensor that belongs to the state but is not trained, such as running statistics. It follows `to()`.
   * @param options.persistent whether the state dict holds it. Default true
   */
  registerBuffer(name: string, buffer: Tensor | null, options: { persistent?: boolean } = {}): void {
    checkOptions(`${this.moduleName}.registerBuffer`, options, ["persistent"]);
    if (buffer !== null && !(buffer instanceof Tensor)) {
      throw new ArgumentError(
        `${this.moduleName}.registerBuffer: "${name}" must be a tensor or null, got ${typeof buffer}`,
      );
    }
    this.#setField(name, buffer);
    this.#buffers.set(name, { persistent: options.persistent ?? true });
  }

  #setField(name: string, value: unknown): void {
    const taken = name in this && !Object.hasOwn(this, name);
    if (name === "" || name.includes(".") || taken) {
      const reason = taken ? "every module has a member of that name" : "a name is not empty and holds no dot";
      throw new ArgumentError(`${this.moduleName}: "${name}" cannot name a parameter, buffer or submodule: ${reason}`);
    }
    Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
  }

  /** Submodules by name, one as often as it is held. Containers that keep their members elsewhere override it. */
  protected *ownModules(): Generator<[string, Module]> {
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) yield [name, value];
      else refuseHidden(`${this.moduleName}.${name}`, value, (member) => member instanceof Module);
    }
  }

  *#ownParameters(): Generator<[string, Parameter]> {
    for (const [name, value] of Object.entries(this)) if (value instanceof Parameter) yield [name, value];
  }

  *#ownBuffers(): Generator<[string, Tensor]> {
    for (const name of this.#buffers.keys()) {
      const value = (this as unknown as Record<string, unknown>)[name];
      if (value instanceof Tensor) yield [name, value];
    }
  }

  /** Submodules by the name of their field, each once. */
  *namedChildren(): Generator<[string, Module]> {
    const seen = new Set<Module>();
    for (const [name, child] of this.ownModules()) {
      if (seen.has(child)) continue;
      seen.add(child);
      yield [name, child];
    }
  }

  *children(): Generator<Module> {
    for (const [, child] of this.namedChildren()) yield child;
  }

  /** This module and everything below it, each once, with its path. */
  *namedModules(prefix = "", seen = new Set<Module>()): Generator<[string, Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.ownModules()) yield* child.namedModules(join(prefix, name), seen);
  }

  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** Every parameter once, with its path: `rnn.weight_ih_l0`. One that is shared has the first of its paths. */
  *namedParameters(): Generator<[string, Parameter]> {
    const seen = new Set<Parameter>();
    for (const [prefix, module] of this.namedModules()) {
      for (const [name, parameter] of module.#ownParameters()) {
        if (seen.has(parameter)) continue;
        seen.add(parameter);
        yield [join(prefix, name), parameter];
      }
    }
  }

  /** What an optimiser trains. */
  parameters(): Parameter[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** Every buffer, with its path. */
  *namedBuffers(): Generator<[string, Tensor]> {
    for (const [prefix, module] of this.namedModules()) {
      for (const [name, buffer] of module.#ownBuffers()) yield [join(prefix, name), buffer];
    }
  }

  buffers(): Tensor[] {
    return Array.from(this.namedBuffers(), ([, buffer]) => buffer);
  }

  /** The submodule at a path, such as `encoder.0`; the module itself for "". @throws {ArgumentError} if there is none */
  getSubmodule(path: string): Module {
    let module: Module = this;
    for (const name of path === "" ? [] : path.split(".")) {
      const found = new Map(module.ownModules()).get(name);
      if (found === undefined) {
        throw new ArgumentError(
          `${this.moduleName}.getSubmodule("${path}"): ${module.moduleName} has no submodule ${name}; ` +
            `it has ${[...new Map(module.ownModules()).keys()].join(", ") || "none"}`,
        );
      }
      module = found;
    }
    return module;
  }

  /** The parameter at a path, such as `rnn.weight_ih_l0`. @throws {ArgumentError} if there is none */
  getParameter(path: string): Parameter {
    return this.#member("getParameter", path, (module) => module.#ownParameters());
  }

  /** The buffer at a path. @throws {ArgumentError} if there is none */
  getBuffer(path: string): Tensor {
    return this.#member("getBuffer", path, (module) => module.#ownBuffers());
  }

  #member<T>(place: string, path: string, membersOf: (module: Module) => Iterable<[string, T]>): T {
    const dot = path.lastIndexOf(".");
    const module = this.getSubmodule(path.slice(0, Math.max(dot, 0)));
    const members = new Map(membersOf(module));
    const found = members.get(path.slice(dot + 1));
    if (found !== undefined) return found;
    throw new ArgumentError(
      `${this.moduleName}.${place}("${path}"): ${module.moduleName} has no ${path.slice(dot + 1)}; ` +
        `it has ${[...members.keys()].join(", ") || "none"}`,
    );
  }

  // ── its state ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Parameters and persistent buffers by path; what is shared stands under each of its paths. They share storage with the
   * module: clone what must not change.
   */
  stateDict(): StateDict {
    const state: StateDict = {};
    this.#writeState(state, "");
    return state;
  }

  #writeState(state: StateDict, prefix: string): void {
    for (const [name, parameter] of this.#ownParameters()) state[join(prefix, name)] = parameter;
    for (const [name, buffer] of this.#ownBuffers()) {
      if (this.#buffers.get(name)?.persistent) state[join(prefix, name)] = buffer;
    }
    for (const [name, child] of this.ownModules()) child.#writeState(state, join(prefix, name));
  }

  /**
   * Copies the values of a state dict into this module; dtypes are cast. Nothing is changed if anything does not fit.
   * @param options.strict whether missing and unexpected keys are errors. Default true
   * @throws {FormatError} naming the keys that are missing or unexpected
   * @throws {ShapeError} naming the parameters whose shapes differ
   */
  loadStateDict(state: StateDict, options: { strict?: boolean } = {}): LoadReport {
    checkOptions(`${this.moduleName}.loadStateDict`, options, ["strict"]);
    if (typeof state !== "object" || state === null) {
      throw new ArgumentError(
        `${this.moduleName}.loadStateDict: expects a state dict, got ${state === null ? "null" : typeof state}`,
      );
    }
    return copyState(`${this.moduleName}.loadStateDict`, this.stateDict(), state, options.strict ?? true);
  }

  // ── what is done to all of it ───────────────────────────────────────────────────────────────────────────────────

  /** Sets this module and everything below it to training (or, with false, to evaluation), and returns it. */
  train(mode = true): this {
    if (typeof mode !== "boolean") {
      throw new ArgumentError(`${this.moduleName}.train: the mode must be true or false, got ${typeof mode}`);
    }
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets everything to evaluation: dropout rests, batch statistics are the running ones. */
  eval(): this {
    return this.train(false);
  }

  /** Calls `visit` with every submodule, innermost first, and then with this module; returns it. */
  apply(visit: (module: Module) => void): this {
    if (typeof visit !== "function") {
      throw new ArgumentError(`${this.moduleName}.apply: expects a function of a module, got ${typeof visit}`);
    }
    for (const child of this.children()) child.apply(visit);
    visit(this);
    return this;
  }

  /** Forgets all gradients: each `grad` becomes null, or zeros with `{ setToNone: false }`. */
  zeroGrad(options?: ZeroGradOptions): void {
    zeroGradients(this.parameters(), options);
  }

  /** Trains the parameters, or freezes them; returns the module. */
  requiresGrad_(value = true): this {
    if (typeof value !== "boolean") {
      throw new ArgumentError(`${this.moduleName}.requiresGrad_: the value must be true or false, got ${typeof value}`);
    }
    for (const parameter of this.parameters()) parameter.requiresGrad = value;
    return this;
  }

  /**
   * Casts every floating-point parameter, its gradient and every floating-point buffer to a dtype, or moves them to a
   * device; returns the module. Parameters stay the same objects, so optimisers go on training them.
   * @throws {DTypeError} for a dtype that is not floating-point
   * @throws {BackendError} for a device that is not available here
   */
  to(target: DType | Device | (string & {})): this {
    if (target === undefined || target === null) {
      throw new ArgumentError(
        `${this.moduleName}.to: name a dtype or a device, as to("float64"), got ${String(target)}`,
      );
    }
    if (!(DTYPES as readonly unknown[]).includes(target)) {
      checkDevice(`${this.moduleName}.to`, target);
      return this;
    }
    const dtype = target as DType;
    if (!isFloating(dtype)) {
      throw new DTypeError(`${this.moduleName}.to: parameters are floating-point: float32 or float64, got ${dtype}`);
    }
    noGrad(() => {
      for (const parameter of this.parameters()) {
        const { grad } = parameter;
        parameter.data = cast(parameter, dtype);
        if (grad !== null) parameter.grad = cast(grad, dtype);
      }
      for (const module of this.modules()) {
        for (const [name, buffer] of module.#ownBuffers()) {
          if (isFloating(buffer.dtype)) module.#setField(name, cast(buffer, dtype));
        }
      }
    });
    return this;
  }

  double(): this {
    return this.to("float64");
  }

  float(): this {
    return this.to("float32");
  }

  // ── hooks ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Before every `call`: sees the inputs, and may return others. */
  registerForwardPreHook(hook: ForwardPreHook): HookHandle {
    return addHook(this.#allHooks.forwardPre, hook);
  }

  /** After every `call`: sees inputs and output, and may return another output. */
  registerForwardHook(hook: ForwardHook): HookHandle {
    return addHook(this.#allHooks.forward, hook);
  }

  /** When the gradients of the inputs of a `call` are known; may return others. Tensors inside a state object are not seen. */
  registerFullBackwardHook(hook: FullBackwardHook): HookHandle {
    return addHook(this.#allHooks.backward, hook);
  }

  /** When the gradients of the outputs of a `call` are known; may return others. */
  registerFullBackwardPreHook(hook: FullBackwardPreHook): HookHandle {
    return addHook(this.#allHooks.backwardPre, hook);
  }

  get #allHooks(): ModuleHooks {
    this.#hooks ??= new ModuleHooks();
    return this.#hooks;
  }

  /** As PyTorch prints it: one line for each submodule. */
  toString(): string {
    const children = Array.from(this.ownModules(), ([name, child]) => [name, child.toString()] as const);
    return moduleText(this.moduleName, this.extraRepr(), children);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const join = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}.${name}`);
