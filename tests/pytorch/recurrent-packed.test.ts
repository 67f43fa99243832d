import { manualSeed, nn, randn, type Tensor, tensor } from "refrain";
import { describe, expect, it } from "vitest";
import { FLOAT32_OF_MAXIMUM } from "../tolerances.ts";
import { casesOf, expectRecorded, type Recorded } from "./recorded.ts";
import {
  drawInputs,
  expectGradients,
  expectOutputs,
  makeLayer,
  type RecurrentCase,
  sendBack,
  titleOf,
} from "./recurrent-case.ts";

interface RecordedPacked {
  data: Recorded;
  batchSizes: number[];
  sortedIndices: number[] | null;
  unsortedIndices: number[] | null;
}

interface PackedCase extends RecurrentCase {
  lengths: number[];
  enforceSorted: boolean;
  totalLength: number | null;
  paddingValue: number;
  packed: RecordedPacked;
  packedOutput: Recorded;
  lengthsBack: number[];
}

function expectPacked(packed: nn.PackedSequence, recorded: RecordedPacked): void {
  expectRecorded("data", packed.data, recorded.data);
  expect(packed.batchSizes.dtype).toBe("int64");
  expect(packed.batchSizes.toArray()).toEqual(recorded.batchSizes);
  expect(packed.sortedIndices?.toArray() ?? null).toEqual(recorded.sortedIndices);
  expect(packed.unsortedIndices?.toArray() ?? null).toEqual(recorded.unsortedIndices);
}

const cases = casesOf<PackedCase>("recurrent/packed");
const named = cases.map((example) => [`${titleOf(example)}, lengths ${example.lengths}`, example] as const);

type Layer = nn.RNN | nn.LSTM | nn.GRU;

/** Output, h, and c of an LSTM. */
function runPacked(layer: Layer, x: nn.PackedSequence, states: Tensor[]): [nn.PackedSequence, ...Tensor[]] {
  if (!(layer instanceof nn.LSTM)) return layer.forward(x, states[0]);
  const [output, { h, c }] = layer.forward(x, states.length === 0 ? null : [states[0], states[1]]);
  return [output, h, c];
}

function runPadded(layer: Layer, x: Tensor, states: Tensor[], lengths: number[]): Tensor[] {
  if (!(layer instanceof nn.LSTM)) return layer.forward(x, states[0], { lengths });
  const [output, { h, c }] = layer.forward(x, states.length === 0 ? null : [states[0], states[1]], { lengths });
  return [output, h, c];
}

describe("a packed batch gives PyTorch's rows, indices, outputs, final states and gradients", () => {
  it.each(named)("%s", (_, example) => {
    const layer = makeLayer(example);
    const [x, ...states] = drawInputs(example);
    const { batchFirst } = layer;
    const { enforceSorted, totalLength, paddingValue } = example;
    const packed = nn.packPaddedSequence(x, tensor(example.lengths, { dtype: "int64" }), { batchFirst, enforceSorted });
    expectPacked(packed, example.packed);
    const [output, ...finals] = runPacked(layer, packed, states);
    expectRecorded("packed output", output.data, example.packedOutput);
    const [padded, lengths] = nn.padPackedSequence(output, { batchFirst, paddingValue, totalLength });
    expect(lengths.toArray()).toEqual(example.lengthsBack);
    sendBack([padded, ...finals]);
    expectOutputs([padded, ...finals], example);
    expectGradients(layer, [x, ...states], example);
  });
});

describe("lengths and a packed batch give the same, bit for bit", () => {
  it.each(named)("%s", (_, example) => {
    const bits = (packed: boolean) => {
      const layer = makeLayer(example);
      const [x, ...states] = drawInputs(example);
      const { batchFirst } = layer;
      const steps = x.shape[batchFirst ? 1 : 0];
      const finals = packed
        ? runPacked(layer, nn.packPaddedSequence(x, example.lengths, { batchFirst, enforceSorted: false }), states)
        : runPadded(layer, x, states, example.lengths);
      const [output, ...rest] = finals;
      const padded =
        output instanceof nn.PackedSequence
          ? nn.padPackedSequence(output, { batchFirst, totalLength: steps })[0]
          : output;
      sendBack([padded, ...(rest as Tensor[])]);
      const gradients = [x, ...states, ...layer.parameters()].map((leaf) => leaf.grad?.toArray());
      return [padded.toArray(), ...(rest as Tensor[]).map((state) => state.toArray()), ...gradients];
    };
    expect(bits(true)).toEqual(bits(false));
  });
});

describe("sequences are padded, packed and taken apart as in PyTorch", () => {
  interface PaddingCase {
    line: string;
    call: "padSequence" | "packSequence" | "unpackSequence" | "unpadSequence";
    options: nn.PadOptions & nn.PackOptions;
    sequences: number[][];
    output?: Recorded;
    outputs?: Recorded[];
    packed?: RecordedPacked;
  }

  /** Whole numbers counted up over all sequences. */
  function countedUp(shapes: number[][]): Tensor[] {
    let next = 0;
    return shapes.map((shape) => {
      const count = shape.reduce((a, b) => a * b, 1);
      next += count;
      return tensor(Float32Array.from({ length: count }, (_, i) => next - count + i)).reshape(shape);
    });
  }

  it.each(casesOf<PaddingCase>("recurrent/padding").map((example) => [example.line, example] as const))(
    "%s",
    (_, { call, options, sequences: shapes, output, outputs, packed }) => {
      const sequences = countedUp(shapes);
      if (call === "padSequence") expectRecorded("padded", nn.padSequence(sequences, options), output!);
      if (call === "packSequence") expectPacked(nn.packSequence(sequences, options), packed!);
      const unpadded = () =>
        nn.unpadSequence(
          nn.padSequence(sequences, options),
          shapes.map(([length]) => length),
          options,
        );
      const apart =
        call === "unpackSequence"
          ? nn.unpackSequence(nn.packSequence(sequences, options))
          : call === "unpadSequence"
            ? unpadded()
            : [];
      expect(apart.length).toBe(outputs?.length ?? 0);
      outputs?.forEach((recorded, i) => {
        expectRecorded(`sequence ${i}`, apart[i], recorded);
      });
    },
  );
});

