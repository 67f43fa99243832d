/** Copying the values of a state dict into a module's tensors: everything that fits, or an error that names what does not. */

import { noGrad } from "../autograd/grad-mode.ts";
import { copy_ } from "../ops/in-place.ts";
import { FormatError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Parameters and buffers by path, PyTorch's spelling. */
export type StateDict = Record<string, Tensor>;

/** What `loadStateDict` found that did not fit, when it was not strict. */
export interface LoadReport {
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
}

/** Nothing is changed if anything does not fit. */
export function copyState(place: string, own: StateDict, state: StateDict, strict: boolean): LoadReport {
  const missingKeys = Object.keys(own).filter((key) => !Object.hasOwn(state, key));
  const unexpectedKeys = Object.keys(state).filter((key) => !Object.hasOwn(own, key));
  if (strict && missingKeys.length + unexpectedKeys.length > 0) {
    const parts = [
      ...(missingKeys.length > 0 ? [`missing: ${missingKeys.join(", ")}`] : []),
      ...(unexpectedKeys.length > 0 ? [`unexpected: ${unexpectedKeys.join(", ")}`] : []),
    ];
    const cure =
      missingKeys.length === Object.keys(own).length && unexpectedKeys.includes("state")
        ? "did you mean the state in it, .state?"
        : "was it saved from another model? { strict: false } loads what fits";
    throw new FormatError(`${place}: the keys do not fit (${parts.join("; ")}); ${cure}`);
  }
  const fitting = Object.keys(own).filter((key) => Object.hasOwn(state, key));
  for (const key of fitting) {
    if (!(state[key] instanceof Tensor))
      throw new FormatError(`${place}: ${key} must be a tensor, got ${typeof state[key]}`);
  }
  const wrong = fitting.filter((key) => !sameShape(own[key].shape, state[key].shape));
  if (wrong.length > 0) {
    const list = wrong.map((key) => `${key} is ${formatShape(own[key].shape)}, got ${formatShape(state[key].shape)}`);
    throw new ShapeError(`${place}: shapes do not fit: ${list.join("; ")}`);
  }
  noGrad(() => {
    for (const key of fitting) copy_(own[key], state[key]);
  });
  return { missingKeys, unexpectedKeys };
}
