/** Keeping gradients from growing too large, between `backward` and `step`. */

import { noGrad } from "../autograd/grad-mode.ts";
import { backend } from "../backend/select.ts";
import { mul_ } from "../ops/in-place.ts";
import { norm } from "../ops/norm.ts";
import { item } from "../ops/read.ts";
import { checkOptions } from "../tensor/check-options.ts";
import { ArgumentError, AutogradError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";

export interface ClipGradNormOptions {
  /** Which norm: any number, or Infinity for the largest element. Default 2 */
  readonly normType?: number;
  /** Whether a norm that is NaN or infinite is an error. Default false */
  readonly errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients together so that their norm is at most `maxNorm`. Pascanu, Mikolov & Bengio 2013.
 * @param parameters a list of tensors, or one; those without a gradient do not count
 * @returns the norm before clipping
 * @throws {AutogradError} for a norm that is not finite, if asked for
 */
export function clipGradNorm(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): number {
  checkOptions("clipGradNorm", options, ["normType", "errorIfNonfinite"]);
  checkLimit("clipGradNorm", "maxNorm", maxNorm);
  const { normType = 2, errorIfNonfinite = false } = options;
  const gradients = gradientsOf("clipGradNorm", parameters);
  if (gradients.length === 0) return 0;
  const total = normType === 2 ? Math.sqrt(backend().squaredNorm(gradients)) : normOfAll(gradients, normType);
  if (errorIfNonfinite && !Number.isFinite(total)) {
    throw new AutogradError(
      `clipGradNorm: the norm of the gradients is ${total}; lower the learning rate or look for NaN in the data`,
    );
  }
  const scale = maxNorm / (total + 1e-6);
  // A NaN norm spoils every gradient, as in PyTorch: it must not pass unseen.
  if (!(scale >= 1)) {
    noGrad(() => {
      for (const gradient of gradients) mul_(gradient, scale);
    });
  }
  return total;
}

/** The norm of the norms is the norm of all. */
function normOfAll(gradients: readonly Tensor[], p: number): number {
  const norms = noGrad(() => gradients.map((gradient) => item(norm(gradient, p))));
  if (p === Number.POSITIVE_INFINITY) return Math.max(...norms);
  if (p === Number.NEGATIVE_INFINITY) return Math.min(...norms);
  if (p === 0) return norms.filter((value) => value !== 0).length;
  return norms.reduce((sum, value) => sum + value ** p, 0) ** (1 / p);
}

/**
 * Cuts every element of every gradient to −`clipValue` … `clipValue`.
 * @param parameters a list of tensors, or one
 */
export function clipGradValue(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  checkLimit("clipGradValue", "clipValue", clipValue);
  const kernels = backend();
  for (const grad of gradientsOf("clipGradValue", parameters)) {
    grad.storage.version++;
    kernels.binary("maximum", grad, -clipValue, grad);
    kernels.binary("minimum", grad, clipValue, grad);
  }
}

function gradientsOf(place: string, parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const gradients: Tensor[] = [];
  const list = parameters instanceof Tensor ? [parameters] : parameters;
  const refused = (got: string) => new ArgumentError(`${place}: expects tensors, as model.parameters(), got ${got}`);
  if (typeof list?.[Symbol.iterator] !== "function") throw refused("something that is no list of them");
  for (const parameter of list) {
    if (!(parameter instanceof Tensor)) throw refused(`a ${typeof parameter} among them`);
    const gradient = parameter.peekGrad();
    if (gradient !== null) gradients.push(gradient);
  }
  return gradients;
}

function checkLimit(place: string, name: string, value: number): void {
  if (typeof value === "number" && value >= 0) return;
  throw new ArgumentError(`${place}: ${name} must be a number ≥ 0, got ${String(value)}`);
}
