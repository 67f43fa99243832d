/** A list of modules whose parameters are seen. Their names are 0, 1, 2, … */

import { ArgumentError } from "../../tensor/errors.ts";
import { Module } from "../module.ts";
import { foldAlike, moduleText } from "../module-text.ts";
import { checkModule } from "./check-module.ts";

/**
 * A list of modules whose parameters are seen. As `torch.nn.ModuleList`.
 * @throws {ArgumentError} for what is no module
 */
export class ModuleList<M extends Module = Module> extends Module {
  readonly #members: M[] = [];

  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  append(module: M): this {
    this.#members.push(checkModule("ModuleList", this.length, module));
    return this;
  }

  extend(modules: Iterable<M>): this {
    if (typeof modules?.[Symbol.iterator] !== "function") {
      throw new ArgumentError("ModuleList: expects a list of modules, as new ModuleList([a, b])");
    }
    for (const module of modules) this.append(module);
    return this;
  }

  /** Puts a module before the one at `index`. */
  insert(index: number, module: M): this {
    this.#members.splice(index, 0, checkModule("ModuleList", index, module));
    return this;
  }

  get length(): number {
    return this.#members.length;
  }

  /** The module at a place; negative ones count from the end. */
  at(index: number): M | undefined {
    return this.#members.at(index);
  }

  [Symbol.iterator](): Iterator<M> {
    return this.#members[Symbol.iterator]();
  }

  protected override *ownModules(): Generator<[string, Module]> {
    for (let i = 0; i < this.#members.length; i++) yield [String(i), this.#members[i]];
  }

  override forward(): never {
    throw new ArgumentError("ModuleList has no forward of its own: call its members");
  }

  override get moduleName(): string {
    return "ModuleList";
  }

  override toString(): string {
    return moduleText(this.moduleName, "", foldAlike(this.#members.map(String)));
  }
}
