/** Runs the graph backwards: from a loss to the gradients of its leaves. */

import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { AutogradError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { withGradMode } from "./grad-mode.ts";
import { gradientSum } from "./gradient-sum.ts";
import { type Edge, edgeOf, type Gradient, type LeafNode, type Node, OpNode } from "./node.ts";
import { PlacedGradient } from "./placed-gradient.ts";

export interface BackwardOptions {
  /** dL/d(tensor); needed unless the tensor is a single number, whose gradient is 1. */
  readonly gradient?: Tensor;
  /** Keeps what was saved, so that backward can run through the same graph again. Default false. */
  readonly retainGraph?: boolean;
}

export interface GradOptions {
  /** dL/d(output) for each output; 1 by default for single numbers. */
  readonly gradOutputs?: readonly Tensor[];
  /** Default: the value of `createGraph`. */
  readonly retainGraph?: boolean;
  /** Records the computation of the gradients, so that they can be differentiated. Default false. */
  readonly createGraph?: boolean;
  /** Returns null for an input that the outputs do not depend on, instead of throwing. Default false. */
  readonly allowUnused?: boolean;
}

/**
 * Adds the gradient of `tensor` with respect to every leaf that it depends on to that leaf's `grad`.
 * @param tensor usually the loss: a single number
 * @throws {AutogradError} if the tensor depends on nothing that requires a gradient, or its graph was already freed
 */
export function backward(tensor: Tensor, options: BackwardOptions = {}): void {
  const edge = edgeOf(tensor);
  if (edge === null) {
    throw new AutogradError(
      "backward: this tensor depends on nothing that requires a gradient; was it made under noGrad, or from detached tensors?",
    );
  }
  const seed = seedFor("backward", tensor, options.gradient);
  withGradMode(false, () =>
    run([[edge, seed]], { retain: options.retainGraph ?? false, createGraph: false, wanted: null }),
  );
}

/**
 * The gradients of `outputs` with respect to `inputs`, returned instead of added to `grad`.
 * @returns one gradient for each input, with the input's shape; null only where `allowUnused`
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): Gradient[] {
  const outputList = outputs instanceof Tensor ? [outputs] : outputs;
  const inputList = inputs instanceof Tensor ? [inputs] : inputs;
  const createGraph = options.createGraph ?? false;
  const seeds = outputList.map((output, i): [Edge, Tensor] => {
    const edge = edgeOf(output);
    if (edge === null) throw new AutogradError(`grad: output ${i} depends on nothing that requires a gradient`);
    return [edge, seedFor("grad", output, options.gradOutputs?.[i])];
  });
  const wanted = inputList.map((input, i) => {
    const edge = edgeOf(input);
    if (edge === null) throw new AutogradError(`grad: input ${i} does not require a gradient`);
    return edge;
  });
  const found = withGradMode(createGraph, () =>
    run(seeds, { retain: options.retainGraph ?? createGraph, createGraph, wanted }),
  );
  return found.map((gradient, i) => {
    if (gradient === null && !(options.allowUnused ?? false)) {
      throw new AutogradError(
        `grad: the outputs do not depend on input ${i}; pass { allowUnused: true } to get null for it`,
      );
    }
    return gradient;
  });
}

function seedFor(place: string, tensor: Tensor, gradient: Tensor | undefined): Tensor {
  if (gradient !== undefined) {
    if (!sameShape(gradient.shape, tensor.shape)) {
      throw new ShapeError(
        `${place}: the gradient must have the tensor's shape ${formatShape(tensor.shape)}, got ${formatShape(gradient.shape)}`,
      );
    }
    if (gradient.dtype !== tensor.dtype) {
      throw new DTypeError(
        `${place}: the gradient is ${gradient.dtype}, the tensor ${tensor.dtype}; cast it: gradient.to("${tensor.dtype}")`,
      );
    }
    return gradient;
  }
  if (tensor.elementCount !== 1) {
    throw new ShapeError(
      `${place}: only a single number has an implicit gradient of 1, this tensor is ${formatShape(tensor.shape)}; ` +
        "reduce it (x.sum(), x.mean()) or pass { gradient }",
    );
  }
  const one = allocate(tensor.shape, tensor.dtype);
  backend().fill(one, 1);
  return one;
}

interface Run {
  readonly retain: boolean;
  readonly createGraph: boolean;
  /** Collect the gradients that arrive here, and leave every leaf's `grad` alone; null: add to the leaves. */
  readonly wanted: readonly Edge[] | null;
}

