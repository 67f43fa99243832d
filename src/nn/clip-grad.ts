/** Keeping gradients from growing too large, between `backward` and `step`. */

import { noGrad } from "../autograd/grad-mode.ts";
import { backend } from "../backend/select.ts";
import { mul_ } from "../ops/in-place.ts";
import { AutogradError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Scales all gradients together so that their norm is at most `maxNorm`. Pascanu, Mikolov & Bengio 2013.
 * @param options.errorIfNonfinite throw if the norm is NaN or infinite. Default false
 * @returns the norm before clipping
 */
export function clipGradNorm(
  parameters: Iterable<Tensor>,
  maxNorm: number,
  options: { errorIfNonfinite?: boolean } = {},
): number {
  const gradients = Array.from(parameters, (parameter) => parameter.peekGrad()).filter((gradient) => gradient !== null);
  if (gradients.length === 0) return 0;
  const norm = Math.sqrt(backend().squaredNorm(gradients));
  if (options.errorIfNonfinite && !Number.isFinite(norm)) {
    throw new AutogradError(
      `clipGradNorm: the norm of the gradients is ${norm}; lower the learning rate or look for NaN in the data`,
    );
  }
  const scale = maxNorm / (norm + 1e-6);
  // A NaN norm spoils every gradient, as in PyTorch: it must not pass unseen.
  if (!(scale >= 1)) {
    noGrad(() => {
      for (const gradient of gradients) mul_(gradient, scale);
    });
  }
  return norm;
}

/** Cuts every element of every gradient to −`clipValue` … `clipValue`. */
export function clipGradValue(parameters: Iterable<Tensor>, clipValue: number): void {
  const kernels = backend();
  for (const parameter of parameters) {
    const grad = parameter.peekGrad();
    if (grad === null) continue;
    grad.storage.version++;
    kernels.binary("maximum", grad, -clipValue, grad);
    kernels.binary("minimum", grad, clipValue, grad);
  }
}