describe("laws of packed batches", () => {
  const lengths = [2, 5, 1, 5, 3];
  const draw = () => {
    manualSeed(3);
    return { gru: new nn.GRU(2, 4, { numLayers: 2, bidirectional: true }), x: randn([5, 5, 2]), h0: randn([4, 5, 4]) };
  };

  const apart = (x: Tensor, y: Tensor) => x.sub(y).abs().amax().item();

  it("every sequence comes out as it would alone", () => {
    const { gru, x, h0 } = draw();
    const [output, hn] = gru.forward(nn.packPaddedSequence(x, lengths, { enforceSorted: false }), h0);
    nn.unpackSequence(output).forEach((sequence, b) => {
      const alone = x.slice(1, b, b + 1).slice(0, 0, lengths[b]);
      const [y, h] = gru.forward(alone, h0.slice(1, b, b + 1));
      expect(apart(sequence, y.squeeze(1))).toBeLessThanOrEqual(FLOAT32_OF_MAXIMUM);
      expect(apart(hn.select(1, b), h.squeeze(1))).toBeLessThanOrEqual(FLOAT32_OF_MAXIMUM);
    });
  });

  it("what stands in the padding does not matter, and gets no gradient", () => {
    const { gru, x, h0 } = draw();
    const mask = tensor(lengths.map((length) => Array.from({ length: 5 }, (_, t) => t >= length))).transpose(0, 1);
    const outputOf = (input: Tensor) =>
      gru.forward(nn.packPaddedSequence(input, lengths, { enforceSorted: false }), h0)[0].data;
    const other = x.maskedFill(mask.unsqueeze(-1), 1e6).requiresGrad_();
    const y = outputOf(other);
    expect(y.toArray()).toEqual(outputOf(x).toArray());
    y.sum().backward();
    const gradient = other.grad!.toArray() as number[][][];
    gradient.forEach((step, t) => {
      step.forEach((row, b) => {
        expect(row.some((value) => value !== 0)).toBe(t < lengths[b]);
      });
    });
  });

  it("padding undoes packing", () => {
    const { x } = draw();
    const [padded, back] = nn.padPackedSequence(nn.packPaddedSequence(x, lengths, { enforceSorted: false }));
    expect(nn.unpadSequence(padded, back).map((s) => s.toArray())).toEqual(
      nn.unpadSequence(x, lengths).map((s) => s.toArray()),
    );
  });
});

describe("what makes no packed batch is refused, with the place and the cure", () => {
  const x = randn([4, 3, 2]);
  const packed = nn.packPaddedSequence(x, [4, 2, 1]);

  it.each([
    [
      "a length beyond the padding",
      () => nn.packPaddedSequence(x, [5, 2, 1]),
      /lengths\[0\] .* 1 to the 4 steps .* got 5/,
    ],
    ["a length of 0", () => nn.packPaddedSequence(x, [4, 2, 0]), /lengths\[2\] .* got 0/],
    ["a length that is not whole", () => nn.packPaddedSequence(x, [4, 2.5, 1]), /lengths\[1\] .* got 2.5/],
    ["another number of lengths", () => nn.packPaddedSequence(x, [4, 2]), /2 lengths for a batch of 3/],
    ["unsorted lengths", () => nn.packPaddedSequence(x, [2, 4, 1]), /longest first.*enforceSorted: false/],
    ["unsorted sequences", () => nn.packSequence([randn([1, 2]), randn([2, 2])]), /longest first/],
    ["no sequences", () => nn.padSequence([]), /at least one sequence/],
    ["an empty sequence", () => nn.packSequence([randn([2, 2]), randn([0, 2])]), /sequence 1 has no steps/],
    ["sequences of other features", () => nn.padSequence([randn([2, 2]), randn([2, 3])]), /first axis only.*\[2, 3\]/],
    ["a padding side that is none", () => nn.padSequence([x], { paddingSide: "up" as "left" }), /"right" or "left"/],
    ["a total below the longest", () => nn.padPackedSequence(packed, { totalLength: 3 }), /totalLength .* ≥ 4.* got 3/],
    ["rows that do not fit the steps", () => packed.with(randn([6, 2])), /7 rows together, data is \[6, 2\]/],
    ["rows that grow", () => new nn.PackedSequence(x, tensor([1, 3], { dtype: "int64" })), /never growing/],
    ["other features than the layer's", () => new nn.GRU(3, 4).forward(packed), /\[N, 3\].*got \[7, 2\]/],
    ["another dtype than the layer's", () => new nn.GRU(2, 4).forward(packed.to("float64")), /x is float64.*cast/],
    ["a state of another batch", () => new nn.GRU(2, 4).forward(packed, randn([1, 4, 4])), /h0 must be \[1, 3, 4\]/],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
