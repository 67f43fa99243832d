/** Modules that hold modules. */

import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/** A module whose forward takes one tensor and gives one. */
export interface TensorModule extends Module {
  forward(x: Tensor): Tensor;
}

function place(container: Module, name: string, module: unknown): void {
  if (!(module instanceof Module)) {
    throw new ArgumentError(`${container.moduleName}: element ${name} is not a module`);
  }
  Object.defineProperty(container, name, { value: module, writable: true, enumerable: true, configurable: true });
}

/** Modules one after another, each fed with the output of the one before. Their names are 0, 1, 2, … */
export class Sequential extends Module {
  /** @example new Sequential(new Linear(10, 20), new Tanh(), new Linear(20, 1)) */
  constructor(...modules: TensorModule[]) {
    super();
    modules.forEach((module, i) => {
      place(this, String(i), module);
    });
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const module of this.children()) y = (module as TensorModule).forward(y);
    return y;
  }

  get length(): number {
    return [...this.children()].length;
  }

  /** The module at a place; negative ones count from the end. */
  at(index: number): Module | undefined {
    return [...this.children()].at(index);
  }

  override get moduleName(): string {
    return "Sequential";
  }
}

/** A list of modules whose parameters are seen. Their names are 0, 1, 2, … */
export class ModuleList<M extends Module = Module> extends Module {
  constructor(modules: Iterable<M> = []) {
    super();
    for (const module of modules) this.append(module);
  }

  append(module: M): this {
    place(this, String(this.length), module);
    return this;
  }

  get length(): number {
    return [...this.children()].length;
  }

  /** The module at a place; negative ones count from the end. */
  at(index: number): M | undefined {
    return [...this].at(index);
  }

  [Symbol.iterator](): Iterator<M> {
    return this.children() as Iterator<M>;
  }

  /** Neighbours that print alike are folded into one line: `(0-1): 2 x Linear(…)`. */
  protected override *printedChildren(): Generator<[name: string, text: string]> {
    const texts = Array.from(this, String);
    for (let first = 0; first < texts.length; ) {
      let next = first + 1;
      while (next < texts.length && texts[next] === texts[first]) next++;
      const count = next - first;
      yield count === 1 ? [`${first}`, texts[first]] : [`${first}-${next - 1}`, `${count} x ${texts[first]}`];
      first = next;
    }
  }

  override forward(): never {
    throw new ArgumentError("ModuleList has no forward of its own: call its members");
  }

  override get moduleName(): string {
    return "ModuleList";
  }
}
