/**
 * State dicts as safetensors: named tensors in one file that holds nothing but data.
 *
 *   0      u64     n, the length of the header
 *   8      n       the header, JSON: { "name": { "dtype", "shape", "data_offsets": [begin, end] }, …, "__metadata__": { … } }
 *   8 + n  …       the elements, row-major, little endian; offsets count from here, and every byte belongs to one tensor
 *
 * The format of https://github.com/huggingface/safetensors, whose rules are kept in both directions.
 */

import { Module, type StateDict } from "../nn/module.ts";
import { toTypedArray } from "../ops/read.ts";
import { bytesPerElement } from "../tensor/dtype.ts";
import { ArgumentError, FormatError } from "../tensor/errors.ts";
import { elementCount, formatShape, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkBytes } from "./check-bytes.ts";
import { duplicateKey } from "./duplicate-key.ts";
import { bytesInFile, decodeTensor, type ElementFormat } from "./element-format.ts";

export interface Safetensors {
  /** The tensors, in the order of the header. */
  readonly state: StateDict;
  /** Text that was saved beside them. */
  readonly metadata: Record<string, string>;
}

interface Entry {
  readonly name: string;
  readonly format: ElementFormat;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

const FORMATS: ReadonlyMap<string, ElementFormat> = new Map<string, ElementFormat>([
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["I16", "int16"],
  ["I32", "int32"],
  ["I64", "int64"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["F32", "float32"],
  ["F64", "float64"],
]);
const NAMES = new Map(Array.from(FORMATS, ([name, format]) => [format, name]));

const LENGTH_BYTES = 8;
/** The elements begin at a multiple of this, so that they can be mapped into memory. */
const ALIGNMENT = 8;
/** The limit of other readers: 100 MB. */
const LONGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";
/** An assignment to this name would change the object instead of adding to it. */
const FORBIDDEN = "__proto__";

/**
 * Writes tensors into the bytes of a safetensors file. Views are written row-major; tensors that share storage are written
 * once each.
 * @param state    tensors of any dtype by name
 * @param metadata text to keep beside them
 * @throws {ArgumentError} for the names `__metadata__` and `__proto__`, for values that are no tensors or no text, and for
 *   a header beyond 100 MB
 * @example await writeFile("model.safetensors", saveSafetensors(model.stateDict()))
 */
export function saveSafetensors(state: StateDict, metadata: Record<string, string> = {}): Uint8Array {
  const names = Object.keys(state);
  for (const name of names) {
    if (name === METADATA || name === FORBIDDEN) {
      throw new ArgumentError(`saveSafetensors: "${name}" cannot be the name of a tensor in this format; rename it`);
    }
    if (!(state[name] instanceof Tensor)) {
      const cure = state instanceof Module ? "; did you mean model.stateDict()?" : "";
      throw new ArgumentError(`saveSafetensors: "${name}" is not a tensor${cure}`);
    }
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string" || key === FORBIDDEN) {
      throw new ArgumentError(`saveSafetensors: metadata holds text by name, "${key}" is ${typeof value}`);
    }
  }

  // Wide elements first: every tensor then begins at a multiple of its element size.
  const placed = [...names].sort((a, b) => bytesPerElement(state[b].dtype) - bytesPerElement(state[a].dtype));
  const begins = new Map<string, number>();
  let size = 0;
  for (const name of placed) {
    begins.set(name, size);
    size += sizeBytes(state[name]);
  }
  const fields = names.map((name) => {
    const begin = begins.get(name) as number;
    const { dtype, shape } = state[name];
    const entry = { dtype: NAMES.get(dtype), shape, data_offsets: [begin, begin + sizeBytes(state[name])] };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  if (Object.keys(metadata).length > 0) fields.unshift(`"${METADATA}":${JSON.stringify(metadata)}`);
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  if (headerLength > LONGEST_HEADER) {
    throw new ArgumentError(
      `saveSafetensors: the header has ${headerLength} bytes, the format allows ${LONGEST_HEADER}; shorten the metadata`,
    );
  }

  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + json.length, LENGTH_BYTES + headerLength);
  for (const name of names) {
    const elements = toTypedArray(state[name]);
    const at = LENGTH_BYTES + headerLength + (begins.get(name) as number);
    bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), at);
  }
  return bytes;
}

