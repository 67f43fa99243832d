/** Modules one after another, each fed with the output of the one before. Their names are 0, 1, 2, … */

import type { Tensor } from "../../tensor/tensor.ts";
import { Module } from "../module.ts";
import { checkModule } from "./check-module.ts";

/** A module whose forward takes one tensor and gives one. */
export interface TensorModule extends Module {
  forward(x: Tensor): Tensor;
}

/** Modules one after another, each fed with what the one before returned. As `torch.nn.Sequential`. */
export class Sequential extends Module {
  readonly #members: TensorModule[];

  /** @example new Sequential(new Linear(10, 20), new Tanh(), new Linear(20, 1)) */
  constructor(...modules: TensorModule[]) {
    super();
    this.#members = modules.map((module, i) => checkModule("Sequential", i, module));
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const module of this.#members) y = module.call(y);
    return y;
  }

  /** Adds a module at the end, and returns the whole. */
  append(module: TensorModule): this {
    this.#members.push(checkModule("Sequential", this.length, module));
    return this;
  }

  get length(): number {
    return this.#members.length;
  }

  /** The module at a place; negative ones count from the end. */
  at(index: number): TensorModule | undefined {
    return this.#members.at(index);
  }

  [Symbol.iterator](): Iterator<TensorModule> {
    return this.#members[Symbol.iterator]();
  }

  protected override *ownModules(): Generator<[string, Module]> {
    yield* super.ownModules();
    for (let i = 0; i < this.#members.length; i++) yield [String(i), this.#members[i]];
  }

  override get moduleName(): string {
    return "Sequential";
  }
}
