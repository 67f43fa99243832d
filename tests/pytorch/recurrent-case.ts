/** A case of `tools/fixtures/recurrent.py`, drawn again from its seed: weights, then inputs, then the gradients sent back. */

import { type DType, manualSeed, nn, randn, type Tensor } from "refrain";
import { expectRecorded, type Recorded } from "./recorded.ts";

export type LayerKind = "RNN" | "LSTM" | "GRU";
export type CellName = "RNNCell" | "LSTMCell" | "GRUCell";

export interface RecurrentCase {
  seed: number;
  kind: LayerKind | CellName;
  inputSize: number;
  hiddenSize: number;
  /** As Python's keyword arguments. */
  options: Record<string, unknown>;
  dtype: DType;
  /** Of the input. */
  shape: number[];
  /** Whether initial states are given. */
  states: boolean;
  batched: boolean;
  evaluate?: boolean;
  outputs: Recorded[];
  gradients: { inputs: Recorded[]; weights: Record<string, Recorded> };
}

/** `batch_first` → `batchFirst`. */
export const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

export const optionsOf = ({ options, dtype }: Pick<RecurrentCase, "options" | "dtype">) => ({
  ...Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value])),
  dtype,
});

/** What a case is called: `LSTM float64 {"num_layers":2} with initial states`. */
export const titleOf = (example: RecurrentCase): string =>
  [
    example.kind,
    example.dtype,
    JSON.stringify(example.options),
    example.states ? "with initial states" : "",
    example.batched ? "" : "without a batch",
    example.evaluate ? "in evaluation" : "",
  ]
    .filter((part) => part !== "")
    .join(" ");

export function makeLayer(example: RecurrentCase) {
  manualSeed(example.seed);
  const layer = new nn[example.kind as LayerKind](example.inputSize, example.hiddenSize, optionsOf(example));
  return example.evaluate ? layer.eval() : layer;
}

/** The input, and h0 (and c0 for an LSTM) if the case has them; all want a gradient. */
export function drawInputs(example: RecurrentCase): Tensor[] {
  const { shape, states, kind, options, dtype, hiddenSize, batched } = example;
  const draw = (...size: number[]) => randn(size, { dtype, requiresGrad: true });
  const x = draw(...shape);
  if (!states) return [x];
  const cell = kind.endsWith("Cell");
  const batchAxis = !cell && !options.batch_first ? 1 : 0;
  const batch = batched ? [shape[batchAxis]] : [];
  const lead = cell ? [] : [((options.num_layers as number) ?? 1) * (options.bidirectional ? 2 : 1)];
  const hidden = draw(...lead, ...batch, (options.proj_size as number) || hiddenSize);
  return kind.startsWith("LSTM") ? [x, hidden, draw(...lead, ...batch, hiddenSize)] : [x, hidden];
}

/** Sends a gradient drawn from the stream back through every output. */
export function sendBack(outputs: readonly Tensor[]): void {
  outputs
    .map((y) => y.mul(randn(y.shape, { dtype: y.dtype })).sum())
    .reduce((a, b) => a.add(b))
    .backward();
}

export function expectOutputs(outputs: readonly Tensor[], example: RecurrentCase): void {
  const names = ["output", "h", "c"];
  example.outputs.forEach((recorded, i) => {
    expectRecorded(names[i], outputs[i], recorded);
  });
}

export function expectGradients(module: nn.Module, inputs: readonly Tensor[], { gradients }: RecurrentCase): void {
  const names = ["dx", "dh0", "dc0"];
  gradients.inputs.forEach((recorded, i) => {
    expectRecorded(names[i], inputs[i].grad, recorded);
  });
  const weights = Object.fromEntries(module.namedParameters());
  for (const [name, recorded] of Object.entries(gradients.weights)) {
    expectRecorded(`gradient of ${name}`, weights[name].grad, recorded);
  }
}
