/**
 * Whether the gradients of a function are those of its own values: every element of the Jacobian against the central
 * difference (f(x + ε) − f(x − ε)) / 2ε, in float64. As PyTorch's `torch.autograd.gradcheck`.
 */

import { allocate, toContiguous } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { ArgumentError, AutogradError, DTypeError } from "../tensor/errors.ts";
import { Generator } from "../tensor/random/generator.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { grad } from "./backward.ts";
import type { Gradient } from "./node.ts";

export type Differentiable = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

export interface GradcheckOptions {
  /** How far an input is moved to either side. Default 1e-6 */
  readonly eps?: number;
  /** Absolute difference allowed. Default 1e-5 */
  readonly atol?: number;
  /** Difference allowed relative to the numeric value. Default 1e-3 */
  readonly rtol?: number;
  /** False: the answer is returned instead of thrown. Default true */
  readonly raiseException?: boolean;
}

export interface GradgradcheckOptions extends GradcheckOptions {
  /** What the outputs' gradients are taken to be. Default: normal draws, the same each time */
  readonly gradOutputs?: readonly Tensor[];
}

/**
 * Checks the first derivatives of `f` at `inputs`.
 * @param f      pure: the same inputs give the same outputs; outputs that require no gradient are passed over
 * @param inputs those that require a gradient are checked, and must be float64
 * @returns true, or with `raiseException: false` whether all is right
 * @throws {AutogradError} naming the first element that differs, with both its values
 * @example gradcheck((x) => x.tanh(), [randn([3, 2], { dtype: "float64", requiresGrad: true })])
 */
export function gradcheck(f: Differentiable, inputs: readonly Tensor[], options: GradcheckOptions = {}): boolean {
  return answer("gradcheck", options, () => check("gradcheck", f, inputs, options));
}

/**
 * Checks the second derivatives of `f` at `inputs`: that its gradients can themselves be differentiated. Not for fused ops.
 * @returns true, or with `raiseException: false` whether all is right
 * @throws {AutogradError} as gradcheck
 */
export function gradgradcheck(
  f: Differentiable,
  inputs: readonly Tensor[],
  options: GradgradcheckOptions = {},
): boolean {
  return answer("gradgradcheck", options, () => {
    const outputs = differentiable(f(...inputs));
    const seeds = (options.gradOutputs ?? outputs.map(normalLike)).map(leafFrom);
    const gradients = (): Tensor[] => {
      const found = grad(
        differentiable(f(...inputs)),
        inputs.filter((input) => input.requiresGrad),
        { gradOutputs: seeds, createGraph: true, allowUnused: true },
      );
      return found.filter((gradient) => gradient !== null);
    };
    check("gradgradcheck", gradients, [...inputs, ...seeds], options);
  });
}

function answer(place: string, { raiseException = true }: GradcheckOptions, body: () => void): boolean {
  try {
    body();
    return true;
  } catch (error) {
    if (raiseException || !(error instanceof AutogradError && error.message.startsWith(place))) throw error;
    return false;
  }
}

function check(place: string, f: Differentiable, inputs: readonly Tensor[], options: GradcheckOptions): void {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  const checked = inputs.filter((input) => input.requiresGrad);
  if (checked.length === 0) throw new ArgumentError(`${place}: none of the inputs requires a gradient`);
  for (const input of checked) refuseUnfit(place, input, inputs.indexOf(input));
  const outputs = differentiable(f(...inputs));
  const analytic = outputs.map((output) => jacobian(place, output, checked));
  checked.forEach((input, i) => {
    const size = input.elementCount;
    for (let k = 0; k < size; k++) {
      const above = valuesAt(f, inputs, input, k, eps);
      const below = valuesAt(f, inputs, input, k, -eps);
      outputs.forEach((output, o) => {
        for (let m = 0; m < output.elementCount; m++) {
          const numeric = (above[o][m] - below[o][m]) / (2 * eps);
          const value = analytic[o][i][m * size + k];
          if (Math.abs(value - numeric) <= atol + rtol * Math.abs(numeric)) continue;
          throw new AutogradError(
            `${place}: the gradient of output ${o} at ${position(output, m)} with respect to input ${inputs.indexOf(input)} at ` +
              `${position(input, k)} is ${value}, the difference quotient says ${numeric}`,
          );
        }
      });
    }
  });
}

