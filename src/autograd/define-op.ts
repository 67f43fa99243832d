/**
 * How an op is made: a forward that calls kernels, and a backward beside it.
 *
 * `forward` returns its output and whatever the gradient will need; `backward` receives exactly that and returns one gradient
 * for each argument (null for arguments that are not tensors). A backward that is written with ops can be differentiated
 * again; one that calls kernels is marked `fused`, and `grad(…, { createGraph: true })` through it is a clear error.
 */

import type { Backend } from "../backend/backend.ts";
import { backend } from "../backend/select.ts";
import { isFloating } from "../tensor/dtype.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isGradEnabled } from "./grad-mode.ts";
import {
  type BackwardContext,
  type BackwardRule,
  type Edge,
  edgeOf,
  type Gradient,
  type Gradients,
  OpNode,
  type RecordedOp,
} from "./node.ts";
import type { PlacedGradient } from "./placed-gradient.ts";

export type { BackwardContext, Gradient, Gradients } from "./node.ts";
export { PlacedGradient } from "./placed-gradient.ts";

/** One gradient for a single output; a list, with null for outputs nobody used, for several. */
type GradientOf<O> = O extends Tensor ? Tensor : readonly Gradient[];

/** What arrives at an op that `takesPlaced`. */
export type ArrivedGradient = Gradient | PlacedGradient;

export interface OpDefinition<A extends readonly unknown[], O extends Tensor | readonly Tensor[], S> {
  readonly name: string;
  forward(kernels: Backend, ...args: A): { readonly output: O; readonly saved: S };
  backward(kernels: Backend, gradient: GradientOf<O>, saved: S, context: BackwardContext): Gradients;
  /** Whether `backward` calls kernels instead of ops. */
  readonly fused?: boolean;
  /** Whether `backward` takes the gradient of a slice as it comes, a `PlacedGradient`, instead of having it laid out in full. */
  readonly takesPlaced?: boolean;
  /** Whether the gradients that `backward` returns are made for that: nobody else holds them or shares their storages. */
  readonly givesOwn?: boolean;
}

/** Every op there is, by name: the gradient test runs over all of them. */
export const opTable = new Map<string, OpDefinition<never, never, never>>();

/** Makes the function that people call: it runs `forward` and records the op if an argument wants a gradient. */
export function defineOp<A extends readonly unknown[], O extends Tensor | readonly Tensor[], S>(
  definition: OpDefinition<A, O, S>,
): (...args: A) => O {
  opTable.set(definition.name, definition as unknown as OpDefinition<never, never, never>);
  const rule: BackwardRule = (kernels, gradients, saved, context) =>
    definition.backward(kernels, gradients as GradientOf<O>, saved as S, context);
  const ofSeveral: RecordedOp = {
    name: `${definition.name.charAt(0).toUpperCase()}${definition.name.slice(1)}Backward0`,
    rule,
    differentiable: definition.fused !== true,
    takesPlaced: definition.takesPlaced === true,
    givesOwn: definition.givesOwn === true,
  };
  const ofOne: RecordedOp = {
    ...ofSeveral,
    rule: (kernels, gradients, saved, context) =>
      definition.backward(kernels, gradients[0] as GradientOf<O>, saved as S, context),
  };

  return (...args: A): O => {
    const { output, saved } = definition.forward(backend(), ...args);
    if (!isGradEnabled() || !wantsGradient(args)) return output;
    if (output instanceof Tensor) {
      mark(output, new OpNode(ofOne, saved, edgesOf(args), 1), 0);
    } else {
      const node = new OpNode(ofSeveral, saved, edgesOf(args), output.length);
      for (let index = 0; index < output.length; index++) mark(output[index], node, index);
    }
    return output;
  };
}

function edgesOf(args: readonly unknown[]): (Edge | null)[] {
  const edges = new Array<Edge | null>(args.length);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    edges[i] = arg instanceof Tensor ? edgeOf(arg) : null;
  }
  return edges;
}

/** Notes in an output where it came from. */
function mark(output: Tensor, node: OpNode, index: number): void {
  if (!isFloating(output.dtype)) return;
  output.source = node;
  output.sourceIndex = index;
  output.requiresGrad = true;
}

/** Whether an op with these arguments is going to be recorded: only then must it save anything. */
export const willRecord = (...args: readonly unknown[]): boolean => isGradEnabled() && wantsGradient(args);

function wantsGradient(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg instanceof Tensor && arg.requiresGrad) return true;
  }
  return false;
}
