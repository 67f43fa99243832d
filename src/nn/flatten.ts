/** Joining axes into one, and splitting one into several, as modules. */

import { flatten, unflatten } from "../ops/views.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { pythonTuple } from "./module-text.ts";

function checkDim(place: string, dim: number): void {
  if (Number.isInteger(dim)) return;
  throw new ArgumentError(`${place}: an axis is a whole number, as new ${place}(1, …), got ${typeof dim}`);
}

/** The axes from `startDim` to `endDim` become one. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  /** @param startDim default 1: the batch stays @param endDim default −1 */
  constructor(startDim = 1, endDim = -1) {
    super();
    for (const dim of [startDim, endDim]) checkDim("Flatten", dim);
    this.startDim = startDim;
    this.endDim = endDim;
  }

  /** @param x [N, A, B, …] @returns [N, A·B·…] by default */
  override forward(x: Tensor): Tensor {
    return flatten(x, { startDim: this.startDim, endDim: this.endDim });
  }

  override get moduleName(): string {
    return "Flatten";
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** Axis `dim` becomes several of `sizes`, one of which may be −1. */
export class Unflatten extends Module {
  readonly dimension: number;
  readonly sizes: Shape;

  /** @example new Unflatten(1, [2, 5]).forward(x) // x [N, 10] → [N, 2, 5] */
  constructor(dim: number, sizes: Shape) {
    super();
    checkDim("Unflatten", dim);
    if (!Array.isArray(sizes)) throw new ShapeError(`Unflatten: sizes are a list, as [2, 5], got ${typeof sizes}`);
    this.dimension = dim;
    this.sizes = sizes;
  }

  override forward(x: Tensor): Tensor {
    return unflatten(x, this.dimension, this.sizes);
  }

  override get moduleName(): string {
    return "Unflatten";
  }

  override extraRepr(): string {
    return `dim=${this.dimension}, unflattened_size=${pythonTuple(this.sizes)}`;
  }
}
