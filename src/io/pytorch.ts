/**
 * PyTorch's own files, `torch.save` and `torch.load`: state dicts of modules and optimisers, and anything made of tensors,
 * dicts, lists, numbers and text. No code in a file is ever run.
 *
 * A file is a zip archive of stored records, each aligned to 64 bytes:
 *
 *   archive/data.pkl     the value as a pickle, in which storages have only names
 *   archive/data/0 …     the elements of storage 0 …, little endian; several tensors may look at one storage
 *   archive/byteorder    "little";  archive/version  "3"
 *
 * Files from before PyTorch 1.6 are five pickles in a row (a magic number, a protocol, the system's sizes, the value, the
 * names of the storages), then for every storage its length as a u64 and its elements.
 */

import { backend } from "../backend/select.ts";
import { bytesPerElement, type DType } from "../tensor/dtype.ts";
import { FormatError } from "../tensor/errors.ts";
import type { Storage } from "../tensor/storage.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkBytes } from "./check-bytes.ts";
import { bytesInFile, decodeElements, dtypeInMemory } from "./element-format.ts";
import { Call, Global, Persistent, pickle, Tuple } from "./pickle.ts";
import { readStoredZip, writeStoredZip } from "./stored-zip.ts";
import { FileStorage, findTorchName, STORAGE_NAMES, StorageType } from "./torch-names.ts";
import { isDict, unpickle } from "./unpickle.ts";

/** How a zip archive begins. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** How a file from before PyTorch 1.6 begins: the magic number 0x1950A86A20F9469CFC6C as a pickle. */
const OLD = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const OLD_PROTOCOL = 1001;

const ALIGNMENT = 64;

/**
 * Reads what `torch.save` wrote.
 *
 * dict and OrderedDict become plain objects (keys that are whole numbers become text), list, tuple and torch.Size arrays,
 * int a number or, beyond 2^53, a bigint; dtypes and devices become text, bytes a Uint8Array. Tensors that shared a storage
 * share one here, with their strides. float16 and bfloat16 are read as float32, int8 and int16 as int32. Tensors of any
 * device are read onto the CPU.
 * @throws {FormatError} naming what cannot be read: other classes, compressed or damaged archives, sparse or complex tensors
 * @example model.loadStateDict(loadPyTorch(await readFile("model.pt")) as StateDict)
 */
export function loadPyTorch(bytes: Uint8Array): unknown {
  checkBytes("loadPyTorch", bytes);
  if (ZIP.every((byte, i) => bytes[i] === byte)) return loadArchive(bytes);
  if (OLD.every((byte, i) => bytes[i] === byte)) return loadOld(bytes);
  throw wrong("this is neither a file of torch.save nor one from before PyTorch 1.6");
}

function loadArchive(bytes: Uint8Array): unknown {
  const records = readStoredZip(bytes);
  const main = [...records.keys()].find((name) => name.endsWith("/data.pkl"));
  if (main === undefined) throw wrong('the archive has no record "data.pkl"; was it written by torch.save?');
  const folder = main.slice(0, -"data.pkl".length);
  const order = records.get(`${folder}byteorder`);
  if (order !== undefined && new TextDecoder().decode(order) !== "little") {
    throw wrong("the file is from a big-endian machine, which is not read here");
  }
  const storages = new Map<string, FileStorage>();
  const persistent = (id: unknown): FileStorage => {
    const { format, key, length } = checkStorageId(id);
    const known = storages.get(`${key} ${format}`);
    if (known !== undefined) return known;
    const record = records.get(`${folder}data/${key}`);
    const size = length * bytesInFile(format);
    if (record === undefined) throw wrong(`the storage "${key}" is missing`);
    if (record.length < size) throw wrong(`the storage "${key}" has ${record.length} bytes instead of ${size}`);
    const elements = decodeElements(format, record.subarray(0, size));
    const storage = new FileStorage(format, backend().adopt(elements), length);
    storages.set(`${key} ${format}`, storage);
    return storage;
  };
  return unpickle(records.get(main) as Uint8Array, { find: findTorchName, persistent }).value;
}

function loadOld(bytes: Uint8Array): unknown {
  const storages = new Map<string, FileStorage>();
  let promised = 0;
  const persistent = (id: unknown): FileStorage => {
    const { format, key, length, view } = checkStorageId(id);
    if (view !== null) throw wrong("the file is from before PyTorch 0.4 and shares parts of storages; save it anew");
    const known = storages.get(key);
    if (known !== undefined) {
      if (known.format !== format) throw wrong(`the storage "${key}" is used as ${known.format} and as ${format}`);
      return known;
    }
    promised += length * bytesInFile(format);
    if (promised > bytes.length) throw wrong("the storages are longer than the file; is it whole?");
    const size = length * bytesPerElement(dtypeInMemory(format));
    const storage = new FileStorage(format, backend().allocate(size), length);
    storages.set(key, storage);
    return storage;
  };
  const names = { find: findTorchName, persistent };
  const protocol = unpickle(bytes, names, OLD.length);
  if (protocol.value !== OLD_PROTOCOL) throw wrong(`the file has protocol ${protocol.value}, expected ${OLD_PROTOCOL}`);
  const system = unpickle(bytes, names, protocol.end);
  if (!isDict(system.value) || system.value.little_endian !== true) {
    throw wrong("the file is from a big-endian machine, which is not read here");
  }
  const result = unpickle(bytes, names, system.end);
  const keys = unpickle(bytes, names, result.end);
  fillStorages(bytes, keys.end, keys.value, storages);
  return result.value;
}

