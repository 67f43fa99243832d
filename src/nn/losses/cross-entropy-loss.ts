/**
 * Cross-entropy between scores and the true classes: −log softmax(x)[y], or −Σ p log softmax(x) for probabilities.
 */

import { add, div, mul } from "../../ops/arithmetic.ts";
import { cast } from "../../ops/cast.ts";
import { eq } from "../../ops/comparison.ts";
import { neg } from "../../ops/element-wise.ts";
import { checkRange, gather, indexSelect } from "../../ops/gather.ts";
import { mean, sum } from "../../ops/reductions.ts";
import { logSoftmax } from "../../ops/softmax.ts";
import { reshape, squeeze, unsqueeze } from "../../ops/views.ts";
import { where } from "../../ops/where.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../../tensor/errors.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkProbability } from "../check-size.ts";
import { Loss, type LossOptions } from "./loss.ts";

export interface CrossEntropyLossOptions extends LossOptions {
  /** A weight for each class, [C]. Default: all 1. With reduction mean the average is weighted by it. */
  readonly weight?: Tensor | null;
  /** Targets of this value do not count. Default −100 */
  readonly ignoreIndex?: number;
  /** The share of every target that is spread evenly over all classes, 0 … 1. Default 0 */
  readonly labelSmoothing?: number;
}

export class CrossEntropyLoss extends Loss {
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyLossOptions = {}) {
    super(options);
    this.weight = null;
    this.registerBuffer("weight", options.weight ?? null);
    this.ignoreIndex = options.ignoreIndex ?? -100;
    this.labelSmoothing = checkProbability("CrossEntropyLoss", "labelSmoothing", options.labelSmoothing ?? 0);
  }

  /**
   * @param input  scores before softmax, [C], [N, C] or [N, C, …]
   * @param target class indices, int64 [], [N] or [N, …]; or probabilities of input's shape and dtype
   * @returns one number, or the target's shape (without the class axis) with reduction none
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    const axis = input.rank === 1 ? 0 : 1;
    if (input.rank === 0) throw new ShapeError("CrossEntropyLoss: scores must be [C], [N, C] or [N, C, …], got []");
    if (this.weight !== null && (this.weight.rank !== 1 || this.weight.shape[0] !== input.shape[axis])) {
      throw new ShapeError(
        `CrossEntropyLoss: weight must be [${input.shape[axis]}], one for each class, got ${formatShape(this.weight.shape)}`,
      );
    }
    const logs = logSoftmax(input, axis);
    return isFloating(target.dtype) ? this.#ofProbabilities(logs, target, axis) : this.#ofClasses(logs, target, axis);
  }

  #ofClasses(logs: Tensor, target: Tensor, axis: number): Tensor {
    const expected = logs.shape.filter((_, i) => i !== axis);
    if (!sameShape(target.shape, expected)) {
      throw new ShapeError(
        `CrossEntropyLoss: the target of scores ${formatShape(logs.shape)} must be ${formatShape(expected)}, got ${formatShape(target.shape)}`,
      );
    }
    if (target.dtype === "bool") throw new DTypeError("CrossEntropyLoss: classes must be int64, got bool");
    const classes = cast(target, "int64");
    const counted = where(eq(classes, this.ignoreIndex), 0, where(eq(classes, classes), 1, 0));
    const chosen = where(eq(classes, this.ignoreIndex), 0, classes);
    checkRange("CrossEntropyLoss (target)", chosen, logs.shape[axis]);
    const weights = this.#weightsOf(chosen, counted, logs);
    const picked = neg(mul(squeeze(gather(logs, axis, unsqueeze(chosen, axis)), axis), weights));
    const total = (losses: Tensor): Tensor => {
      if (this.reduction === "none") return losses;
      return this.reduction === "sum" ? sum(losses) : div(sum(losses), sum(weights));
    };
    if (this.labelSmoothing === 0) return total(picked);
    const spreadLosses = mul(neg(sum(this.#weighted(logs, axis), axis)), cast(counted, logs.dtype));
    const share = this.labelSmoothing / logs.shape[axis];
    return add(mul(total(picked), 1 - this.labelSmoothing), mul(total(spreadLosses), share));
  }

  #ofProbabilities(logs: Tensor, target: Tensor, axis: number): Tensor {
    if (!sameShape(target.shape, logs.shape)) {
      throw new ShapeError(
        `CrossEntropyLoss: probabilities must have the shape of the scores ${formatShape(logs.shape)}, got ${formatShape(target.shape)}; ` +
          'class indices must be int64: target.to("int64")',
      );
    }
    const smooth = this.labelSmoothing;
    const wanted = smooth === 0 ? target : add(mul(target, 1 - smooth), smooth / logs.shape[axis]);
    const losses = neg(sum(mul(this.#weighted(logs, axis), wanted), axis));
    if (this.reduction === "none") return losses;
    return this.reduction === "sum" ? sum(losses) : mean(losses);
  }

  /** The weight of every target's class, 0 where the target does not count; shaped as the target. */
  #weightsOf(classes: Tensor, counted: Tensor, logs: Tensor): Tensor {
    const ones = cast(counted, logs.dtype);
    if (this.weight === null) return ones;
    const weights = indexSelect(this.weight, 0, reshape(classes, [-1]));
    return mul(reshape(weights, classes.shape), ones);
  }

  #weighted(logs: Tensor, axis: number): Tensor {
    if (this.weight === null) return logs;
    const shape = logs.shape.map((size, i) => (i === axis ? size : 1));
    return mul(logs, reshape(this.weight, shape));
  }

  override get moduleName(): string {
    return "CrossEntropyLoss";
  }
}
