/**
 * Hooks: functions that look at what goes into and out of a module, forward or backward, and may put something else in
 * its place. They act when the module is run by `call`; `forward` is the bare computation.
 */

import { defineOp, type Gradient } from "../autograd/define-op.ts";
import { isGradEnabled } from "../autograd/grad-mode.ts";
import { viewOf } from "../backend/allocate.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";

/** Before forward. Whatever it returns, unless undefined, replaces the inputs: a list of them, or a single one. */
export type ForwardPreHook = (module: Module, inputs: readonly unknown[]) => unknown;
/** After forward. Whatever it returns, unless undefined, replaces the output. */
export type ForwardHook = (module: Module, inputs: readonly unknown[], output: unknown) => unknown;
/** Gradients of the inputs or outputs, in their order; null where there is none or what stands there is not a tensor. */
export type GradientList = readonly (Tensor | null)[];
/** Once the gradients of a module's inputs are known. What it returns, unless undefined, replaces them. */
export type FullBackwardHook = (
  module: Module,
  gradInputs: GradientList,
  gradOutputs: GradientList,
) => GradientList | undefined;
/** Before a module's own backward. What it returns, unless undefined, replaces the gradients of the outputs. */
export type FullBackwardPreHook = (module: Module, gradOutputs: GradientList) => GradientList | undefined;

/** What registering a hook returns. */
export interface HookHandle {
  /** Takes the hook away again. */
  remove(): void;
}

/** The hooks of one module, in the order in which they were registered. */
export class ModuleHooks {
  readonly forwardPre = new Set<ForwardPreHook>();
  readonly forward = new Set<ForwardHook>();
  readonly backwardPre = new Set<FullBackwardPreHook>();
  readonly backward = new Set<FullBackwardHook>();

  /** Runs the module's forward with everything around it. */
  run(module: Module, inputs: readonly unknown[]): unknown {
    let given = inputs;
    for (const hook of this.forwardPre) {
      const replaced = hook(module, given);
      if (replaced !== undefined) given = Array.isArray(replaced) ? replaced : [replaced];
    }
    const watched = this.backward.size + this.backwardPre.size > 0 && isGradEnabled();
    const watch = watched ? new GradientWatch(module, this) : null;
    if (watch !== null) given = watch.inputs(given);
    let output: unknown = (module.forward as (...all: readonly unknown[]) => unknown)(...given);
    for (const hook of this.forward) {
      const replaced = hook(module, given, output);
      if (replaced !== undefined) output = replaced;
    }
    return watch === null ? output : watch.output(output);
  }
}

/** Adds a hook and tells how to take it away. */
export function addHook<H>(hooks: Set<H>, hook: H): HookHandle {
  if (typeof hook !== "function") throw new ArgumentError(`a hook is a function, got ${typeof hook}`);
  hooks.add(hook);
  return { remove: () => void hooks.delete(hook) };
}

/** `(onGradients, ...tensors) → the same tensors`, all in one node, which shows their gradients to `onGradients` on their way back. */
const tapGradients = defineOp({
  name: "moduleHook",
  forward(_, onGradients: (gradients: readonly Gradient[]) => readonly Gradient[], ...tensors: Tensor[]) {
    return { output: tensors.map((x) => viewOf(x, x.shape, x.strides)), saved: onGradients };
  },
  backward(_, gradients, onGradients) {
    return [null, ...onGradients(gradients)];
  },
});

/** Catches the gradients of one call: of the outputs when backward enters the module, of the inputs when it leaves. */
class GradientWatch {
  readonly #module: Module;
  readonly #hooks: ModuleHooks;
  #gradOutputs: GradientList = [];
  /** How many inputs there were, and which of them are tensors that want a gradient. */
  #inputCount = 0;
  #tapped: readonly number[] = [];

  constructor(module: Module, hooks: ModuleHooks) {
    this.#module = module;
    this.#hooks = hooks;
  }

  inputs(given: readonly unknown[]): readonly unknown[] {
    this.#inputCount = given.length;
    const { values, tapped } = tap(given, (gradients) => {
      const list: (Tensor | null)[] = new Array(this.#inputCount).fill(null);
      tapped.forEach((place, i) => {
        list[place] = gradients[i];
      });
      const after = this.#leave(list);
      return tapped.map((place) => after[place]);
    });
    this.#tapped = tapped;
    return values;
  }

  output(output: unknown): unknown {
    const isList = Array.isArray(output);
    const { values, tapped } = tap(isList ? output : [output], (gradients) => {
      let list: GradientList = values.map((_, place) => gradients[tapped.indexOf(place)] ?? null);
      for (const hook of this.#hooks.backwardPre) list = hook(this.#module, list) ?? list;
      this.#gradOutputs = list;
      // Without an input that wants a gradient, backward would never come by again.
      if (this.#tapped.length === 0) this.#leave(new Array(this.#inputCount).fill(null));
      return tapped.map((place) => list[place]);
    });
    return isList ? values : values[0];
  }

  #leave(gradInputs: GradientList): GradientList {
    let list = gradInputs;
    for (const hook of this.#hooks.backward) list = hook(this.#module, list, this.#gradOutputs) ?? list;
    return list;
  }
}

function tap(values: readonly unknown[], onGradients: (gradients: readonly Gradient[]) => readonly Gradient[]) {
  const tapped = values.flatMap((value, place) => (value instanceof Tensor && value.requiresGrad ? [place] : []));
  if (tapped.length === 0) return { values, tapped };
  const tensors = tapGradients(onGradients, ...tapped.map((place) => values[place] as Tensor));
  const replaced = [...values];
  tapped.forEach((place, i) => {
    replaced[place] = tensors[i];
  });
  return { values: replaced as readonly unknown[], tapped };
}
