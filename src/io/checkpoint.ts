/**
 * All that training needs to go on exactly where it stopped, in one safetensors file.
 *
 * A checkpoint is a tree. Its tensors are the file's tensors and are named by their paths (`model/rnn.weight_ih_l0`,
 * `optimizer/state/0/exp_avg`), so that other programs find the weights; all else is JSON in the file's metadata, with null
 * where a tensor was taken out. Numbers that JSON lacks (NaN, ±∞, −0) are taken out likewise. In paths `~` is `~0` and `/`
 * is `~1`, as in RFC 6901.
 */

import type { StateDict } from "../nn/module.ts";
import { tensor } from "../ops/create.ts";
import { toTypedArray } from "../ops/read.ts";
import type { OptimizerState } from "../optim/index.ts";
import { ArgumentError, FormatError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkBytes } from "./check-bytes.ts";
import { duplicateKey } from "./duplicate-key.ts";
import { loadSafetensors, saveSafetensors } from "./safetensors.ts";

export interface Checkpoint {
  /** The model's parameters and buffers: `model.stateDict()`. */
  readonly model: StateDict;
  /** What the optimiser remembers, and its settings: `optimizer.stateDict()`. */
  readonly optimizer?: OptimizerState;
  /** Random streams by a name of your own: `{ default: defaultGenerator.getState() }`. */
  readonly generators?: Readonly<Record<string, Uint8Array>>;
  /** Epochs done. */
  readonly epoch?: number;
  /** Steps done. */
  readonly step?: number;
  /** Anything made of plain objects, arrays, numbers, text, booleans, null and tensors: configuration, losses so far. */
  readonly extra?: unknown;
}

const METADATA_KEY = "refrain.checkpoint";
const VERSION = 1;
const ODD_NUMBERS = ["NaN", "Infinity", "-Infinity", "-0"];

/**
 * Writes a checkpoint into the bytes of one safetensors file. Nothing is changed, so it can be called at any step.
 * @throws {ArgumentError} naming the path of a value that cannot be kept
 * @example
 * const bytes = saveCheckpoint({
 *   model: model.stateDict(),
 *   optimizer: optimizer.stateDict(),
 *   generators: { default: defaultGenerator.getState() },
 *   epoch: 3,
 * });
 */
export function saveCheckpoint(parts: Checkpoint): Uint8Array {
  const { generators, ...others } = parts;
  const streams = Object.entries(generators ?? {}).map(([name, bytes]) => [name, tensor(bytes)]);
  const taken: Taken = { tensors: {}, numbers: {}, open: new Set() };
  const root = generators === undefined ? others : { ...others, generators: Object.fromEntries(streams) };
  const tree = takeOut(root, [], taken);
  const json = JSON.stringify({ version: VERSION, tree, numbers: taken.numbers });
  return saveSafetensors(taken.tensors, { [METADATA_KEY]: json });
}

/** What JSON cannot hold, by path. */
interface Taken {
  readonly tensors: StateDict;
  readonly numbers: Record<string, string>;
  /** The objects that are being read, to find those that contain themselves. */
  readonly open: Set<object>;
}

/** The value as JSON can hold it, with null in place of what was taken out. */
function takeOut(value: unknown, path: readonly string[], taken: Taken): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    taken.numbers[join(path)] = Object.is(value, -0) ? "-0" : String(value);
    return null;
  }
  if (value instanceof Tensor) {
    taken.tensors[join(path)] = value;
    return null;
  }
  const place = `saveCheckpoint: ${path.join(".")}`;
  if (!Array.isArray(value) && !isPlainObject(value)) {
    const kind = typeof value === "object" ? value.constructor.name : typeof value;
    throw new ArgumentError(`${place} is a ${kind}; a checkpoint keeps tensors and what JSON can hold`);
  }
  if (taken.open.has(value)) throw new ArgumentError(`${place} contains itself`);
  taken.open.add(value);
  const copy = Array.isArray(value)
    ? value.map((item, i) => takeOut(item, [...path, String(i)], taken))
    : Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => {
            if (key === "__proto__") throw new ArgumentError(`${place} has the key "__proto__"; rename it`);
            return [key, takeOut(item, [...path, key], taken)];
          }),
      );
  taken.open.delete(value);
  return copy;
}

