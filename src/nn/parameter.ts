/** A tensor that belongs to a module and is trained. */

import { detach } from "../ops/views.ts";
import { AutogradError } from "../tensor/errors.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";

/** A tensor that, as a field of a module, is one of its parameters. As `torch.nn.Parameter`. */
export class Parameter extends Tensor {
  /**
   * @param data the initial values; shares their storage
   * @param requiresGrad whether it is trained. Default true
   */
  constructor(data: Tensor, requiresGrad = true) {
    checkTensor("Parameter", data);
    super(data.storage, data.dtype, data.shape, data.strides, data.offset);
    this.requiresGrad = requiresGrad;
  }

  /** The values, cut off from the graph; shares storage. */
  get data(): Tensor {
    return detach(this);
  }

  /**
   * Takes over the storage, dtype and shape of `value`. The parameter stays the same object, so that an optimiser that holds
   * it goes on training it; its gradient is forgotten unless it still fits.
   */
  set data(value: Tensor) {
    if (this.source !== null)
      throw new AutogradError("Parameter.data: a parameter is a leaf, it cannot be made by an op");
    const { storage, dtype, shape, strides, offset } = value;
    const fits = dtype === this.dtype && shape.join() === this.shape.join();
    Object.assign(this, { storage, dtype, shape, strides, offset });
    if (!fits) this.grad = null;
  }

  /** As PyTorch prints it: a line that says so, and the tensor. */
  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}
