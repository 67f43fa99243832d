/** Activations as modules, for `Sequential`. */

import { relu, sigmoid, tanh } from "../ops/element-wise.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
  override get moduleName(): string {
    return "Tanh";
  }
}

export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
  override get moduleName(): string {
    return "Sigmoid";
  }
}

export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
  override get moduleName(): string {
    return "ReLU";
  }
}

export class Softmax extends Module {
  readonly dim: number;

  /** @param dim the axis along which the results add up to 1 */
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  override forward(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }
  override get moduleName(): string {
    return "Softmax";
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

export class LogSoftmax extends Module {
  readonly dim: number;

  /** @param dim the axis along which the exponentials of the results add up to 1 */
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.dim);
  }
  override get moduleName(): string {
    return "LogSoftmax";
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
