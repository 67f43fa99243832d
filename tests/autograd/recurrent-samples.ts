/** The recurrent op under gradcheck: every cell, both directions, projections, lengths, initial states, any of its outputs. */

import type { Tensor } from "refrain";
import { type CellKind, GATES } from "../../src/backend/recurrent.ts";
import { type LayerSpec, recurrentLayer } from "../../src/ops/recurrent.ts";
import { leaf, strided, values } from "./inputs.ts";
import type { OpSample } from "./op-samples.ts";

interface Options {
  readonly bidirectional?: boolean;
  readonly reverse?: boolean;
  readonly projSize?: number;
  readonly lengths?: readonly number[];
  readonly batchFirst?: boolean;
  readonly bias?: boolean;
  readonly states?: boolean;
  readonly steps?: number;
  readonly batch?: number;
  /** Whether x lies in memory as a transposed, strided tensor. */
  readonly stridedX?: boolean;
  /** Of y, hn and cn, those that the gradient comes from. */
  readonly outputs?: readonly number[];
  /** Whether only the weights, not x and the states, require a gradient. */
  readonly onlyWeights?: boolean;
}

const INPUTS = 3;
const HIDDEN = 2;

function recurrent(what: string, cell: CellKind, options: Options = {}): OpSample {
  const { bidirectional = false, projSize = 0, batchFirst = false, bias = true, steps = 3, batch = 2 } = options;
  const D = bidirectional ? 2 : 1;
  const P = projSize || HIDDEN;
  const rows = GATES[cell] * HIDDEN;
  const spec: LayerSpec = {
    cell,
    inputSize: INPUTS,
    hiddenSize: HIDDEN,
    projSize,
    bidirectional,
    batchFirst,
    lengths: options.lengths === undefined ? null : Int32Array.from(options.lengths),
    reverse: options.reverse ?? false,
  };
  let seed = 10;
  const make = options.onlyWeights ? values : leaf;
  const xShape = batchFirst ? [batch, steps, INPUTS] : [steps, batch, INPUTS];
  const inputs: Tensor[] = [options.stridedX ? strided(xShape, -1, 1, seed) : make(xShape, -1, 1, seed)];
  const states = options.states ?? true;
  if (states) inputs.push(make([D, batch, P], -1, 1, ++seed));
  if (states && cell === "lstm") inputs.push(make([D, batch, HIDDEN], -1, 1, ++seed));
  const first = inputs.length;
  const slots = [[rows, INPUTS], [rows, P], bias ? [rows] : null, bias ? [rows] : null, projSize ? [P, HIDDEN] : null];
  for (let d = 0; d < D; d++) for (const shape of slots) if (shape !== null) inputs.push(leaf(shape, -1, 1, ++seed));
  const f = (...all: Tensor[]): Tensor[] => {
    const given = all.slice(first);
    const weights = Array.from({ length: D }, () =>
      slots.map((shape) => (shape === null ? null : (given.shift() as Tensor))),
    ).flat();
    const c0 = states && cell === "lstm" ? all[2] : null;
    const results = recurrentLayer(spec, all[0], states ? all[1] : null, c0, weights);
    // cn of a cell without long memory is empty.
    return (options.outputs ?? (cell === "lstm" ? [0, 1, 2] : [0, 1])).map((i) => results[i]);
  };
  return { what: `${cell}: ${what}`, f, inputs };
}

const CELLS: readonly CellKind[] = ["rnnTanh", "rnnRelu", "lstm", "gru"];

export const recurrentSamples: readonly OpSample[] = [
  ...CELLS.flatMap((cell) => [
    recurrent("all outputs", cell),
    recurrent("y alone", cell, { outputs: [0] }),
    recurrent("hn alone", cell, { outputs: [1] }),
    recurrent("no initial state", cell, { states: false }),
    recurrent("no bias", cell, { bias: false }),
    recurrent("from the end", cell, { reverse: true }),
    recurrent("both directions", cell, { bidirectional: true }),
    recurrent("batch first", cell, { batchFirst: true }),
    recurrent("batch first, both directions", cell, { batchFirst: true, bidirectional: true, states: false }),
    recurrent("a strided input", cell, { stridedX: true }),
    recurrent("lengths", cell, { lengths: [3, 1, 2], batch: 3 }),
    recurrent("lengths, from the end", cell, { lengths: [1, 3, 2], batch: 3, reverse: true }),
    recurrent("lengths, both directions, batch first", cell, {
      lengths: [2, 3],
      bidirectional: true,
      batchFirst: true,
    }),
    recurrent("lengths, hn alone, both directions", cell, { lengths: [2, 3], bidirectional: true, outputs: [1] }),
    recurrent("one step, one sequence", cell, { steps: 1, batch: 1 }),
    recurrent("weights alone", cell, { onlyWeights: true }),
  ]),
  recurrent("cn alone", "lstm", { outputs: [2] }),
  recurrent("hn and cn", "lstm", { outputs: [1, 2] }),
  recurrent("cn alone, lengths, both directions", "lstm", { outputs: [2], lengths: [3, 2], bidirectional: true }),
  recurrent("projected", "lstm", { projSize: 1 }),
  recurrent("projected, no bias, both directions", "lstm", { projSize: 1, bias: false, bidirectional: true }),
  recurrent("projected, lengths, from the end, batch first", "lstm", {
    projSize: 1,
    lengths: [1, 3],
    reverse: true,
    batchFirst: true,
  }),
  recurrent("projected, cn alone", "lstm", { projSize: 1, outputs: [2] }),
];
