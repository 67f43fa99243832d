/** Forgetting gradients. */

import type { Tensor } from "../tensor/tensor.ts";

/** Every `grad` becomes null, as PyTorch's `zero_grad(set_to_none=True)`. */
export function zeroGradients(tensors: Iterable<Tensor>): void {
  for (const tensor of tensors) tensor.grad = null;
}
