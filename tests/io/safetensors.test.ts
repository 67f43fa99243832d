import fc from "fast-check";
import { ArgumentError, type DType, FormatError, manualSeed, nn, noGrad, randn, type Tensor, tensor } from "refrain";
import { loadSafetensors, saveSafetensors } from "refrain/io";
import { describe, expect, it } from "vitest";
import { duplicateKey } from "../../src/io/duplicate-key.ts";
import { readNumbers } from "../../src/ops/read.ts";
import { DTYPES } from "../../src/tensor/dtype.ts";
import { bytesOf, plain, readFixture, type SafetensorsFixture } from "./fixture.ts";

/** A file with any header, well formed or not, and so many bytes of data. */
function fileOf(header: unknown, dataBytes: number, headerLength?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const float = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

/** The header of a file, as text and read. */
function headerOf(bytes: Uint8Array): { text: string; entries: Record<string, { data_offsets: number[] }> } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { text, entries: JSON.parse(text) };
}

const anyName = fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__" && name !== "__metadata__");

/** Any tensor of any dtype, with any bits, some of them transposed views. */
const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom(...(DTYPES as DType[])),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    seed: fc.nat(),
    turned: fc.boolean(),
  })
  .map(({ dtype, shape, seed, turned }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const bits = Array.from({ length: count }, (_, i) => Math.imul(seed + i, 2654435761) | 0);
    const values = {
      bool: () => bits.map((x) => x < 0),
      uint8: () => Uint8Array.from(bits),
      int32: () => Int32Array.from(bits),
      int64: () => BigInt64Array.from(bits, (x) => BigInt(x) * 4294967311n),
      float32: () => new Float32Array(Int32Array.from(bits).buffer),
      float64: () => Float64Array.from(bits, (x) => x / 3),
    }[dtype]();
    const x = tensor(values, { dtype, shape });
    return turned && shape.length > 1 ? x.transpose(0, 1) : x;
  });

describe("saveSafetensors and loadSafetensors", () => {
  it("give back every name, bit and line of metadata: load ∘ save = identity", () => {
    const metadata = fc.dictionary(
      fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__"),
      fc.string(),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.dictionary(anyName, anyTensor, { noNullPrototype: true }), metadata, (state, lines) => {
        const loaded = loadSafetensors(saveSafetensors(state, lines));
        expect(plain(loaded.state)).toEqual(plain(state));
        expect(Object.keys(loaded.state)).toEqual(Object.keys(state));
        expect(loaded.metadata).toEqual(lines);
      }),
      { numRuns: 500 },
    );
  });

  it("begin every tensor at a multiple of its element size, and the data at a multiple of 8", () => {
    fc.assert(
      fc.property(fc.dictionary(anyName, anyTensor, { noNullPrototype: true }), (state) => {
        const { text, entries } = headerOf(saveSafetensors(state));
        expect(new TextEncoder().encode(text).length % 8).toBe(0);
        for (const [name, { dtype }] of Object.entries(state)) {
          const size = { bool: 1, uint8: 1, int32: 4, int64: 8, float32: 4, float64: 8 }[dtype];
          expect(entries[name].data_offsets[0] % size).toBe(0);
        }
      }),
    );
  });

  it("carry a network: the same outputs after saving and loading", () => {
    manualSeed(0);
    const first = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true });
    const second = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true });
    const x = randn([5, 2, 3]);
    second.loadStateDict(loadSafetensors(saveSafetensors(first.stateDict())).state);
    const [a, b] = noGrad(() => [first.forward(x)[0], second.forward(x)[0]]);
    expect(readNumbers(b)).toEqual(readNumbers(a));
  });

  it("write the bytes that the format's description asks for", () => {
    const bytes = saveSafetensors({ "a.b": tensor([1, -2]), c: tensor([true]) }, { format: "pt" });
    const header =
      '{"__metadata__":{"format":"pt"},"a.b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},' +
      '"c":{"dtype":"BOOL","shape":[1],"data_offsets":[8,9]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const wanted = [padded.length, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(padded), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1];
    expect([...bytes]).toEqual(wanted);
  });
});

