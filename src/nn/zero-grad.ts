/** Forgetting gradients. */

import { backend } from "../backend/select.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface ZeroGradOptions {
  /** Whether each `grad` becomes null; false fills those that are there with zeros. Default true, as PyTorch's */
  readonly setToNone?: boolean;
}

/** Every `grad` becomes null, as PyTorch's `zero_grad(set_to_none=True)`, or zeros. */
export function zeroGradients(tensors: Iterable<Tensor>, options?: ZeroGradOptions): void {
  if (options !== undefined) checkOptions("zeroGrad", options, ["setToNone"]);
  if (options?.setToNone === false) {
    for (const tensor of tensors) {
      const gradient = tensor.peekGrad();
      if (gradient === null) continue;
      gradient.storage.version++;
      backend().fill(gradient, 0);
    }
    return;
  }
  for (const tensor of tensors) {
    const free = tensor.dropGrad();
    if (free !== null) backend().release(free.storage);
  }
}
