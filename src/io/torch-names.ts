/**
 * The names of Python that a PyTorch file may use, and what they mean here. Everything else is refused.
 *
 *   torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks) → Tensor
 *   torch._utils._rebuild_parameter(tensor, requires_grad, hooks)                        → Parameter
 *   torch.FloatStorage …                                                                 → a StorageType
 *   torch.float32 …, torch.device("cpu")                                                 → text
 *   collections.OrderedDict, Counter                                                     → plain object
 */

import { Parameter } from "../nn/parameter.ts";
import { isFloating } from "../tensor/dtype.ts";
import { FormatError } from "../tensor/errors.ts";
import { elementCount, formatShape } from "../tensor/shape.ts";
import type { Storage } from "../tensor/storage.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dtypeInMemory, type ElementFormat } from "./element-format.ts";
import { dictOf, isDict, PickleFunction } from "./unpickle.ts";

/** The type of a storage in a file. */
export class StorageType {
  readonly format: ElementFormat;
  constructor(format: ElementFormat) {
    this.format = format;
  }
}

/** A storage of a file, to which tensors refer. */
export class FileStorage {
  readonly format: ElementFormat;
  readonly storage: Storage;
  /** In elements. */
  readonly length: number;
  constructor(format: ElementFormat, storage: Storage, length: number) {
    this.format = format;
    this.storage = storage;
    this.length = length;
  }
}

/** PyTorch's names of the storages that can be read. */
export const STORAGE_NAMES: readonly (readonly [string, ElementFormat])[] = [
  ["FloatStorage", "float32"],
  ["DoubleStorage", "float64"],
  ["HalfStorage", "float16"],
  ["BFloat16Storage", "bfloat16"],
  ["LongStorage", "int64"],
  ["IntStorage", "int32"],
  ["ShortStorage", "int16"],
  ["CharStorage", "int8"],
  ["ByteStorage", "uint8"],
  ["BoolStorage", "bool"],
];

const rebuildTensor = new PickleFunction(([source, offset, size, strides, requiresGrad = false, , metadata]) => {
  if (!(source instanceof FileStorage) || !isSize(offset) || !isListOfSizes(size) || !isListOfSizes(strides)) {
    throw wrong("a tensor is not made of a storage, an offset, sizes and strides");
  }
  if (isDict(metadata) && Object.values(metadata).includes(true)) {
    throw wrong(`a tensor is a lazy ${Object.keys(metadata).join(", ")} view; save x.resolve_neg().resolve_conj()`);
  }
  checkWithin(source, offset, size, strides);
  const x = new Tensor(source.storage, dtypeInMemory(source.format), [...size], [...strides], offset);
  if (requiresGrad === true && isFloating(x.dtype)) x.requiresGrad = true;
  return x;
});

/** @throws {FormatError} unless every element lies in the storage */
function checkWithin(source: FileStorage, offset: number, size: readonly number[], strides: readonly number[]): void {
  const count = elementCount(size);
  const last = size.reduce((at, n, axis) => at + (n - 1) * strides[axis], offset);
  if (strides.length !== size.length || !Number.isSafeInteger(count) || (count > 0 && last >= source.length)) {
    throw wrong(
      `a tensor ${formatShape(size)} with strides ${formatShape(strides)} from element ${offset} does not fit its storage ` +
        `of ${source.length} elements`,
    );
  }
}

const rebuildParameter = new PickleFunction(([data, requiresGrad]) => {
  if (!(data instanceof Tensor)) throw wrong("a parameter is made of what is no tensor");
  return new Parameter(data, requiresGrad === true && isFloating(data.dtype));
});

const orderedDict = new PickleFunction(([pairs = []]) => {
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw wrong("an OrderedDict is not made of pairs");
  }
  return dictOf(pairs);
});

const counter = new PickleFunction(([counts = {}]) => {
  if (!isDict(counts)) throw wrong("a Counter is not made of a dict");
  return dictOf(Object.entries(counts));
});

const size = new PickleFunction(([sizes]) => {
  if (!isListOfSizes(sizes)) throw wrong("a torch.Size is not made of sizes");
  return [...sizes];
});

const set = new PickleFunction(([items = []]) => {
  if (!Array.isArray(items)) throw wrong("a set is not made of a list");
  return new Set(items);
});

const device = new PickleFunction((parts) => parts.map(String).join(":"));

/** How protocol 2 writes bytes: as text of the characters 0 to 255. */
const encode = new PickleFunction(([text, encoding]) => {
  if (typeof text !== "string" || encoding !== "latin1") throw wrong("bytes are not written in latin1");
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
});

/** A Map and not an object: no name can reach what every object has, such as `constructor`. */
const NAMES = new Map<string, unknown>([
  ["torch._utils._rebuild_tensor", rebuildTensor],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_parameter", rebuildParameter],
  ["torch.Size", size],
  ["torch.device", device],
  ["collections.OrderedDict", orderedDict],
  ["collections.Counter", counter],
  ["_codecs.encode", encode],
  ["__builtin__.set", set],
  ...STORAGE_NAMES.map(([name, format]) => [`torch.${name}`, new StorageType(format)] as const),
  ...["float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"].map(
    (name) => [`torch.${name}`, name] as const,
  ),
]);

/** What a name in a PyTorch file means. @throws {FormatError} for every name that is not on the list */
export function findTorchName(name: string): unknown {
  if (NAMES.has(name)) return NAMES.get(name);
  const cure = name.endsWith("Storage")
    ? "convert the tensor to another dtype"
    : "save the model's state_dict() instead of the model, and plain numbers instead of objects";
  throw wrong(`the file needs "${name}", which is not read here (no code of a file is ever run); ${cure}`);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isListOfSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize);

const wrong = (what: string): FormatError => new FormatError(`loadPyTorch: ${what}`);