describe("loadSafetensors", () => {
  const fixture = readFixture<SafetensorsFixture>("safetensors");

  it("reads a file of NumPy's elements bit for bit, halves and short integers widened", () => {
    const { state, metadata } = loadSafetensors(bytesOf(fixture.file));
    expect(plain(state)).toEqual(fixture.state);
    expect(metadata).toEqual(fixture.metadata);
  });

  it("owns what it read, wherever the bytes began", () => {
    const file = Buffer.concat([Buffer.from([9]), Buffer.from(fixture.file, "base64")]).subarray(1);
    const { state } = loadSafetensors(file);
    file.fill(0);
    expect(plain(state)).toEqual(fixture.state);
  });

  it("gives names that every object has no meaning", () => {
    const { state } = loadSafetensors(fileOf({ constructor: float(0, 4), toString: float(4, 8) }, 8));
    expect(Object.keys(state)).toEqual(["constructor", "toString"]);
    expect(readNumbers(state.constructor as unknown as Tensor)).toEqual([0]);
  });

  const a = float(0, 8);
  const hostile: [what: string, bytes: Uint8Array, message: string][] = [
    ["no bytes", new Uint8Array(), "too few for a header"],
    ["a header longer than the file", fileOf({ a }, 8, 1000), "is it whole?"],
    ["a header beyond 100 MB", fileOf({ a }, 8, 2 ** 40), "more than 100000000"],
    ["a header that is no object", fileOf("[1]", 0), 'does not begin with "{"'],
    ["a byte-order mark", fileOf("\ufeff{}", 0), 'does not begin with "{"'],
    ["a header that is no JSON", fileOf("{a}", 0), "not JSON"],
    ["a header that is no UTF-8", Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x22, 0x7d), "not JSON"],
    ["a name given twice", fileOf(`{"a":${JSON.stringify(a)},"\\u0061":${JSON.stringify(a)}}`, 8), '"a" twice'],
    [
      "a field given twice",
      fileOf('{"a":{"dtype":"F32","dtype":"I32","shape":[],"data_offsets":[0,4]}}', 4),
      '"dtype" twice',
    ],
    ["a tensor named __proto__", fileOf(`{"__proto__":${JSON.stringify(a)}}`, 8), '"__proto__"'],
    ["metadata named __proto__", fileOf('{"__metadata__":{"__proto__":"x"}}', 0), '"__proto__"'],
    ["metadata that is no text", fileOf({ __metadata__: { epoch: 3 } }, 0), "__metadata__.epoch must be text, got 3"],
    ["metadata that is no object", fileOf({ __metadata__: ["x"] }, 0), "__metadata__ must be an object"],
    ["a tensor that is no object", fileOf({ a: 5 }, 0), '"a" must be an object'],
    ["an unknown dtype", fileOf({ a: { ...a, dtype: "F8_E4M3" } }, 8), '"a" has the dtype "F8_E4M3"'],
    ["a dtype that every object has", fileOf({ a: { ...a, dtype: "constructor" } }, 8), "dtype"],
    ["a negative size", fileOf({ a: { ...a, shape: [-1, -2] } }, 8), '"a" has the shape [-1,-2]'],
    ["a size that is not whole", fileOf({ a: { ...a, shape: [0.5, 4] } }, 8), '"a" has the shape'],
    ["sizes whose product overflows", fileOf({ a: { ...a, shape: [2 ** 40, 2 ** 40] } }, 8), "but has 8"],
    ["offsets in the wrong order", fileOf({ a: { ...a, data_offsets: [8, 0] } }, 8), "expected [begin, end]"],
    ["three offsets", fileOf({ a: { ...a, data_offsets: [0, 4, 8] } }, 8), "expected [begin, end]"],
    ["a tensor beyond the end", fileOf({ a }, 7), '"a" ends at byte 8 of 7; is the file whole?'],
    [
      "a shape that does not fit its bytes",
      fileOf({ a: float(0, 8, [3]) }, 8),
      '"a" is [3] of F32, that is 12 bytes, but has 8',
    ],
    ["tensors that overlap", fileOf({ a, b: float(4, 12) }, 12), '"b" begins at byte 4 and overlaps'],
    ["the same bytes twice", fileOf({ a, b: a }, 8), "overlaps"],
    ["a hole between tensors", fileOf({ a, b: float(12, 16) }, 16), 'bytes 8 to 12 before "b" belong to no tensor'],
    ["bytes after the last tensor", fileOf({ a }, 9), "the last 1 bytes belong to no tensor"],
  ];
  for (const [what, bytes, message] of hostile) {
    it(`refuses ${what}`, () => {
      expect(() => loadSafetensors(bytes)).toThrow(FormatError);
      expect(() => loadSafetensors(bytes)).toThrow(message);
    });
  }

  it("answers any cut or changed file with a FormatError, or with a value", () => {
    const original = bytesOf(fixture.file);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.option(fc.nat(original.length)),
        (changes, cut) => {
          const bytes = original.slice(0, cut ?? original.length);
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          try {
            loadSafetensors(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("saveSafetensors", () => {
  it("refuses names that the format or JavaScript keeps for itself", () => {
    const x = tensor([1]);
    expect(() => saveSafetensors({ __metadata__: x })).toThrow(ArgumentError);
    expect(() => saveSafetensors(JSON.parse('{"__proto__": 1}'))).toThrow('"__proto__" cannot be the name');
  });

  it("refuses values that are no tensors and metadata that is no text", () => {
    expect(() => saveSafetensors({ a: [1, 2] as unknown as Tensor })).toThrow('"a" is not a tensor');
    expect(() => saveSafetensors({}, { epoch: 3 as unknown as string })).toThrow('"epoch" is number');
  });
});

describe("duplicateKey", () => {
  it("finds a name twice in one object, not in two", () => {
    expect(duplicateKey('{"a":{"b":1,"c":2},"b":[{"b":"a"},{"b":1}]}')).toBeNull();
    expect(duplicateKey('{"a":[{"x":{"b" : 1, "b"\n: 2}}]}')).toBe("b");
  });

  it("tells names from text and ignores braces and quotes inside of text", () => {
    expect(duplicateKey('{"a":"a","b":"{\\"a\\":1,\\"a\\":2}","c\\\\":"}","c":["d","d"]}')).toBeNull();
  });
});
