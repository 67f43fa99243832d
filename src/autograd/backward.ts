/** Runs the graph backwards: from a loss to the gradients of its leaves. */

import { allocate, allocateGradient } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { AutogradError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { withGradMode } from "./grad-mode.ts";
import { gradientSum } from "./gradient-sum.ts";
import { type Edge, edgeOf, type Gradient, LeafNode, type Node, OpNode } from "./node.ts";
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
  const nodes = order(seeds.map(([edge]) => edge.node));
  const arrived = new Arrivals(nodes);
  for (const [edge, gradient] of seeds) arrived.add(edge, gradient, false);
  const found: Gradient[] = wanted === null ? [] : wanted.map(() => null);
  const onTheWay = wanted === null ? null : leadingTo(nodes, wanted);

  for (const node of nodes) {
    if (!arrived.any(node)) continue;
    const call = node instanceof OpNode ? node : null;
    const asTheyAre = call?.op.takesPlaced === true && call.retained === null && wanted === null;
    const gradients = asTheyAre ? (arrived.of(node) as Gradient[]) : arrived.inFull(node);
    wanted?.forEach((edge, i) => {
      if (edge.node === node) found[i] = gradients[edge.index] ?? null;
    });
    if (call === null) {
      if (wanted === null) addToGrad((node as LeafNode).leaf, gradients[0], arrived.isOwn(node));
      continue;
    }
    if (call.retained !== null) for (const [index, tensor] of call.retained) addToGrad(tensor, gradients[index], false);
    const { inputs } = call;
    const needs = new Array<boolean>(inputs.length);
    let needsAny = false;
    for (let i = 0; i < inputs.length; i++) {
      const edge = inputs[i];
      needs[i] = edge !== null && (onTheWay === null || onTheWay.has(edge.node));
      needsAny ||= needs[i];
    }
    if (!needsAny) continue;
    if (createGraph && !call.op.differentiable) {
      throw new AutogradError(
        `grad: ${call.name} is a fused op, its gradient cannot be differentiated again; ` +
          "write the part that needs second derivatives with cells (nn.LSTMCell …) or single ops",
      );
    }
    const results = call.backward(kernels, gradients, { needs, retain });
    for (let i = 0; i < needs.length; i++) {
      const gradient = results[i];
      if (needs[i] && gradient !== null && gradient !== undefined) {
        arrived.add(inputs[i] as Edge, gradient, call.op.givesOwn);
      }
    }
  }
  return found;
}

/** What may wait at a node until its turn comes. */
type Arrived = Gradient | PlacedGradient;

const inFull = (gradient: Arrived): Gradient => (gradient instanceof PlacedGradient ? gradient.full() : gradient);

/** The gradients on their way in one run, at the nodes where they wait. */
class Arrivals {
  readonly #waiting: (Arrived[] | null)[];
  /** At nodes with one output: whether nobody else holds what waits there. */
  readonly #own: boolean[];
  readonly #nodes: readonly Node[];

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
    this.#waiting = new Array(nodes.length);
    this.#own = new Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      nodes[i].place = i;
      this.#waiting[i] = null;
      this.#own[i] = false;
    }
  }

  /** A run within this one, started by an op or a hook, may have given the node another place. */
  #placeOf(node: Node): number {
    return this.#nodes[node.place] === node ? node.place : this.#nodes.indexOf(node);
  }

  /** Adds to what waits at an edge; sums are new tensors, since a gradient may have come by several ways. */
  add({ node, index }: Edge, gradient: Tensor | PlacedGradient, own: boolean): void {
    const place = this.#placeOf(node);
    let gradients = this.#waiting[place];
    if (gradients === null) {
      gradients = node.outputCount === 1 ? [null] : new Array(node.outputCount).fill(null);
      this.#waiting[place] = gradients;
    }
    const before = gradients[index];
    this.#own[place] = before === null ? own && !(gradient instanceof PlacedGradient) : true;
    gradients[index] = before === null ? gradient : gradientSum(inFull(before) as Tensor, inFull(gradient) as Tensor);
  }

  any(node: Node): boolean {
    return this.#waiting[this.#placeOf(node)] !== null;
  }

  of(node: Node): Arrived[] {
    return this.#waiting[this.#placeOf(node)] as Arrived[];
  }

  inFull(node: Node): Gradient[] {
    const gradients = this.of(node);
    for (let i = 0; i < gradients.length; i++) gradients[i] = inFull(gradients[i]);
    return gradients as Gradient[];
  }

  isOwn(node: Node): boolean {
    return this.#own[this.#placeOf(node)];
  }
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

let passes = 0;

/** All nodes that the gradient can reach, latest first. */
function order(roots: readonly Node[]): Node[] {
  const pass = ++passes;
  const nodes: Node[] = [];
  const leaves: Node[] = [];
  const see = (node: Node): void => {
    if (node.pass === pass) return;
    node.pass = pass;
    (node instanceof LeafNode ? leaves : nodes).push(node);
  };
  for (const root of roots) see(root);
  let sorted = true;
  for (let i = 0; i < nodes.length; i++) {
    if (i > 0 && nodes[i].sequence > nodes[i - 1].sequence) sorted = false;
    const { inputs } = nodes[i];
    for (let k = 0; k < inputs.length; k++) {
      const edge = inputs[k];
      if (edge !== null) see(edge.node);
    }
  }
  if (!sorted) nodes.sort(laterFirst);
  for (const leaf of leaves) nodes.push(leaf);
  return nodes;
}

const laterFirst = (a: Node, b: Node): number => b.sequence - a.sequence;

/** Adds to a leaf's gradient, which is its own and row-major: what is shared with the graph, or a view of something larger, is copied. */
function addToGrad(leaf: Tensor, gradient: Gradient, own: boolean): void {
  if (gradient === null) return;
  const sum = leaf.peekGrad();
  if (sum !== null) {
    sum.storage.version++;
    backend().accumulate(gradient, sum, 1);
    if (own) backend().release(gradient.storage);
    return;
  }
  if (own && gradient.isContiguous) {
    leaf.adoptGrad(gradient);
    return;
  }
  const copy = allocateGradient(gradient.shape, gradient.dtype);
  backend().copy(gradient, copy);
  leaf.adoptGrad(copy);
}