/** Reads the elements at the end of an old file into the storages that its tensors already look at. */
function fillStorages(bytes: Uint8Array, start: number, keys: unknown, storages: Map<string, FileStorage>): void {
  if (!Array.isArray(keys) || new Set(keys).size !== storages.size || !keys.every((key) => storages.has(key))) {
    throw wrong("the list of storages does not fit the tensors");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = start;
  for (const key of keys as string[]) {
    const { format, storage, length } = storages.get(key) as FileStorage;
    const size = length * bytesInFile(format);
    if (at + 8 + size > bytes.length) throw wrong(`the file ends within the storage "${key}"; is it whole?`);
    if (view.getBigUint64(at, true) !== BigInt(length)) {
      throw wrong(`the storage "${key}" has ${view.getBigUint64(at, true)} elements instead of ${length}`);
    }
    at += 8;
    const elements = decodeElements(format, bytes.subarray(at, at + size));
    (backend().elements(storage, "uint8") as Uint8Array).set(new Uint8Array(elements));
    at += size;
  }
}

/** `("storage", type, key, device, length)`, in old files with a sixth item, the part of a storage that is meant. */
function checkStorageId(id: unknown) {
  const [kind, type, key, , length, view = null] = Array.isArray(id) ? id : [];
  if (
    kind !== "storage" ||
    !(type instanceof StorageType) ||
    typeof key !== "string" ||
    !Number.isSafeInteger(length)
  ) {
    throw wrong("the file refers to something that is no storage");
  }
  if (length < 0) throw wrong(`the storage "${key}" has ${length} elements`);
  return { format: type.format, key, length: length as number, view: view as unknown };
}

/**
 * Writes what `torch.load` reads, with `weights_only=True` as well.
 *
 * Plain objects and Maps become dicts, arrays lists, whole numbers and bigints int, other numbers float. The keys of an
 * optimiser's `state` become int, which PyTorch needs; other keys do if a Map has them as numbers. Parameters are written
 * as plain tensors, as `state_dict()` gives them; gradients are not written. As in PyTorch a view is written with the whole
 * storage that it looks at, so that tensors which share one still do: clone a small part of something large.
 * @throws {ArgumentError} naming the path of a value that is none of these, or that contains itself
 * @example await writeFile("model.pt", savePyTorch(model.stateDict()))  // model.load_state_dict(torch.load("model.pt"))
 */
export function savePyTorch(state: unknown): Uint8Array {
  const storages: { storage: Storage; dtype: DType }[] = [];
  const records = new Map<string, Uint8Array>();
  const keyOf = ({ storage, dtype }: Tensor): string => {
    const known = storages.findIndex((other) => other.storage === storage && other.dtype === dtype);
    return String(known >= 0 ? known : storages.push({ storage, dtype }) - 1);
  };
  const callFor = (value: object) => (value instanceof Tensor ? tensorCall(value, keyOf(value)) : undefined);
  const program = pickle(state, { callFor, entriesOf });
  const text = (line: string) => new TextEncoder().encode(line);
  records.set("archive/data.pkl", program);
  records.set("archive/.format_version", text("1"));
  records.set("archive/.storage_alignment", text(String(ALIGNMENT)));
  records.set("archive/byteorder", text("little"));
  storages.forEach(({ storage }, key) => {
    records.set(`archive/data/${key}`, backend().elements(storage, "uint8") as Uint8Array);
  });
  records.set("archive/version", text("3\n"));
  return writeStoredZip(records, ALIGNMENT);
}

/** The items of a dict; what an optimiser remembers is known by its parameters' numbers, which are text in JavaScript. */
function entriesOf(dict: object): [string, unknown][] {
  const entries = Object.entries(dict);
  if (!Object.hasOwn(dict, "param_groups")) return entries;
  return entries.map(([key, value]) => {
    const isMemory =
      key === "state" && isDict(value) && Object.keys(value).every((name) => /^(0|[1-9]\d*)$/.test(name));
    return [key, isMemory ? new Map(Object.entries(value).map(([name, item]) => [Number(name), item])) : value];
  });
}

const STORAGE_TYPES = new Map(STORAGE_NAMES.map(([name, format]) => [format, new Global("torch", name)]));
const ORDERED_DICT = new Global("collections", "OrderedDict");
const REBUILD_TENSOR = new Global("torch._utils", "_rebuild_tensor_v2");

/** The call that makes the tensor in Python. */
function tensorCall(x: Tensor, key: string): Call {
  const length = Math.floor(x.storage.byteLength / bytesPerElement(x.dtype));
  const type = STORAGE_TYPES.get(x.dtype) as Global;
  const id = new Persistent(new Tuple("storage", type, key, "cpu", length));
  const noHooks = new Call(ORDERED_DICT);
  return new Call(REBUILD_TENSOR, id, x.offset, new Tuple(...x.shape), new Tuple(...x.strides), false, noHooks);
}

const wrong = (what: string): FormatError => new FormatError(`loadPyTorch: ${what}`);
