/**
 * The graph of gradients. Every recorded op leaves a node that knows how to turn the gradients of its outputs into those of
 * its inputs, and which nodes made the inputs. Leaves have a node too: it adds to their `grad`.
 */

import type { Backend } from "../backend/backend.ts";
import { AutogradError } from "../tensor/errors.ts";
import { type GradientSource, Tensor } from "../tensor/tensor.ts";
import type { PlacedGradient } from "./placed-gradient.ts";

export type Gradient = Tensor | null;

/** One gradient for each argument of an op; null or absent where there is none. */
export type Gradients = readonly (Gradient | PlacedGradient | undefined)[];

/** What the rule of an op is told besides the gradient. */
export interface BackwardContext {
  /** For every argument of the op: whether its gradient is wanted. */
  readonly needs: readonly boolean[];
  /** Whether what was saved is needed again, so that the rule must not consume it. */
  readonly retain: boolean;
}

/** Turns gradients of outputs into gradients of arguments, null where there is none. */
export type BackwardRule = (
  kernels: Backend,
  gradients: readonly Gradient[],
  saved: unknown,
  context: BackwardContext,
) => Gradients;

let count = 0;

export abstract class Node implements GradientSource {
  abstract readonly name: string;
  /** Grows with time, so a node's inputs always have smaller ones: descending order is a valid order. */
  abstract readonly sequence: number;
  abstract readonly inputs: readonly (Edge | null)[];
  /** How many gradients arrive here: one for each output of the op. */
  abstract readonly outputCount: number;
  /** The pass that saw this node last, and where in it its gradients are kept. For `backward.ts`. */
  pass = 0;
  place = 0;
}

const NO_EDGES: readonly Edge[] = [];

/** An argument's gradient goes to output `index` of `node`. */
export interface Edge {
  readonly node: Node;
  readonly index: number;
}

/** The end of the graph: adds to a leaf's `grad`. It is also the edge that leads to itself. */
export class LeafNode extends Node implements Edge {
  readonly name = "AccumulateGrad";
  /** Leaves come last, so that one made in the midst of a graph has heard from everybody. */
  readonly sequence = -1;
  readonly inputs = NO_EDGES;
  readonly outputCount = 1;
  readonly node = this;
  readonly index = 0;
  readonly leaf: Tensor;

  constructor(leaf: Tensor) {
    super();
    this.leaf = leaf;
  }
}

/** The edge that a tensor's gradient travels along, or null if it wants none. */
export function edgeOf(tensor: Tensor): Edge | null {
  if (!tensor.requiresGrad) return null;
  if (tensor.source !== null) return { node: tensor.source as Node, index: tensor.sourceIndex };
  if (tensor.accumulator === null) tensor.accumulator = new LeafNode(tensor);
  return tensor.accumulator as LeafNode;
}

/** What the recorded calls of one op have in common. */
export interface RecordedOp {
  readonly name: string;
  readonly rule: BackwardRule;
  /** Whether the rule is made of ops, so that it can itself be differentiated. */
  readonly differentiable: boolean;
  /** Whether the rule takes the gradient of a slice as it is: a `PlacedGradient`. */
  readonly takesPlaced: boolean;
  /** Whether the rule's results are nobody else's. */
  readonly givesOwn: boolean;
}

/** A recorded call of an op. */
export class OpNode extends Node {
  readonly op: RecordedOp;
  readonly sequence = count++;
  readonly inputs: readonly (Edge | null)[];
  /** Shapes of the outputs are needed for nothing but their number: gradients come in a list of this length. */
  readonly outputCount: number;
  /** Outputs whose `grad` was asked for with `retainGrad()`, by index. */
  retained: Map<number, Tensor> | null = null;
  #saved: unknown;
  #savedTensors: readonly Tensor[];
  readonly #versions: number[] = [];
  #freed = false;

  constructor(op: RecordedOp, saved: unknown, inputs: readonly (Edge | null)[], outputCount: number) {
    super();
    this.op = op;
    this.#saved = saved;
    this.inputs = inputs;
    this.outputCount = outputCount;
    this.#savedTensors = tensorsIn(saved);
    for (const tensor of this.#savedTensors) this.#versions.push(tensor.storage.version);
  }

  get name(): string {
    return this.op.name;
  }

  backward(kernels: Backend, gradients: readonly Gradient[], context: BackwardContext): Gradients {
    if (this.#freed) {
      throw new AutogradError(
        `backward: the graph behind ${this.name} was already used and freed. If a hidden state is carried from one ` +
          "training step to the next, detach the state (h.detach()) before the next step; to use one graph twice on " +
          "purpose, call backward({ retainGraph: true }) the first time",
      );
    }
    for (let i = 0; i < this.#savedTensors.length; i++) this.#checkUnchanged(this.#savedTensors[i], this.#versions[i]);
    const result = this.op.rule(kernels, gradients, this.#saved, context);
    if (!context.retain) {
      this.#freed = true;
      this.#saved = null;
      this.#savedTensors = [];
    }
    return result;
  }

  #checkUnchanged({ storage }: Tensor, version: number): void {
    if (storage.version === version) return;
    throw new AutogradError(
      `backward: a tensor that ${this.name} saved for its gradient was changed in place afterwards ` +
        `(its version was ${version}, now it is ${storage.version}); change a clone() instead, or call backward first`,
    );
  }
}

/** The tensors among what was saved: it is one, or has some as fields, alone or in lists. */
function tensorsIn(saved: unknown): Tensor[] {
  if (saved instanceof Tensor) return [saved];
  const tensors: Tensor[] = [];
  if (typeof saved !== "object" || saved === null) return tensors;
  for (const key in saved) {
    const value = (saved as Record<string, unknown>)[key];
    if (value instanceof Tensor) tensors.push(value);
    else if (Array.isArray(value)) for (const entry of value) if (entry instanceof Tensor) tensors.push(entry);
  }
  return tensors;
}
