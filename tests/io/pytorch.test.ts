import fc from "fast-check";
import { ArgumentError, FormatError, nn, noGrad, type Tensor, tensor } from "refrain";
import { loadPyTorch, savePyTorch } from "refrain/io";
import { describe, expect, it } from "vitest";
import { readStoredZip } from "../../src/io/stored-zip.ts";
import { readNumbers } from "../../src/ops/read.ts";
import { crc32 } from "../../src/tensor/crc-32.ts";
import { bytesOf, type PlainTensor, type PyTorchFixture, plain, readFixture } from "./fixture.ts";

const { files, networks, refused, writtenAlike } = readFixture<PyTorchFixture>("pytorch");

/** Two libraries' float32 sums over a handful of features and four steps. */
const TOLERANCE = 1e-6;

const fromFixture = ({ $tensor: { shape, bytes } }: PlainTensor): Tensor =>
  tensor(new Float32Array(bytesOf(bytes).buffer), { shape });

const NETWORKS: Record<string, () => nn.Module> = {
  "nn.RNN(3, 5)": () => new nn.RNN(3, 5),
  "nn.LSTM(3, 5, num_layers=2, bidirectional=True, proj_size=2)": () =>
    new nn.LSTM(3, 5, { numLayers: 2, bidirectional: true, projSize: 2 }),
  "nn.GRU(3, 5)": () => new nn.GRU(3, 5),
  "nn.Linear(3, 5)": () => new nn.Linear(3, 5),
};

/** All tensors that a module returns, in order. */
function outputsOf(module: nn.Module, x: Tensor): Tensor[] {
  const flatten = (value: unknown): Tensor[] => {
    if (Array.isArray(value)) return value.flatMap(flatten);
    if (value instanceof Object && "h" in value && "c" in value) return [value.h as Tensor, value.c as Tensor];
    return [value as Tensor];
  };
  return flatten(noGrad(() => module.forward(x as never)));
}

function expectOutputs(module: nn.Module, x: PlainTensor, outputs: readonly PlainTensor[]): void {
  const got = outputsOf(module, fromFixture(x));
  expect(got.length).toBe(outputs.length);
  got.forEach((y, i) => {
    const wanted = fromFixture(outputs[i]);
    expect(y.shape).toEqual(wanted.shape);
    const numbers = readNumbers(wanted);
    readNumbers(y).forEach((value, k) => {
      expect(Math.abs(value - numbers[k])).toBeLessThanOrEqual(TOLERANCE);
    });
  });
}

/** An archive in which one byte is changed and the checksum of its record put right. */
function withPickle(change: (program: Uint8Array) => void): Uint8Array {
  const bytes = savePyTorch({ w: tensor([1, 2, 3, 4]) });
  const program = readStoredZip(bytes).get("archive/data.pkl") as Uint8Array;
  const before = crc32(program);
  change(program);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view.getUint32(at, true) === before) view.setUint32(at, crc32(program), true);
  }
  return bytes;
}

/** Replaces text in a pickle by text of the same length. */
function replace(program: Uint8Array, from: string, to: string): void {
  const at = Buffer.from(program).indexOf(from, 0, "latin1");
  expect(at).toBeGreaterThan(0);
  program.set(Buffer.from(to, "latin1"), at);
}

