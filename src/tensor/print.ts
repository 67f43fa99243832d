/**
 * The text of a tensor, PyTorch's to the letter:
 *
 *   tensor([[0.0000, 0.6428],
 *           [1.0000, 2.5000]], dtype=torch.float64)
 *
 * All elements share one notation, chosen from those shown that are finite and not zero:
 *
 *   scientific   if max/min > 1000, max > 10^8 or min < 10^-4 in absolute value: 1.0000e-05
 *   whole        if all are whole: 3.
 *   fixed        else: 3.2500
 *
 * and one width, the longest of theirs. Beyond `threshold` elements only the edges of each axis are shown. Plain data in,
 * text out. As PyTorch 2.13; digits are rounded half to even on the exact binary value, as Python does.
 */
import { checkOptions } from "./check-options.ts";
import { type DType, isFloating } from "./dtype.ts";
import { ArgumentError } from "./errors.ts";

export interface PrintableTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The element at an index of the row-major order; a bigint for int64, a boolean or 0 and 1 for bool. */
  readonly at: (flatIndex: number) => number | bigint | boolean;
  /** Whether it is a leaf that collects gradients. Printed only without `gradFnName`, as in PyTorch. */
  readonly requiresGrad?: boolean | undefined;
  /** The name of the operation that made it, `AddBackward0`. */
  readonly gradFnName?: string | undefined;
}

export interface PrintOptions {
  /** Digits after the point, 0 … 75; default 4. */
  precision?: number;
  /** With more elements than this only edges are shown; default 1000. */
  threshold?: number;
  /** How many elements are shown at each edge of an axis; default 3. */
  edgeitems?: number;
  /** Characters after which a line breaks between elements; default 80. */
  linewidth?: number;
  /** Where the other options start from: `default`, `short` (precision 2, edgeitems 2) or `full` (never just the edges). */
  profile?: "default" | "short" | "full";
  /** Scientific notation always or never. Left out it is chosen anew for each tensor, whatever was set before. */
  sciMode?: boolean | undefined;
}

const DEFAULTS = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 };
const PROFILES = {
  default: DEFAULTS,
  short: { ...DEFAULTS, precision: 2, edgeitems: 2 },
  full: { ...DEFAULTS, threshold: Number.POSITIVE_INFINITY },
};
const PREFIX = "tensor(";
const GAP = "..." as const;
/** Digits past the rounded ones that tell a half from its neighbours. */
const GUARD_DIGITS = 25;
/** `toFixed` goes to 100 digits. */
const MOST_DIGITS = 100 - GUARD_DIGITS;

let current: Required<Omit<PrintOptions, "profile" | "sciMode">> & { sciMode: boolean | undefined } = {
  ...DEFAULTS,
  sciMode: undefined,
};

/**
 * Changes how tensors are printed from now on, as `torch.set_printoptions`: what is left out stays, except `sciMode`.
 * @throws {ArgumentError} for a number that the option cannot take or an unknown profile
 */
export function setPrintOptions(options: PrintOptions): void {
  checkOptions("setPrintOptions", options, [...Object.keys(DEFAULTS), "profile", "sciMode"]);
  const { profile, sciMode, ...numbers } = options;
  if (profile !== undefined && !Object.hasOwn(PROFILES, profile)) {
    throw new ArgumentError(`setPrintOptions: profile "default", "short" or "full" expected, got "${profile}"`);
  }
  const next = { ...current, ...(profile === undefined ? {} : PROFILES[profile]), sciMode };
  for (const name of ["precision", "threshold", "edgeitems", "linewidth"] as const) {
    const value = numbers[name];
    if (value === undefined) continue;
    const most = name === "precision" ? MOST_DIGITS : Number.POSITIVE_INFINITY;
    if (!(value >= 0 && value <= most) || (name !== "threshold" && !Number.isInteger(value))) {
      throw new ArgumentError(`setPrintOptions: ${name} must be a whole number from 0 to ${most}, got ${value}`);
    }
    next[name] = value;
  }
  current = next;
}

/** The text that PyTorch prints for the tensor, with the options of `setPrintOptions`. */
export function formatTensor(tensor: PrintableTensor): string {
  const size = tensor.shape.reduce((product, length) => product * length, 1);
  const elements = size === 0 ? "[]" : formatElements(tensor, size > current.threshold);
  return withSuffixes(PREFIX + elements, suffixes(tensor, size));
}

function formatElements({ shape, dtype, at }: PrintableTensor, onlyEdges: boolean): string {
  const shown = shownIndices(shape, onlyEdges).map((index) => at(index));
  const { write, width } = isFloating(dtype) ? floatFormat(shown as number[]) : plainFormat(shown, dtype === "bool");
  const perLine = (indent: number) => Math.max(1, Math.floor((current.linewidth - indent) / (width + 2)));

  const writeAxis = (axis: number, offset: number): string => {
    if (axis === shape.length) return write(at(offset)).padStart(width);
    const indent = PREFIX.length + axis;
    const isLast = axis === shape.length - 1;
    const rows = shownPositions(shape[axis], onlyEdges);
    // Between elements PyTorch's gap takes a space more than between rows, but for a gap that stands alone.
    const gap = isLast && rows.length > 1 ? ` ${GAP}` : GAP;
    const parts = rows.map((row) => (row === GAP ? gap : writeAxis(axis + 1, offset * shape[axis] + row)));
    const newLine = `,${"\n".repeat(Math.max(1, shape.length - axis - 1))}${" ".repeat(indent + 1)}`;
    return `[${(isLast ? inLines(parts, perLine(indent)) : parts).join(newLine)}]`;
  };
  return writeAxis(0, 0);
}