const sizeBytes = (x: Tensor): number => x.elementCount * bytesPerElement(x.dtype);

/**
 * Reads the bytes of a safetensors file. The tensors have storages of their own. F16 and BF16 are read as float32, I8 and
 * I16 as int32.
 * @throws {FormatError} naming what is wrong with the file
 * @example model.loadStateDict(loadSafetensors(await readFile("model.safetensors")).state)
 */
export function loadSafetensors(bytes: Uint8Array): Safetensors {
  checkBytes("loadSafetensors", bytes);
  const { header, dataStart } = readHeader(bytes);
  const data = bytes.subarray(dataStart);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = checkMetadata(value);
    else entries.push(checkEntry(name, value, data.length));
  }
  checkLayout(entries, data.length);
  const state: StateDict = {};
  for (const { name, format, shape, begin, end } of entries) {
    state[name] = decodeTensor(format, shape, data.subarray(begin, end));
  }
  return { state, metadata };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) throw wrong(`the file has ${bytes.length} bytes, too few for a header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) {
    throw wrong(`the header is said to have ${length} bytes, more than ${LONGEST_HEADER}; is this a safetensors file?`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.length) {
    throw wrong(
      `the header is said to have ${length} bytes, the file ends ${dataStart - bytes.length} before; is it whole?`,
    );
  }
  const json = bytes.subarray(LENGTH_BYTES, dataStart);
  if (json[0] !== 0x7b) throw wrong('the header does not begin with "{"; is this a safetensors file?');
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(json);
    header = JSON.parse(text);
  } catch (error) {
    throw wrong(`the header is not JSON (${(error as Error).message})`);
  }
  const twice = duplicateKey(text);
  if (twice !== null) throw wrong(`the header names "${twice}" twice`);
  return { header: header as Record<string, unknown>, dataStart };
}

function checkMetadata(value: unknown): Record<string, string> {
  if (!isObject(value)) throw wrong(`${METADATA} must be an object of text`);
  const metadata: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (key === FORBIDDEN) throw wrong(`${METADATA} has the name "${FORBIDDEN}", which is not safe to read`);
    if (typeof text !== "string") throw wrong(`${METADATA}.${key} must be text, got ${JSON.stringify(text)}`);
    metadata[key] = text;
  }
  return metadata;
}

function checkEntry(name: string, value: unknown, dataLength: number): Entry {
  if (name === FORBIDDEN) throw wrong(`a tensor has the name "${FORBIDDEN}", which is not safe to read`);
  if (!isObject(value)) throw wrong(`"${name}" must be an object of dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets } = value;
  const format = FORMATS.get(String(dtype));
  if (format === undefined) {
    throw wrong(`"${name}" has the dtype ${JSON.stringify(dtype)}, known are ${[...FORMATS.keys()].join(", ")}`);
  }
  if (!isListOfSizes(shape)) throw wrong(`"${name}" has the shape ${JSON.stringify(shape)}`);
  if (!isListOfSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw wrong(`"${name}" has the data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets;
  if (end > dataLength) {
    throw wrong(`"${name}" ends at byte ${end} of ${dataLength}; is the file whole?`);
  }
  const size = elementCount(shape) * bytesInFile(format);
  if (size !== end - begin) {
    throw wrong(`"${name}" is ${formatShape(shape)} of ${dtype}, that is ${size} bytes, but has ${end - begin}`);
  }
  return { name, format, shape, begin, end };
}

/** Every byte must belong to exactly one tensor: nothing hides in a file. */
function checkLayout(entries: readonly Entry[], dataLength: number): void {
  const inOrder = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of inOrder) {
    if (begin < at)
      throw wrong(`"${name}" begins at byte ${begin} and overlaps the tensor before it, which ends at ${at}`);
    if (begin > at) throw wrong(`bytes ${at} to ${begin} before "${name}" belong to no tensor`);
    at = end;
  }
  if (at !== dataLength) throw wrong(`the last ${dataLength - at} bytes belong to no tensor`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isListOfSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

const wrong = (what: string): FormatError => new FormatError(`loadSafetensors: ${what}`);