function refuseUnfit(place: string, input: Tensor, i: number): void {
  if (input.dtype !== "float64") {
    throw new DTypeError(
      `${place}: input ${i} is ${input.dtype}; differences are only telling in float64: x.to("float64")`,
    );
  }
  if (input.elementCount > 0 && input.shape.some((size, axis) => size > 1 && input.strides[axis] === 0)) {
    throw new ArgumentError(
      `${place}: input ${i} is expanded, so its elements cannot be moved one by one; take x.clone()`,
    );
  }
}

const differentiable = (result: Tensor | readonly Tensor[]): Tensor[] =>
  (result instanceof Tensor ? [result] : result).filter((output) => output.requiresGrad);

/** For each input [outputs, inputs], row-major: the analytic derivatives, by one backward for every element of the output. */
function jacobian(place: string, output: Tensor, inputs: readonly Tensor[]): Float64Array[] {
  const count = output.elementCount;
  const rows = inputs.map((input) => new Float64Array(count * input.elementCount));
  for (let m = 0; m < count; m++) {
    const once = backwardFrom(output, m, inputs);
    const twice = backwardFrom(output, m, inputs);
    inputs.forEach((input, i) => {
      const gradient = once[i];
      if (gradient === null) return;
      if (!sameShape(gradient.shape, input.shape) || gradient.dtype !== input.dtype) {
        throw new AutogradError(
          `${place}: the gradient of a ${input.dtype} ${formatShape(input.shape)} came as ${gradient.dtype} ${formatShape(gradient.shape)}`,
        );
      }
      const values = valuesOf(gradient);
      const again = valuesOf(twice[i] as Tensor);
      if (values.some((value, k) => !Object.is(value, again[k]))) {
        throw new AutogradError(`${place}: a second backward through the same graph gave other gradients`);
      }
      rows[i].set(values, m * input.elementCount);
    });
  }
  return rows;
}

function backwardFrom(output: Tensor, element: number, inputs: readonly Tensor[]): Gradient[] {
  const gradient = allocate(output.shape, output.dtype);
  backend().elements(gradient.storage, output.dtype)[element] = 1;
  return grad(output, inputs, { gradOutputs: [gradient], retainGraph: true, allowUnused: true });
}

/** The values of all outputs with element k of one input moved by `by`. */
function valuesAt(f: Differentiable, inputs: readonly Tensor[], input: Tensor, k: number, by: number): Float64Array[] {
  const elements = backend().elements(input.storage, "float64");
  let at = input.offset;
  for (let axis = input.rank - 1, rest = k; axis >= 0; axis--) {
    at += (rest % input.shape[axis]) * input.strides[axis];
    rest = Math.floor(rest / input.shape[axis]);
  }
  const before = elements[at] as number;
  elements[at] = before + by;
  try {
    return differentiable(f(...inputs)).map(valuesOf);
  } finally {
    elements[at] = before;
  }
}

/** The elements, row-major. */
function valuesOf(x: Tensor): Float64Array {
  const source = toContiguous(x);
  const elements = backend().elements(source.storage, x.dtype);
  return Float64Array.from(elements.subarray(source.offset, source.offset + x.elementCount) as Float64Array);
}

/** A leaf of its own with the values of x. */
function leafFrom(x: Tensor): Tensor {
  const leaf = allocate(x.shape, x.dtype);
  backend().copy(x, leaf);
  leaf.requiresGrad = true;
  return leaf;
}

function normalLike(x: Tensor): Tensor {
  const draws = allocate(x.shape, "float64");
  new Generator(1).fillNormal(backend().elements(draws.storage, "float64") as Float64Array);
  return draws;
}

/** Where the k-th element stands: `[1, 0]`. */
function position(x: Tensor, k: number): string {
  const at: number[] = [];
  for (let axis = x.rank - 1, rest = k; axis >= 0; axis--) {
    at.unshift(rest % x.shape[axis]);
    rest = Math.floor(rest / x.shape[axis]);
  }
  return formatShape(at);
}