function inLines(parts: readonly string[], perLine: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(", "));
  return lines;
}

/** The positions of an axis that are printed, and where there is a gap. */
function shownPositions(length: number, onlyEdges: boolean): (number | typeof GAP)[] {
  const edge = current.edgeitems;
  if (!onlyEdges || length <= 2 * edge) return Array.from({ length }, (_, i) => i);
  const left = Array.from({ length: edge }, (_, i) => i);
  return [...left, GAP, ...left.map((i) => length - edge + i)];
}

function shownIndices(shape: readonly number[], onlyEdges: boolean): number[] {
  let indices = [0];
  for (const length of shape) {
    const positions = shownPositions(length, onlyEdges).filter((position) => position !== GAP);
    indices = indices.flatMap((index) => positions.map((position) => index * length + position));
  }
  return indices;
}

interface ElementFormat {
  write: (value: number | bigint | boolean) => string;
  /** To which every element is padded. */
  width: number;
}

function plainFormat(shown: readonly (number | bigint | boolean)[], isBool: boolean): ElementFormat {
  const write: ElementFormat["write"] = (value) => (isBool ? (value ? "True" : "False") : String(value));
  const width = longest(shown.map(write));
  return { write, width };
}

function floatFormat(shown: readonly number[]): ElementFormat {
  const { precision } = current;
  const telling = shown.filter((x) => Number.isFinite(x) && x !== 0);
  const whole = telling.every(Number.isInteger);
  const max = telling.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const min = telling.reduce((least, x) => Math.min(least, Math.abs(x)), Number.POSITIVE_INFINITY);
  const spread = max / min > 1000 || max > 1e8 || min < 1e-4;
  // With nothing but zeros, NaN and infinities PyTorch does not look at sciMode.
  const scientific = telling.length > 0 && (current.sciMode ?? spread);
  const write: ElementFormat["write"] = (value) => {
    const x = Number(value);
    if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
    if (scientific) return exponential(x, precision);
    return whole ? `${fixed(x, 0)}.` : fixed(x, precision);
  };
  const width = longest(telling.map(write));
  return { write, width };
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 1);
}

/** Python's `f"{x:.{digits}f}"`. */
function fixed(x: number, digits: number): string {
  const size = Math.abs(x);
  if (size >= 1e21) return `${BigInt(x)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  return sign(x) + halfToEven(size.toFixed(digits), size.toFixed(digits + GUARD_DIGITS));
}

/** Python's `f"{x:.{digits}e}"`: two digits of exponent at least. */
function exponential(x: number, digits: number): string {
  const size = Math.abs(x);
  const [rounded, power] = size.toExponential(digits).split("e");
  const [longer, powerOfLonger] = size.toExponential(digits + GUARD_DIGITS).split("e");
  const even = halfToEven(rounded, longer);
  const exponent = Number(even === rounded ? power : powerOfLonger);
  return `${sign(x)}${even}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** JavaScript rounds an exact half up, Python to the even digit. `longer` has the same digits and `GUARD_DIGITS` more. */
function halfToEven(rounded: string, longer: string): string {
  const kept = longer.slice(0, -GUARD_DIGITS).replace(/\.$/, "");
  const isHalf = /^50*$/.test(longer.slice(-GUARD_DIGITS));
  return isHalf && Number(kept.at(-1)) % 2 === 0 ? kept : rounded;
}

function sign(x: number): string {
  return x < 0 || Object.is(x, -0) ? "-" : "";
}

function suffixes({ shape, dtype, requiresGrad, gradFnName }: PrintableTensor, size: number): string[] {
  const empty = size === 0;
  const impliedDtypes: DType[] = empty ? ["float32"] : ["float32", "int64", "bool"];
  const all: string[] = [];
  if (empty ? shape.length !== 1 : current.edgeitems === 0) {
    all.push(`size=(${shape.join(", ")}${shape.length === 1 ? "," : ""})`);
  }
  if (!impliedDtypes.includes(dtype)) all.push(`dtype=torch.${dtype}`);
  if (gradFnName !== undefined) all.push(`grad_fn=<${gradFnName}>`);
  else if (requiresGrad) all.push("requires_grad=True");
  return all;
}

function withSuffixes(start: string, all: readonly string[]): string {
  let result = start;
  // One more than what stands on the last line, and two on the only one: PyTorch's own count, on which the breaks depend.
  let lineLength = start.length - start.lastIndexOf("\n") + 1;
  for (const suffix of all) {
    if (lineLength + suffix.length + 2 > current.linewidth) {
      result += `,\n${" ".repeat(PREFIX.length)}${suffix}`;
      lineLength = PREFIX.length + suffix.length;
    } else {
      result += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${result})`;
}
