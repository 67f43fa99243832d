/**
 * The base of every layer and network. Parameters and submodules are simply the fields of the object, in the order in which
 * they were assigned; their names make the keys of the state dict.
 *
 * Fields declared `#private` are invisible here, as to everybody outside the class: keep parameters and submodules in
 * ordinary fields. A plain array of modules is refused; use `ModuleList`, so that its members have names.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { cast } from "../ops/cast.ts";
import { copy_ } from "../ops/in-place.ts";
import { type DType, isFloating } from "../tensor/dtype.ts";
import { ArgumentError, FormatError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Parameter } from "./parameter.ts";
import { zeroGradients } from "./zero-grad.ts";

/** Parameters and buffers by name, PyTorch's spelling. */
export type StateDict = Record<string, Tensor>;

/** What `loadStateDict` found that did not fit, when it was not strict. */
export interface LoadReport {
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
}

export abstract class Module {
  /** Whether dropout and batch statistics act as in training. Changed by `train()` and `eval()`. */
  training = true;

  /** Tensors that are saved but not trained, and whether they are saved. */
  readonly #buffers = new Map<string, { persistent: boolean }>();

  /** From inputs to outputs; every network writes its own. */
  abstract forward(...inputs: never[]): unknown;

  /** The class name that printing shows. Override it where a minifier will run. */
  get moduleName(): string {
    return this.constructor.name;
  }

  /** What printing shows between the parentheses of a module without submodules. */
  extraRepr(): string {
    return "";
  }

  /** Gives a parameter its name; the same as assigning a field. null reserves the name for none. */
  registerParameter(name: string, parameter: Parameter | null): void {
    Object.defineProperty(this, name, { value: parameter, writable: true, enumerable: true, configurable: true });
  }

  /** A tensor that belongs to the state but is not trained, such as running statistics. */
  registerBuffer(name: string, buffer: Tensor | null, options: { persistent?: boolean } = {}): void {
    this.#buffers.set(name, { persistent: options.persistent ?? true });
    Object.defineProperty(this, name, { value: buffer, writable: true, enumerable: true, configurable: true });
  }

  /** Submodules by the name of their field. */
  *namedChildren(): Generator<[string, Module]> {
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) yield [name, value];
      else if (Array.isArray(value) && value.some((element) => element instanceof Module)) {
        throw new ArgumentError(
          `${this.moduleName}.${name} is a plain array of modules, whose parameters would not be trained; ` +
            `write this.${name} = new nn.ModuleList([…])`,
        );
      }
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
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(join(prefix, name), seen);
  }

  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** Every parameter once, with its path: `rnn.weight_ih_l0`. */
  *namedParameters(): Generator<[string, Parameter]> {
    const seen = new Set<Parameter>();
    for (const [prefix, module] of this.namedModules()) {
      for (const [name, value] of Object.entries(module)) {
        if (!(value instanceof Parameter) || seen.has(value)) continue;
        seen.add(value);
        yield [join(prefix, name), value];
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
      for (const name of module.#buffers.keys()) {
        const value = (module as unknown as Record<string, unknown>)[name];
        if (value instanceof Tensor) yield [join(prefix, name), value];
      }
    }
  }

  /** Parameters and persistent buffers by path. They share storage with the module: clone what must not change. */
  stateDict(): StateDict {
    const state: StateDict = {};
    for (const [prefix, module] of this.namedModules()) {
      for (const [name, value] of module.#ownState()) state[join(prefix, name)] = value;
    }
    return state;
  }

  *#ownState(): Generator<[string, Tensor]> {
    for (const [name, value] of Object.entries(this)) {
      const buffer = this.#buffers.get(name);
      if (value instanceof Parameter || (value instanceof Tensor && buffer?.persistent)) yield [name, value];
    }
  }

  /**
   * Copies the values of a state dict into this module; dtypes are cast. Nothing is changed if anything does not fit.
   * @param options.strict whether missing and unexpected keys are errors. Default true
   * @throws {FormatError} naming the keys that are missing or unexpected
   * @throws {ShapeError} naming the parameters whose shapes differ
   */
  loadStateDict(state: StateDict, options: { strict?: boolean } = {}): LoadReport {
    const own = this.stateDict();
    const missingKeys = Object.keys(own).filter((key) => !Object.hasOwn(state, key));
    const unexpectedKeys = Object.keys(state).filter((key) => !Object.hasOwn(own, key));
    if ((options.strict ?? true) && missingKeys.length + unexpectedKeys.length > 0) {
      const parts = [
        ...(missingKeys.length > 0 ? [`missing: ${missingKeys.join(", ")}`] : []),
        ...(unexpectedKeys.length > 0 ? [`unexpected: ${unexpectedKeys.join(", ")}`] : []),
      ];
      throw new FormatError(
        `${this.moduleName}.loadStateDict: the keys do not fit (${parts.join("; ")}); was it saved from another model? ` +
          "{ strict: false } loads what fits",
      );
    }
    const fitting = Object.keys(own).filter((key) => Object.hasOwn(state, key));
    const wrong = fitting.filter((key) => !sameShape(own[key].shape, state[key].shape));
    if (wrong.length > 0) {
      const list = wrong.map((key) => `${key} is ${formatShape(own[key].shape)}, got ${formatShape(state[key].shape)}`);
      throw new ShapeError(`${this.moduleName}.loadStateDict: shapes do not fit: ${list.join("; ")}`);
    }
    noGrad(() => {
      for (const key of fitting) copy_(own[key], state[key]);
    });
    return { missingKeys, unexpectedKeys };
  }

  /** Sets this module and everything below it to training (or, with false, to evaluation), and returns it. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets everything to evaluation: dropout rests, batch statistics are the running ones. */
  eval(): this {
    return this.train(false);
  }

  /** Calls `visit` with every submodule, innermost first, and then with this module; returns it. */
  apply(visit: (module: Module) => void): this {
    for (const child of this.children()) child.apply(visit);
    visit(this);
    return this;
  }

  /** Forgets all gradients: each `grad` becomes null. */
  zeroGrad(): void {
    zeroGradients(this.parameters());
  }

  /** Trains the parameters, or freezes them; returns the module. */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = value;
    return this;
  }

  /**
   * Casts every floating-point parameter and buffer to `dtype`, and returns the module. The parameters are new objects:
   * make optimisers afterwards.
   */
  to(dtype: DType): this {
    for (const module of this.modules()) {
      for (const [name, value] of Object.entries(module)) {
        if (!(value instanceof Tensor) || !isFloating(value.dtype) || value.dtype === dtype) continue;
        const converted = noGrad(() => cast(value, dtype));
        const replacement = value instanceof Parameter ? new Parameter(converted, value.requiresGrad) : converted;
        (module as unknown as Record<string, unknown>)[name] = replacement;
      }
    }
    return this;
  }

  double(): this {
    return this.to("float64");
  }

  float(): this {
    return this.to("float32");
  }

  /** What printing shows of the submodules, a name and a text for each. */
  protected *printedChildren(): Generator<[name: string, text: string]> {
    for (const [name, child] of this.namedChildren()) yield [name, String(child)];
  }

  /** As PyTorch prints it: one line for each submodule. */
  toString(): string {
    const lines = Array.from(this.printedChildren(), ([name, text]) => indent(`(${name}): ${text}`));
    const own = this.extraRepr();
    if (lines.length === 0) return `${this.moduleName}(${own})`;
    return `${this.moduleName}(\n${[...(own === "" ? [] : [indent(own)]), ...lines].join("\n")}\n)`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const join = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}.${name}`);
const indent = (text: string): string => text.replace(/^/gm, "  ");
