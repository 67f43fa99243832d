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
import { type BackwardContext, type BackwardRule, edgeOf, type Gradient, type Gradients, OpNode } from "./node.ts";

export type { BackwardContext, Gradient, Gradients } from "./node.ts";

/** One gradient for a single output; a list, with null for outputs nobody used, for several. */
type GradientOf<O> = O extends Tensor ? Tensor : readonly Gradient[];

export interface OpDefinition<A extends readonly unknown[], O extends Tensor | readonly Tensor[], S> {
  readonly name: string;
  forward(kernels: Backend, ...args: A): { readonly output: O; readonly saved: S };
  backward(kernels: Backend, gradient: GradientOf<O>, saved: S, context: BackwardContext): Gradients;
  /** Whether `backward` calls kernels instead of ops. */
  readonly fused?: boolean;
}

/** Every op there is, by name: the gradient test runs over all of them. */
export const opTable = new Map<string, OpDefinition<never, never, never>>();

/** Makes the function that people call: it runs `forward` and records the op if an argument wants a gradient. */
export function defineOp<A extends readonly unknown[], O extends Tensor | readonly Tensor[], S>(
  definition: OpDefinition<A, O, S>,
): (...args: A) => O {
  opTable.set(definition.name, definition as unknown as OpDefinition<never, never, never>);
  const name = `${definition.name.charAt(0).toUpperCase()}${definition.name.slice(1)}Backward0`;
  const rule: BackwardRule = (kernels, gradients, saved, context) =>
    definition.backward(kernels, gradients as GradientOf<O>, saved as S, context);
  const ruleOfOne: BackwardRule = (kernels, [gradient], saved, context) =>
    definition.backward(kernels, gradient as GradientOf<O>, saved as S, context);

  return (...args: A): O => {
    const { output, saved } = definition.forward(backend(), ...args);
    if (!isGradEnabled() || !wantsGradient(args)) return output;
    const outputs: readonly Tensor[] = output instanceof Tensor ? [output] : output;
    const inputs = args.map((arg) => (arg instanceof Tensor ? edgeOf(arg) : null));
    const node = new OpNode({
      name,
      rule: output instanceof Tensor ? ruleOfOne : rule,
      saved,
      inputs,
      outputCount: outputs.length,
      differentiable: definition.fused !== true,
    });
    for (let index = 0; index < outputs.length; index++) {
      const tensor = outputs[index];
      if (!isFloating(tensor.dtype)) continue;
      tensor.source = node;
      tensor.sourceIndex = index;
      tensor.requiresGrad = true;
    }
    return output;
  };
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
