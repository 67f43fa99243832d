/** Whether ops are recorded for gradients: on, unless inside `noGrad`. */

import { ArgumentError } from "../tensor/errors.ts";

let enabled = true;

/** Whether operations are recorded for `backward`. As `torch.is_grad_enabled`. */
export const isGradEnabled = (): boolean => enabled;

/**
 * Runs `body` without recording anything: for evaluation, and for changing tensors in place.
 * @returns what `body` returns
 * @example const accuracy = noGrad(() => evaluate(model));
 */
export function noGrad<R>(body: () => R): R {
  return withGradMode(false, body);
}

/** Runs `body` with recording on, inside a `noGrad`. */
export function enableGrad<R>(body: () => R): R {
  return withGradMode(true, body);
}

export function withGradMode<R>(mode: boolean, body: () => R): R {
  if (typeof body !== "function") {
    throw new ArgumentError(`noGrad, enableGrad and closures of optimisers: expected a function, got ${String(body)}`);
  }
  const before = enabled;
  enabled = mode;
  try {
    const result = body();
    if (result instanceof Promise) {
      // The mode must not leak into whatever else runs while the promise is pending.
      throw new TypeError("noGrad: the function returns a promise; put noGrad around the synchronous part inside it");
    }
    return result;
  } finally {
    enabled = before;
  }
}
