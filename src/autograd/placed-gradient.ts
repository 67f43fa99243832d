/**
 * The gradient of a slice: zero everywhere but in the part that was taken. It is laid out in full only for those that need
 * it so: a training step that reads the last output of a long sequence would otherwise fill an array with zeros, only to add
 * them up again.
 */

import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export class PlacedGradient {
  /** What is not zero; it has all axes of `shape`. */
  readonly part: Tensor;
  /** The shape of the whole. */
  readonly shape: Shape;
  readonly axis: number;
  /** Where the part lies along `axis`: from here on, every `step`. */
  readonly start: number;
  readonly step: number;
  readonly #place: (part: Tensor, shape: Shape, axis: number, start: number, step: number) => Tensor;

  constructor(
    place: (part: Tensor, shape: Shape, axis: number, start: number, step: number) => Tensor,
    part: Tensor,
    shape: Shape,
    axis: number,
    start: number,
    step: number,
  ) {
    this.#place = place;
    this.part = part;
    this.shape = shape;
    this.axis = axis;
    this.start = start;
    this.step = step;
  }

  /** The whole, zeros and all. */
  full(): Tensor {
    return this.#place(this.part, this.shape, this.axis, this.start, this.step);
  }
}
