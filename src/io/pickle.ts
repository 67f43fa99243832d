/**
 * Writes values as Python pickles of protocol 2, operation for operation as CPython's pickler does.
 *
 *   null → None, boolean → bool, bigint and whole numbers below 2^53 → int, other numbers → float, string → str
 *   array → list;  plain object, Map → dict
 *
 * A value met again is written once and referred to. What is none of these is made by a call, as `PickleForms` says.
 */

import { ArgumentError } from "../tensor/errors.ts";

/** A tuple of Python; arrays are lists. */
export class Tuple {
  readonly items: readonly unknown[];
  constructor(...items: unknown[]) {
    this.items = items;
  }
}

/** A name of Python: `new Global("collections", "OrderedDict")`. */
export class Global {
  readonly module: string;
  readonly name: string;
  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}

/** A call of Python: what `callable(...args)` returns. */
export class Call {
  readonly callable: Global;
  readonly args: Tuple;
  constructor(callable: Global, ...args: unknown[]) {
    this.callable = callable;
    this.args = new Tuple(...args);
  }
}

/** A thing that the pickle only names, by an id. */
export class Persistent {
  readonly id: Tuple;
  constructor(id: Tuple) {
    this.id = id;
  }
}

/** How the writer of a format sees objects. */
export interface PickleForms {
  /** The call that makes an object that is neither plain nor an array or Map; undefined if there is none. */
  callFor(value: object): Call | undefined;
  /** The dict that a plain object stands for. */
  entriesOf(dict: object): (readonly [unknown, unknown])[];
}

/** How many items CPython writes in one group. */
const GROUP = 1000;

/** @throws {ArgumentError} naming the path of a value that cannot be written */
export function pickle(value: unknown, forms: PickleForms): Uint8Array {
  return new Pickler(forms).run(value);
}

class Pickler {
  #bytes = new Uint8Array(1024);
  #length = 0;
  readonly #forms: PickleForms;
  /** Where values are remembered: objects by identity, text and names by what they say. */
  readonly #memo = new Map<unknown, number>();
  /** The objects that are being written, to find those that contain themselves. */
  readonly #open = new Set<object>();

  constructor(forms: PickleForms) {
    this.#forms = forms;
  }

  run(value: unknown): Uint8Array {
    this.#put(0x80, 2);
    this.#write(value, "");
    this.#put(code("."));
    return this.#bytes.slice(0, this.#length);
  }

  #write(value: unknown, path: string): void {
    if (value === null) this.#put(code("N"));
    else if (typeof value === "boolean") this.#put(value ? 0x88 : 0x89);
    else if (typeof value === "bigint") this.#int(value);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#once(`text ${value}`, () => this.#text(value));
    else if (typeof value === "object") this.#object(value, path);
    else throw new ArgumentError(`${placeOf(path)} is a ${typeof value}, which Python has not`);
  }

  #object(value: object, path: string): void {
    if (this.#open.has(value)) throw new ArgumentError(`${placeOf(path)} contains itself`);
    this.#open.add(value);
    if (value instanceof Global) this.#global(value);
    else if (value instanceof Tuple) this.#tuple(value, path);
    else if (value instanceof Persistent) {
      this.#write(value.id, path);
      this.#put(code("Q"));
    } else if (Array.isArray(value)) this.#container(value, "]", value, path);
    else if (value instanceof Map) this.#container(value, "}", [...value], path);
    else if (isPlainObject(value)) this.#container(value, "}", this.#forms.entriesOf(value), path);
    else this.#call(value, path);
    this.#open.delete(value);
  }

  #global({ module, name }: Global): void {
    this.#once(`name ${module} ${name}`, () => {
      this.#raw(code("c"), new TextEncoder().encode(`${module}\n${name}\n`));
    });
  }

  #call(value: object, path: string): void {
    const call = value instanceof Call ? value : this.#forms.callFor(value);
    if (call === undefined) {
      throw new ArgumentError(`${placeOf(path)} is a ${value.constructor.name}, which cannot be written`);
    }
    this.#once(value, () => {
      this.#write(call.callable, path);
      this.#write(call.args, path);
      this.#put(code("R"));
    });
  }

  /** Writes something new and remembers it, or refers to it if it is known. */
  #once(key: unknown, write: () => void): void {
    if (this.#memo.has(key)) {
      this.#recall(key);
      return;
    }
    write();
    this.#remember(key);
  }

  #recall(key: unknown): void {
    const place = this.#memo.get(key) as number;
    if (place < 256) this.#put(code("h"), place);
    else this.#raw(code("j"), uint32(place));
  }

  #remember(key: unknown): void {
    const place = this.#memo.size;
    this.#memo.set(key, place);
    if (place < 256) this.#put(code("q"), place);
    else this.#raw(code("r"), uint32(place));
  }

  #tuple(tuple: Tuple, path: string): void {
    const { items } = tuple;
    if (items.length === 0) {
      this.#put(code(")"));
      return;
    }
    this.#once(tuple, () => {
      if (items.length > 3) this.#put(code("("));
      for (const item of items) this.#write(item, path);
      this.#put(items.length > 3 ? code("t") : 0x84 + items.length);
    });
  }

  /** A list, or a dict of pairs: remembered while empty, then filled in groups. */
  #container(key: object, empty: "]" | "}", items: readonly unknown[], path: string): void {
    if (this.#memo.has(key)) {
      this.#recall(key);
      return;
    }
    this.#put(code(empty));
    this.#remember(key);
    const [one, many] = empty === "]" ? ["a", "e"] : ["s", "u"];
    for (let start = 0; start < items.length; start += GROUP) {
      const group = items.slice(start, start + GROUP);
      if (group.length > 1) this.#put(code("("));
      group.forEach((item, i) => {
        if (empty === "]") this.#write(item, `${path}[${start + i}]`);
        else this.#pair(item as [unknown, unknown], path);
      });
      this.#put(code(group.length > 1 ? many : one));
    }
  }

  #pair([key, value]: readonly [unknown, unknown], path: string): void {
    if (typeof key !== "string" && typeof key !== "bigint" && !Number.isInteger(key)) {
      throw new ArgumentError(`${placeOf(path)} has a key that is neither text nor a whole number`);
    }
    this.#write(key, path);
    this.#write(value, `${path}[${JSON.stringify(String(key))}]`);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#int(BigInt(value));
    else {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, value, false);
      this.#raw(code("G"), bytes);
    }
  }

  #int(value: bigint): void {
    const small = Number(value);
    if (value >= 0n && value < 256n) this.#put(code("K"), small);
    else if (value >= 0n && value < 65536n) this.#put(code("M"), small & 255, small >> 8);
    else if (value >= -(2n ** 31n) && value < 2n ** 31n) this.#raw(code("J"), uint32(small));
    else {
      let length = 1;
      while (BigInt.asIntN(8 * length, value) !== value) length++;
      if (length > 255) throw new ArgumentError("savePyTorch: a whole number has more than 255 bytes");
      this.#put(0x8a, length);
      this.#append(Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)));
    }
  }

  #text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#raw(code("X"), uint32(bytes.length));
    this.#append(bytes);
  }

  #put(...bytes: number[]): void {
    this.#append(bytes);
  }

  #raw(operation: number, bytes: Uint8Array): void {
    this.#put(operation);
    this.#append(bytes);
  }

  #append(bytes: ArrayLike<number>): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#length + bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

const isPlainObject = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const code = (character: string): number => character.charCodeAt(0);

const uint32 = (value: number): Uint8Array =>
  Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);

const placeOf = (path: string): string => `savePyTorch: state${path}`;
