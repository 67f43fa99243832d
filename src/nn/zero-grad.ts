/** Forgetting gradients. */

import { backend } from "../backend/select.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Every `grad` becomes null, as PyTorch's `zero_grad(set_to_none=True)`. */
export function zeroGradients(tensors: Iterable<Tensor>): void {
  for (const tensor of tensors) {
    const free = tensor.dropGrad();
    if (free !== null) backend().release(free.storage);
  }
}