describe("loadPyTorch", () => {
  for (const { line, file, value } of files) {
    it(`reads what PyTorch wrote, bit for bit: ${line}`, () => {
      expect(plain(loadPyTorch(bytesOf(file)))).toEqual(value);
    });
  }

  for (const { line, file, x, outputs } of networks) {
    it(`gives ${line} the outputs that it has in PyTorch`, () => {
      const network = NETWORKS[line]();
      network.loadStateDict(loadPyTorch(bytesOf(file)) as nn.StateDict);
      expectOutputs(network, x, outputs);
    });

    it(`gives ${line} the same outputs after a way through a file of our own`, () => {
      const first = NETWORKS[line]();
      first.loadStateDict(loadPyTorch(bytesOf(file)) as nn.StateDict);
      const second = NETWORKS[line]();
      second.loadStateDict(loadPyTorch(savePyTorch(first.stateDict())) as nn.StateDict);
      expectOutputs(second, x, outputs);
    });
  }

  it("lets tensors share a storage that shared one in PyTorch, in files of both formats", () => {
    for (const { file, line } of files.slice(0, 2)) {
      const all = loadPyTorch(bytesOf(file)) as Record<string, Tensor>;
      const [whole, row] = line.includes("few")
        ? [all.w, all.row]
        : [
            (all.shared as unknown as Record<string, Tensor>).whole,
            (all.shared as unknown as Record<string, Tensor>).row,
          ];
      noGrad(() => whole.fill_(9));
      expect(new Set(readNumbers(row))).toEqual(new Set([9]));
    }
  });

  it("reads from a buffer that begins in the middle of another", () => {
    const file = Buffer.from(files[0].file, "base64");
    const shifted = Buffer.concat([Buffer.from([1, 2, 3]), file]).subarray(3);
    expect(plain(loadPyTorch(shifted))).toEqual(files[0].value);
  });

  it("owns what it read: the bytes may be overwritten", () => {
    const file = Buffer.from(files[4].file, "base64");
    const x = loadPyTorch(file) as Tensor;
    file.fill(0);
    expect(readNumbers(x)).toEqual([1, 2]);
  });

  for (const { what, file, message } of refused) {
    it(`refuses ${what}`, () => {
      expect(() => loadPyTorch(bytesOf(file))).toThrow(FormatError);
      expect(() => loadPyTorch(bytesOf(file))).toThrow(message);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    });
  }

  it("refuses names that every JavaScript object has", () => {
    for (const name of ["collections\nconstructor", "torch\n__proto__\n\n\n\n\n"]) {
      const bytes = withPickle((program) => replace(program, "collections\nOrderedDict", name.padEnd(23, "\n")));
      expect(() => loadPyTorch(bytes)).toThrow(FormatError);
    }
  });

  it("refuses a tensor that reaches beyond its storage", () => {
    const longer = withPickle((program) => replace(program, "K\x00K\x04\x85", "K\x00K\x05\x85"));
    expect(() => loadPyTorch(longer)).toThrow("does not fit its storage");
    const later = withPickle((program) => replace(program, "K\x00K\x04\x85", "K\x01K\x04\x85"));
    expect(() => loadPyTorch(later)).toThrow("does not fit its storage");
    const wider = withPickle((program) => replace(program, "K\x01\x85", "K\x02\x85"));
    expect(() => loadPyTorch(wider)).toThrow("does not fit its storage");
  });

  it("refuses a storage that is shorter than the pickle says", () => {
    const bytes = withPickle((program) => replace(program, "cpuq\x06K\x04", "cpuq\x06K\x05"));
    expect(() => loadPyTorch(bytes)).toThrow('the storage "0" has 16 bytes instead of 20');
  });

  it("refuses a damaged record, since its checksum differs", () => {
    const bytes = savePyTorch({ w: tensor([1, 2, 3, 4]) });
    const at = Buffer.from(bytes).indexOf(Buffer.from(new Float32Array([1, 2, 3, 4]).buffer));
    bytes[at] ^= 1;
    expect(() => loadPyTorch(bytes)).toThrow("CRC-32");
  });

  it("refuses records that overlap, with which a small file could fill the memory", () => {
    const bytes = savePyTorch({ big: tensor(new Float32Array(1000)), others: [1, 2, 3].map((x) => tensor([x])) });
    const view = new DataView(bytes.buffer);
    const directory = view.getUint32(bytes.length - 6, true);
    const entryOf = (name: string) => Buffer.from(bytes).indexOf(name, directory) - 46;
    for (const key of [1, 2, 3]) {
      const from = entryOf("archive/data/0");
      for (const field of [16, 20, 24, 42]) {
        view.setUint32(entryOf(`archive/data/${key}`) + field, view.getUint32(from + field, true), true);
      }
    }
    expect(() => loadPyTorch(bytes)).toThrow('has records that overlap ("archive/data/1")');
  });

  it("refuses an old file that promises more elements than it has, before it makes room for them", () => {
    const [before, after] = Buffer.from(files[1].file, "base64").toString("latin1").split("K\x06Nt", 2);
    const file = Buffer.from(`${before}J\xff\xff\xff\x7fNt${after}`, "latin1");
    expect(() => loadPyTorch(file)).toThrow("the storages are longer than the file");
  });

  it("answers any cut or changed file with a FormatError, or with a value", () => {
    const originals = [files[1], files[2]].map(({ file }) => bytesOf(file));
    const property = fc.property(
      fc.constantFrom(...originals),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.option(fc.nat()),
      (original, changes, cut) => {
        const bytes = cut === null ? original.slice() : original.slice(0, cut % original.length);
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        try {
          loadPyTorch(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });

  it("says what is wrong with bytes that are no file of PyTorch", () => {
    expect(() => loadPyTorch(new Uint8Array())).toThrow("neither");
    expect(() => loadPyTorch(new TextEncoder().encode("hello"))).toThrow("neither");
    expect(() => loadPyTorch(bytesOf(files[0].file).slice(0, 5000))).toThrow("is the file whole?");
  });
});

/** The state that `written_alike` of tools/fixtures/io.py saves. */
function stateWrittenAlike(): unknown {
  const w = tensor([0, 1, 2, 3, 4, 5], { shape: [2, 3] });
  return {
    "lstm.weight_ih_l0": w,
    row: w.select(0, 1),
    count: tensor(3n),
    flags: tensor([true, false]),
    double: tensor([0.5], { dtype: "float64" }),
    byte: tensor([7], { dtype: "uint8" }),
    int: tensor([-1], { dtype: "int32" }),
    many: Array.from({ length: 1100 }, (_, i) => i - 300),
    empty: {},
    one: [0.25],
    big: [2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2n ** 62n, 65535, 65536, 255, 256],
    none: null,
    yes: true,
    "by number": new Map([
      [0, { step: 5 }],
      [1, { step: 6 }],
    ]),
    optimizer: { state: { 0: { step: tensor(2) } }, param_groups: [{ lr: 0.25, params: [0] }] },
    "parameter list": { 10: 1 },
  };
}

describe("savePyTorch", () => {
  it("writes every record as torch.save does, byte for byte", () => {
    const records = readStoredZip(savePyTorch(stateWrittenAlike()));
    expect([...records.keys()]).toEqual(Object.keys(writtenAlike));
    for (const [name, data] of records) expect(Buffer.from(data).toString("base64"), name).toBe(writtenAlike[name]);
  });

  it("begins every record at a multiple of 64 bytes, as PyTorch's own files do", () => {
    for (const bytes of [savePyTorch(stateWrittenAlike()), bytesOf(files[0].file)]) {
      const records = [...readStoredZip(bytes).values()];
      expect(records.map((record) => (record.byteOffset - bytes.byteOffset) % 64)).toEqual(records.map(() => 0));
    }
  });

  it("reads back what it wrote: save ∘ load = identity", () => {
    const leaf = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.double(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 9 }).map((bytes) => tensor(bytes)),
      fc.float32Array({ maxLength: 9 }).map((numbers) => tensor(numbers)),
    );
    const key = fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("tree")),
        fc.dictionary(key, tie("tree"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(plain(loadPyTorch(savePyTorch(value)))).toEqual(plain(value));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps views as views: one storage is written once", () => {
    const w = tensor(new Float32Array(1000));
    const records = readStoredZip(savePyTorch({ a: w, b: w.slice(0, 0, 10), c: [w, w] }));
    expect([...records.keys()].filter((name) => name.includes("/data/"))).toEqual(["archive/data/0"]);
  });

  it("writes an object met twice once, and refuses one that contains itself", () => {
    const shared = { x: 1 };
    const back = loadPyTorch(savePyTorch({ a: shared, b: shared })) as Record<string, unknown>;
    expect(back.a).toBe(back.b);
    const circular: Record<string, unknown> = {};
    circular.self = [circular];
    expect(() => savePyTorch(circular)).toThrow('state["self"][0] contains itself');
  });

  it("names the path of what Python cannot have", () => {
    expect(() => savePyTorch({ a: [1, { f: () => 1 }] })).toThrow(ArgumentError);
    expect(() => savePyTorch({ a: [1, { f: () => 1 }] })).toThrow('state["a"][1]["f"] is a function');
    expect(() => savePyTorch({ when: new Date(0) })).toThrow('state["when"] is a Date');
    expect(() => savePyTorch({ x: undefined })).toThrow('state["x"] is a undefined');
  });
});

describe("crc32", () => {
  it("is the checksum of ISO 3309", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array())).toBe(0);
  });
});
