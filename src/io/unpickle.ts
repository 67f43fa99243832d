/**
 * A machine for Python's pickles, as far as `torch.save` writes them: protocol 2.
 *
 * A pickle is a program for a stack machine that may call any function of Python. This machine has no functions: a name in
 * a pickle is looked up by `names.find`, which knows a short list and refuses everything else, and what is called is what
 * that list holds. Nothing of JavaScript can be reached by name.
 *
 *   None → null, bool → boolean, int → number or, beyond 2^53, bigint, float → number, str → string
 *   list, tuple → array;  dict, OrderedDict → plain object, whole-number keys as text
 *
 * The operations are those of CPython's `Lib/pickletools.py`.
 */

import { FormatError } from "../tensor/errors.ts";

/** Something that a pickle may call. */
export class PickleFunction {
  readonly call: (args: readonly unknown[]) => unknown;
  constructor(call: (args: readonly unknown[]) => unknown) {
    this.call = call;
  }
}

/** What a pickle may name. */
export interface PickleNames {
  /** The value of `module.name`. @throws {FormatError} for names that are not on the list */
  find(name: string): unknown;
  /** What a persistent id stands for: in PyTorch's files a storage. @throws {FormatError} */
  persistent(id: unknown): unknown;
}

type Dict = Record<string, unknown>;

/** The dict that the pairs make; whole-number keys become text. @throws {FormatError} */
export function dictOf(pairs: Iterable<readonly [unknown, unknown]>): Dict {
  const dict: Dict = {};
  for (const [key, value] of pairs) setItem(dict, key, value);
  return dict;
}

export const isDict = (value: unknown): value is Dict =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function setItem(dict: unknown, key: unknown, value: unknown): void {
  if (!isDict(dict)) throw wrong("puts an item into what is no dict");
  if (typeof key !== "string" && typeof key !== "bigint" && !Number.isInteger(key)) {
    throw wrong(`has a dict with a key that is neither text nor a whole number; make the keys text before torch.save`);
  }
  const name = String(key);
  // An assignment to this name would change the object instead of adding to it.
  if (name === "__proto__") throw wrong('has a dict with the key "__proto__", which is not safe to read');
  if (Object.hasOwn(dict, name)) throw wrong(`has a dict with two keys that read "${name}"`);
  dict[name] = value;
}

/** Stands on the stack where a group of values begins. */
const MARK = Symbol("mark");

