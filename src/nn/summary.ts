/** What a model is made of: its layers in the order in which they run, their outputs and how many parameters they hold. */

import { noGrad } from "../autograd/grad-mode.ts";
import { zeros } from "../ops/create.ts";
import { checkOptions } from "../tensor/check-options.ts";
import type { DType } from "../tensor/dtype.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { defaultGenerator } from "../tensor/random/default-generator.ts";
import { elementCount, formatShape, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";

export interface LayerSummary {
  /** The path in the model, "" for the model itself. */
  readonly path: string;
  /** The name of the class. */
  readonly type: string;
  /** The shape of its output, or of the first tensor of it; null if it was not run. */
  readonly outputShape: Shape | null;
  /** Parameters of its own, those of its submodules not counted. */
  readonly parameters: number;
}

export interface Summary {
  readonly layers: readonly LayerSummary[];
  /** Shared parameters count once. */
  readonly parameters: number;
  /** Those that training changes. */
  readonly trainable: number;
  /** A table for people. */
  toString(): string;
}

export interface SummaryOptions {
  /** The dtype of the input: int64 for a model that begins with an embedding. Default: that of the first parameter */
  readonly dtype?: DType;
}

/**
 * Runs a model once, on zeros and in evaluation mode, and tells what happened. The model and the random stream are left as
 * they were.
 * @param inputShape the shape of the input, or of each of several: `[[8, 10, 5], [1, 8, 32]]`. Default: the model is not run
 * @example console.log(String(summary(model, [32, 50, 1])));
 */
export function summary(model: Module, inputShape?: Shape | readonly Shape[], options: SummaryOptions = {}): Summary {
  checkOptions("summary", options, ["dtype"]);
  if (typeof model?.namedModules !== "function")
    throw new ArgumentError(`summary: expects a model first, got ${typeof model}`);
  const paths = new Map([...model.namedModules()].map(([path, module]) => [module, path]));
  const shapes = inputShape === undefined ? new Map<Module, Shape | null>() : outputShapes(model, inputShape, options);
  // Layers that were not run follow in the order of their paths.
  const order = [...shapes.keys(), ...[...paths.keys()].filter((module) => !shapes.has(module))];
  const counted = new Set<Parameter>();
  const layers = order.map((module) => ({
    path: paths.get(module) ?? "",
    type: module.moduleName,
    outputShape: shapes.get(module) ?? null,
    parameters: countOwn(module, counted),
  }));
  const all = model.parameters();
  const count = (list: readonly Parameter[]) => list.reduce((total, parameter) => total + parameter.elementCount, 0);
  const parameters = count(all);
  const trainable = count(all.filter((parameter) => parameter.requiresGrad));
  return { layers, parameters, trainable, toString: () => table(layers, parameters, trainable) };
}

/** The modules in the order in which they began to run, with the shapes of what they returned. */
function outputShapes(
  model: Module,
  inputShape: Shape | readonly Shape[],
  options: SummaryOptions,
): Map<Module, Shape | null> {
  const several = Array.isArray(inputShape[0]);
  const list = (several ? inputShape : [inputShape]) as readonly Shape[];
  const dtype = options.dtype ?? model.parameters()[0]?.dtype ?? "float32";
  const inputs = list.map((shape) => zeros(shape, { dtype }));
  const shapes = new Map<Module, Shape | null>();
  const before = Array.from(model.modules(), (module) => {
    return { module, training: module.training, own: Object.getOwnPropertyDescriptor(module, "forward") };
  });
  const stream = defaultGenerator.getState();
  // `forward` is watched, not `call`, since most networks run their layers by `forward`.
  for (const { module } of before) {
    const forward = module.forward as (...given: unknown[]) => unknown;
    const watched = (...given: unknown[]): unknown => {
      if (!shapes.has(module)) shapes.set(module, null);
      const output = forward.apply(module, given);
      shapes.set(module, firstShape(output));
      return output;
    };
    Object.defineProperty(module, "forward", { value: watched, configurable: true, enumerable: false });
  }
  try {
    model.eval();
    noGrad(() => (model.forward as (...given: Tensor[]) => unknown)(...inputs));
  } finally {
    for (const { module, training, own } of before) {
      if (own === undefined) delete (module as { forward?: unknown }).forward;
      else Object.defineProperty(module, "forward", own);
      module.training = training;
    }
    defaultGenerator.setState(stream);
  }
  return shapes;
}

function firstShape(output: unknown): Shape | null {
  if (output instanceof Tensor) return output.shape;
  if (typeof output !== "object" || output === null) return null;
  const parts = Symbol.iterator in output ? [...(output as Iterable<unknown>)] : Object.values(output);
  return parts.map(firstShape).find((shape) => shape !== null) ?? null;
}

function countOwn(module: Module, counted: Set<Parameter>): number {
  const below = new Set([...module.children()].flatMap((child) => child.parameters()));
  let count = 0;
  for (const parameter of module.parameters()) {
    if (below.has(parameter) || counted.has(parameter)) continue;
    counted.add(parameter);
    count += elementCount(parameter.shape);
  }
  return count;
}

function table(layers: readonly LayerSummary[], parameters: number, trainable: number): string {
  const rows = layers.map(({ path, type, outputShape, parameters: own }) => [
    path === "" ? type : `${"  ".repeat(path.split(".").length)}${path.split(".").at(-1)}: ${type}`,
    outputShape === null ? "" : formatShape(outputShape),
    own === 0 ? "" : grouped(own),
  ]);
  const head = ["layer", "output", "parameters"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = ([layer, output, own]: readonly string[]) =>
    `${layer.padEnd(widths[0])}  ${output.padEnd(widths[1])}  ${own.padStart(widths[2])}`.trimEnd();
  const rule = "─".repeat(widths[0] + widths[1] + widths[2] + 4);
  const frozen = parameters - trainable;
  const total = `${grouped(parameters)} parameters, ${frozen === 0 ? "all" : grouped(trainable)} trainable`;
  return [line(head), rule, ...rows.map(line), rule, total].join("\n");
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
