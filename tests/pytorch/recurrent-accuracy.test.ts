/** How exact recurrent layers are in float32: over a grid of odd sizes in which every pair of values meets, on every backend. */

import { backend, manualSeed, nn, rand, setBackend, type Tensor } from "refrain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendsUnderTest } from "../conformance/backends.ts";
import { FLOAT32_OF_MAXIMUM, TIMES_PYTORCH_ERROR, UNITS_OF_MAXIMUM } from "../tolerances.ts";
import { casesOf } from "./recorded.ts";

interface Exact {
  /** The largest magnitude. */
  largest: number;
  /** Of PyTorch's float32, as a share of it, over all elements. */
  error: number;
  /** In float64, evenly spread over the elements. */
  samples: number[];
}

interface AccuracyCase {
  seed: number;
  kind: "RNN" | "relu" | "LSTM" | "GRU";
  hidden: number;
  batch: number;
  steps: number;
  layers: number;
  bidirectional: boolean;
  tensors: Record<string, Exact>;
}

const INPUTS = 3;
/** What the slower backends do in a moment. */
const MOST_WORK = 4e6;

const cases = casesOf<AccuracyCase>("recurrent/accuracy");
const uniform = (...shape: number[]): Tensor => rand(shape).mul(2).sub(1);
const workOf = ({ hidden, batch, steps, layers }: AccuracyCase): number => hidden ** 2 * batch * steps * layers;

function makeLayer({ kind, hidden, layers, bidirectional }: AccuracyCase) {
  const options = { numLayers: layers, bidirectional };
  if (kind === "LSTM") return new nn.LSTM(INPUTS, hidden, options);
  if (kind === "GRU") return new nn.GRU(INPUTS, hidden, options);
  return new nn.RNN(INPUTS, hidden, { ...options, nonlinearity: kind === "relu" ? "relu" : "tanh" });
}

/** The output and the gradients of everything, by the names of the fixture. */
function run(example: AccuracyCase): Map<string, Tensor> {
  const { steps, batch, hidden, bidirectional } = example;
  manualSeed(example.seed);
  const layer = makeLayer(example);
  const x = uniform(steps, batch, INPUTS).requiresGrad_();
  const dy = uniform(steps, batch, hidden * (bidirectional ? 2 : 1));
  const [y] = layer instanceof nn.LSTM ? layer.forward(x) : layer.forward(x);
  y.backward({ gradient: dy });
  const gradients = [...layer.namedParameters()].map(([name, { grad }]) => [name, grad as Tensor] as const);
  return new Map([["y", y], ["dx", x.grad as Tensor], ...gradients]);
}

/** The largest difference from the samples, as a share of the tensor's largest magnitude. */
function errorOf(computed: Tensor, { largest, samples }: Exact): number {
  const own = computed.toTypedArray();
  const differences = samples.map((sample, i) => {
    const at = Math.floor((i * (own.length - 1)) / Math.max(1, samples.length - 1));
    return Math.abs(Number(own[at]) - sample);
  });
  return Math.max(...differences) / (largest || 1);
}

const before = backend().name;

for (const name of backendsUnderTest)
  describe(name, () => {
    beforeAll(() => setBackend(name));
    afterAll(() => setBackend(before));
    const some = name === "native" ? cases : cases.filter((example) => workOf(example) <= MOST_WORK);

    it.each(some.map(({ tensors, ...rest }) => [JSON.stringify(rest), { tensors, ...rest }] as const))(
      "%s",
      (_, example) => {
        const computed = run(example);
        expect([...computed.keys()]).toEqual(Object.keys(example.tensors));
        for (const [tensor, exact] of Object.entries(example.tensors)) {
          const error = errorOf(computed.get(tensor) as Tensor, exact);
          expect(error, tensor).toBeLessThanOrEqual(FLOAT32_OF_MAXIMUM);
          const own = Math.max(TIMES_PYTORCH_ERROR * exact.error, UNITS_OF_MAXIMUM);
          expect(error, `${tensor} beside PyTorch's ${exact.error}`).toBeLessThanOrEqual(own);
        }
      },
    );
  });
