/** A list of parameters that are seen. Their names are 0, 1, 2, … */

import { ArgumentError } from "../../tensor/errors.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

/** A list of parameters that are seen. As `torch.nn.ParameterList`. @throws {ArgumentError} for what is no tensor */
export class ParameterList extends Module {
  #length = 0;

  /** @param tensors parameters, or tensors to make parameters of */
  constructor(tensors: Iterable<Tensor> = []) {
    super();
    this.extend(tensors);
  }

  append(tensor: Tensor): this {
    if (!(tensor instanceof Tensor)) {
      throw new ArgumentError(`ParameterList: element ${this.#length} must be a tensor, got ${typeof tensor}`);
    }
    this.registerParameter(String(this.#length++), tensor instanceof Parameter ? tensor : new Parameter(tensor));
    return this;
  }

  extend(tensors: Iterable<Tensor>): this {
    if (typeof tensors?.[Symbol.iterator] !== "function") {
      throw new ArgumentError("ParameterList: expects a list of tensors, as new ParameterList([a, b])");
    }
    for (const tensor of tensors) this.append(tensor);
    return this;
  }

  get length(): number {
    return this.#length;
  }

  /** The parameter at a place; negative ones count from the end. */
  at(index: number): Parameter | undefined {
    return [...this].at(index);
  }

  *[Symbol.iterator](): Iterator<Parameter> {
    const own = this as unknown as Record<string, Parameter>;
    for (let i = 0; i < this.#length; i++) yield own[i];
  }

  override forward(): never {
    throw new ArgumentError("ParameterList has no forward: use its members");
  }

  override get moduleName(): string {
    return "ParameterList";
  }

  override extraRepr(): string {
    const line = (parameter: Parameter, i: number) =>
      `  (${i}): Parameter containing: [torch.${parameter.dtype} of size ${parameter.shape.join("x")}]`;
    return [...this].map(line).join("\n");
  }
}