function run(seeds: readonly [Edge, Tensor][], { retain, createGraph, wanted }: Run): Gradient[] {
  const kernels = backend();
  const arrived = new Map<Node, Arrived[]>();
  for (const [edge, gradient] of seeds) arrive(arrived, edge, gradient);
  const found: Gradient[] = wanted === null ? [] : wanted.map(() => null);
  const nodes = order(seeds.map(([edge]) => edge.node));
  const onTheWay = wanted === null ? null : leadingTo(nodes, wanted);

  for (const node of nodes) {
    const come = arrived.get(node);
    if (come === undefined) continue;
    arrived.delete(node);
    const call = node instanceof OpNode ? node : null;
    const asTheyAre = call?.op.takesPlaced === true && call.retained === null && wanted === null;
    const gradients = asTheyAre ? (come as Gradient[]) : allInFull(come);
    wanted?.forEach((edge, i) => {
      if (edge.node === node) found[i] = gradients[edge.index] ?? null;
    });
    if (call === null) {
      if (wanted === null) addToGrad((node as LeafNode).leaf, gradients[0]);
      continue;
    }
    if (call.retained !== null) for (const [index, tensor] of call.retained) addToGrad(tensor, gradients[index]);
    const { inputs } = call;
    const needs: boolean[] = [];
    for (let i = 0; i < inputs.length; i++) {
      const edge = inputs[i];
      needs.push(edge !== null && (onTheWay === null || onTheWay.has(edge.node)));
    }
    if (!needs.includes(true)) continue;
    if (createGraph && !call.op.differentiable) {
      throw new AutogradError(
        `grad: ${call.name} is a fused op, its gradient cannot be differentiated again; ` +
          "write the part that needs second derivatives with cells (nn.LSTMCell …) or single ops",
      );
    }
    const results = call.backward(kernels, gradients, { needs, retain });
    for (let i = 0; i < needs.length; i++) {
      const gradient = results[i];
      if (needs[i] && gradient !== null && gradient !== undefined) arrive(arrived, inputs[i] as Edge, gradient);
    }
  }
  return found;
}

/** What may wait at a node until its turn comes. */
type Arrived = Gradient | PlacedGradient;

const inFull = (gradient: Arrived): Gradient => (gradient instanceof PlacedGradient ? gradient.full() : gradient);

function allInFull(gradients: Arrived[]): Gradient[] {
  for (let i = 0; i < gradients.length; i++) gradients[i] = inFull(gradients[i]);
  return gradients as Gradient[];
}

/** The wanted nodes and those through which gradients reach them: nothing else is computed, or freed. */
function leadingTo(latestFirst: readonly Node[], wanted: readonly Edge[]): Set<Node> {
  const leading = new Set(wanted.map((edge) => edge.node));
  for (let i = latestFirst.length - 1; i >= 0; i--) {
    const node = latestFirst[i];
    if (node.inputs.some((edge) => edge !== null && leading.has(edge.node))) leading.add(node);
  }
  return leading;
}

/** All nodes that the gradient can reach, latest first. */
function order(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>(roots);
  const nodes = [...seen];
  for (let i = 0; i < nodes.length; i++) {
    for (const edge of nodes[i].inputs) {
      if (edge !== null && !seen.has(edge.node)) {
        seen.add(edge.node);
        nodes.push(edge.node);
      }
    }
  }
  return nodes.sort(laterFirst);
}

const laterFirst = (a: Node, b: Node): number => b.sequence - a.sequence;

/** The sum of what has come to an output so far; sums are new tensors, since a gradient may have come by several ways. */
function arrive(arrived: Map<Node, Arrived[]>, { node, index }: Edge, gradient: Tensor | PlacedGradient): void {
  let gradients = arrived.get(node);
  if (gradients === undefined) {
    gradients = new Array(node instanceof OpNode ? node.outputCount : 1).fill(null);
    arrived.set(node, gradients);
  }
  const before = gradients[index];
  gradients[index] = before === null ? gradient : gradientSum(inFull(before) as Tensor, inFull(gradient) as Tensor);
}

function addToGrad(leaf: Tensor, gradient: Gradient): void {
  if (gradient === null) return;
  if (leaf.grad === null) {
    leaf.grad = ownGradient(gradient);
  } else {
    leaf.grad.storage.version++;
    backend().accumulate(gradient, leaf.grad, 1);
  }
}

/** A gradient may be shared with the graph or be a view of something larger: the leaf gets its own, row-major. */
function ownGradient(gradient: Tensor): Tensor {
  if (freshGradients.delete(gradient)) return gradient;
  const own = allocate(gradient.shape, gradient.dtype);
  backend().copy(gradient, own);
  return own;
}

/** Gradients that a rule allocated for one leaf alone and hands over, so that no copy is needed. */
const freshGradients = new WeakSet<Tensor>();

/** Marks a gradient as the caller's own: nobody else holds it or shares its storage. */
export function handOver(gradient: Tensor): Tensor {
  freshGradients.add(gradient);
  return gradient;
}
