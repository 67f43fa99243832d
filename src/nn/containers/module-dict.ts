/** Modules by name, in the order in which they were set, whose parameters are seen. */

import { ArgumentError } from "../../tensor/errors.ts";
import { Module } from "../module.ts";
import { checkModule } from "./check-module.ts";

/**
 * Modules by name whose parameters are seen. As `torch.nn.ModuleDict`.
 * @throws {ArgumentError} for what is no module
 */
export class ModuleDict<M extends Module = Module> extends Module {
  readonly #members = new Map<string, M>();

  /** @example new ModuleDict({ price: new Linear(8, 1), volume: new Linear(8, 1) }) */
  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super();
    if (typeof modules !== "object" || modules === null) {
      throw new ArgumentError("ModuleDict: expects modules by name, as new ModuleDict({ price: … })");
    }
    const pairs = Symbol.iterator in modules ? (modules as Iterable<[string, M]>) : Object.entries(modules);
    for (const pair of pairs) {
      if (!Array.isArray(pair))
        throw new ArgumentError("ModuleDict: expects pairs [name, module], or an object of them");
      this.set(pair[0], pair[1]);
    }
  }

  /** Adds a module, or puts another in its place. */
  set(name: string, module: M): this {
    if (typeof name !== "string" || name === "" || name.includes(".")) {
      throw new ArgumentError(`ModuleDict: "${name}" cannot name a module: a name is not empty and holds no dot`);
    }
    this.#members.set(name, checkModule("ModuleDict", name, module));
    return this;
  }

  get(name: string): M | undefined {
    return this.#members.get(name);
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  delete(name: string): boolean {
    return this.#members.delete(name);
  }

  get size(): number {
    return this.#members.size;
  }

  keys(): IterableIterator<string> {
    return this.#members.keys();
  }

  values(): IterableIterator<M> {
    return this.#members.values();
  }

  entries(): IterableIterator<[string, M]> {
    return this.#members.entries();
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.#members.entries();
  }

  protected override *ownModules(): Generator<[string, Module]> {
    yield* this.#members;
  }

  override forward(): never {
    throw new ArgumentError("ModuleDict has no forward of its own: call its members");
  }

  override get moduleName(): string {
    return "ModuleDict";
  }
}