/** Runs the pickle that begins at `start`. @returns its value, and where the bytes after it begin */
export function unpickle(bytes: Uint8Array, names: PickleNames, start = 0): { value: unknown; end: number } {
  return new Machine(bytes, names, start).run();
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #names: PickleNames;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #at: number;

  /** What each operation does, by its letter or byte. */
  readonly #operations: Readonly<Record<string, () => void>> = {
    "\x80": () => this.#checkProtocol(this.#uint8()),
    N: () => this.#push(null),
    "\x88": () => this.#push(true),
    "\x89": () => this.#push(false),
    K: () => this.#push(this.#uint8()),
    M: () => this.#push(this.#view.getUint16(this.#take(2), true)),
    J: () => this.#push(this.#view.getInt32(this.#take(4), true)),
    "\x8a": () => this.#push(this.#long(this.#uint8())),
    G: () => this.#push(this.#view.getFloat64(this.#take(8), false)),
    X: () => this.#push(this.#text(this.#length(), "utf-8")),
    T: () => this.#push(this.#text(this.#length(), "latin1")), // str of Python 2
    U: () => this.#push(this.#text(this.#uint8(), "latin1")),
    "(": () => this.#push(MARK),
    ")": () => this.#push([]),
    "]": () => this.#push([]),
    "}": () => this.#push({}),
    "\x85": () => this.#push(this.#popMany(1)),
    "\x86": () => this.#push(this.#popMany(2)),
    "\x87": () => this.#push(this.#popMany(3)),
    t: () => this.#push(this.#popGroup()),
    a: () => this.#append(this.#popMany(1)),
    e: () => this.#append(this.#popGroup()),
    s: () => this.#setItems(this.#popMany(2)),
    u: () => this.#setItems(this.#popGroup()),
    q: () => this.#remember(this.#uint8()),
    r: () => this.#remember(this.#length()),
    h: () => this.#push(this.#recall(this.#uint8())),
    j: () => this.#push(this.#recall(this.#length())),
    "0": () => this.#pop(),
    "1": () => this.#popGroup(),
    c: () => this.#push(this.#names.find(`${this.#line()}.${this.#line()}`)),
    R: () => this.#call(),
    "\x81": () => this.#call(),
    b: () => this.#ignoreAttributes(),
    Q: () => this.#push(this.#names.persistent(this.#pop())),
  };

  constructor(bytes: Uint8Array, names: PickleNames, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#names = names;
    this.#at = start;
  }

  run(): { value: unknown; end: number } {
    for (;;) {
      const byte = this.#uint8();
      const letter = String.fromCharCode(byte);
      if (letter === ".") return { value: this.#pop(), end: this.#at };
      const operation = this.#operations[letter];
      if (operation === undefined) {
        throw wrong(
          `has the operation 0x${byte.toString(16)} at byte ${this.#at - 1}, which torch.save does not write`,
        );
      }
      operation();
    }
  }

  #checkProtocol(protocol: number): void {
    if (protocol !== 2) throw wrong(`has protocol ${protocol}, expected 2 (torch.save's default)`);
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    const value = this.#stack.length > 0 ? this.#stack.pop() : MARK;
    if (value === MARK) throw wrong("takes from an empty stack");
    return value;
  }

  #popMany(count: number): unknown[] {
    const values = Array.from({ length: count }, () => this.#pop());
    return values.reverse();
  }

  /** Everything above the last mark. */
  #popGroup(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw wrong("ends a group that it did not begin");
    const values = this.#stack.splice(mark + 1);
    this.#stack.pop();
    return values;
  }

  #append(values: readonly unknown[]): void {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw wrong("appends to what is no list");
    for (const value of values) list.push(value);
  }

  #setItems(values: readonly unknown[]): void {
    const dict = this.#stack.at(-1);
    if (values.length % 2 !== 0) throw wrong("has a dict with a key and no value");
    for (let i = 0; i < values.length; i += 2) setItem(dict, values[i], values[i + 1]);
  }

  #remember(place: number): void {
    const value = this.#pop();
    this.#push(value);
    this.#memo.set(place, value);
  }

  #recall(place: number): unknown {
    if (!this.#memo.has(place)) throw wrong(`refers to value ${place}, which it has not made`);
    return this.#memo.get(place);
  }

  #call(): void {
    const [callable, args] = this.#popMany(2);
    if (!(callable instanceof PickleFunction) || !Array.isArray(args)) throw wrong("calls what is no function");
    this.#push(callable.call(args));
  }

  /** Attributes of an object: a state dict's are its `_metadata`, of no use here. */
  #ignoreAttributes(): void {
    this.#pop();
    if (!isDict(this.#stack.at(-1))) throw wrong("sets attributes of what is no dict");
  }

  /** Moves on by `count` bytes. @returns where they begin */
  #take(count: number): number {
    const start = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) throw wrong("ends in the middle; is the file whole?");
    return start;
  }

  #uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  #length(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #text(length: number, encoding: "utf-8" | "latin1"): string {
    const start = this.#take(length);
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(this.#bytes.subarray(start, start + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw wrong("ends in the middle of a name");
    const text = this.#text(end - this.#at, "utf-8");
    this.#at++;
    return text;
  }

  /** A whole number of so many bytes, two's complement. */
  #long(length: number): number | bigint {
    const start = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]);
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
}

const wrong = (what: string): FormatError => new FormatError(`loadPyTorch: the pickle ${what}`);