/**
 * Reads what `saveCheckpoint` wrote. The tensors have storages of their own.
 * @throws {FormatError} naming what is wrong with the file
 * @example
 * const { model: weights, optimizer: memory, generators } = loadCheckpoint(bytes);
 * model.loadStateDict(weights);
 * optimizer.loadStateDict(memory!);
 * defaultGenerator.setState(generators!.default);
 */
export function loadCheckpoint(bytes: Uint8Array): Checkpoint {
  checkBytes("loadCheckpoint", bytes);
  const { state, metadata } = loadSafetensors(bytes);
  const json = metadata[METADATA_KEY];
  if (json === undefined) {
    throw wrong(`this safetensors file has no "${METADATA_KEY}"; a plain state dict is read by loadSafetensors`);
  }
  const { version, tree, numbers } = parse(json);
  if (version !== VERSION) throw wrong(`the checkpoint has version ${JSON.stringify(version)}, expected ${VERSION}`);
  if (!isPlainObject(tree) || !isPlainObject(numbers)) throw wrong(`"${METADATA_KEY}" has no tree and numbers`);
  for (const [path, x] of Object.entries(state)) putBack(tree, path, x);
  for (const [path, text] of Object.entries(numbers)) {
    if (!ODD_NUMBERS.includes(text as string)) throw wrong(`the number at "${path}" is ${JSON.stringify(text)}`);
    putBack(tree, path, Number(text));
  }
  return checkParts(tree);
}

function parse(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json, (key, item) => {
      if (key === "__proto__") throw wrong('the name "__proto__" is not safe to read');
      return item;
    });
  } catch (error) {
    throw error instanceof FormatError ? error : wrong(`"${METADATA_KEY}" is not JSON (${(error as Error).message})`);
  }
  const twice = duplicateKey(json);
  if (twice !== null) throw wrong(`"${METADATA_KEY}" names "${twice}" twice`);
  if (!isPlainObject(value)) throw wrong(`"${METADATA_KEY}" is not an object`);
  return value;
}

function putBack(tree: unknown, path: string, value: unknown): void {
  const keys = split(path);
  const last = keys.pop() as string;
  let parent: unknown = tree;
  for (const key of keys) parent = own(parent, key);
  if (own(parent, last) !== null) throw wrong(`the tree has no place for "${path}"`);
  (parent as Record<string, unknown>)[last] = value;
}

const own = (parent: unknown, key: string): unknown =>
  typeof parent === "object" && parent !== null && Object.hasOwn(parent, key)
    ? (parent as Record<string, unknown>)[key]
    : undefined;

/** The parts as their types say. @throws {FormatError} for parts that are missing or of another kind */
function checkParts(tree: Record<string, unknown>): Checkpoint {
  const { model, optimizer, generators, epoch, step } = tree;
  if (!isStateDict(model)) throw wrong("model must hold tensors by name");
  if (optimizer !== undefined && !isOptimizerState(optimizer)) throw wrong("optimizer must have a state");
  for (const [name, count] of Object.entries({ epoch, step })) {
    if (count !== undefined && typeof count !== "number") throw wrong(`${name} must be a number`);
  }
  if (generators === undefined) return tree as unknown as Checkpoint;
  if (!isStateDict(generators) || Object.values(generators).some((x) => x.dtype !== "uint8")) {
    throw wrong("generators must hold bytes by name");
  }
  const streams = Object.entries(generators).map(([name, x]) => [name, toTypedArray(x)]);
  return { ...tree, generators: Object.fromEntries(streams) } as unknown as Checkpoint;
}

const isStateDict = (value: unknown): value is StateDict =>
  isPlainObject(value) && Object.values(value).every((x) => x instanceof Tensor);

/** The optimiser itself checks the rest. */
const isOptimizerState = (value: unknown): boolean => isPlainObject(value) && isPlainObject(value.state);

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const join = (path: readonly string[]): string =>
  path.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");

const split = (path: string): string[] => path.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));

const wrong = (what: string): FormatError => new FormatError(`loadCheckpoint: ${what}`);
