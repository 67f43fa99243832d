/** A tensor that belongs to a module and is trained. */

import { detach } from "../ops/views.ts";
import { Tensor } from "../tensor/tensor.ts";

export class Parameter extends Tensor {
  /**
   * @param data the initial values; shares their storage
   * @param requiresGrad whether it is trained. Default true
   */
  constructor(data: Tensor, requiresGrad = true) {
    const plain = detach(data);
    super(plain.storage, plain.dtype, plain.shape, plain.strides, plain.offset);
    this.requiresGrad = requiresGrad;
  }
}
