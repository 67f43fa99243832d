/**
 * Indexing by numbers, slices, masks and index tensors: what Python writes between brackets.
 *
 *   x[0]            index(x, 0)
 *   x[:, -1]        index(x, slice(), -1)        or x.select(1, -1)
 *   x[..., 1:5:2]   index(x, "...", range(1, 5, 2))
 *   x[None]         index(x, null)
 *   x[mask], x[i]   index(x, mask), index(x, i)  a bool (or uint8) tensor is a mask, an int64 one counts
 *   x[i] = row      indexPut_(x, [i], row)
 */

import { allocate } from "../backend/allocate.ts";
import { backend } from "../backend/select.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { broadcastShapes, elementCount, formatShape } from "../tensor/shape.ts";
import { checkTensor, Tensor } from "../tensor/tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { indexSelect } from "./gather.ts";
import { copy_, fill_, refuseRecorded } from "./in-place.ts";
import { readNumbers } from "./read.ts";
import { expand, movedim, reshape, select, slice, unsqueeze } from "./views.ts";

/** `start : end : step`, as Python's slices; null leaves a bound open. */
export interface Range {
  readonly start: number | null;
  readonly end: number | null;
  readonly step: number;
}

/** A slice for `index`: `range()` is all, `range(1)` from the second on, `range(0, 5)` the first five. */
export const range = (start: number | null = null, end: number | null = null, step = 1): Range => ({
  start,
  end,
  step,
});

/** A number picks, a range cuts, null adds an axis, "..." stands for all axes not named, a tensor picks many. */
export type Index = number | Range | null | "..." | Tensor;

/** The elements that `indices` name. Numbers and ranges give views, index tensors and masks copies. */
export function index(x: Tensor, ...indices: Index[]): Tensor {
  checkTensor("index", x);
  const { basic, tensors } = resolve(x, indices);
  return tensors.length === 0 ? basic : pickMany(basic, tensors);
}

/**
 * Writes `value`, which broadcasts, to the elements that `indices` name. Under `noGrad` where gradients are recorded.
 * @returns x
 */
export function indexPut_(x: Tensor, indices: readonly Index[], value: Tensor | number | boolean): Tensor {
  checkTensor("indexPut_", x);
  if (!Array.isArray(indices)) {
    throw new ArgumentError("indexPut_: the indices are a list: indexPut_(x, [0, range(1, 3)], value)");
  }
  refuseRecorded("indexPut_", x, value);
  const { basic, tensors } = resolve(x, indices);
  if (tensors.length === 0) {
    if (value instanceof Tensor) copy_(basic, value);
    else fill_(basic, value);
    return x;
  }
  const places = pickMany(numbering(basic), tensors); // where each picked element lies, counted row-major
  const flat = readNumbers(places);
  const source = value instanceof Tensor ? readSource(value, places, x) : null;
  flat.forEach((position, i) => {
    const target = elementAt(basic, position);
    if (source === null) fill_(target, value as number | boolean);
    else copy_(target, select(source, 0, i));
  });
  return x;
}

function readSource(value: Tensor, places: Tensor, x: Tensor): Tensor {
  const shape = broadcastShapes("indexPut_", value.shape, places.shape);
  if (elementCount(shape) !== places.elementCount) {
    throw new ShapeError(
      `indexPut_: ${formatShape(value.shape)} does not broadcast to the ${formatShape(places.shape)} elements chosen`,
    );
  }
  return reshape(expand(cast(value, x.dtype), places.shape), [-1]);
}

function elementAt(x: Tensor, position: number): Tensor {
  let offset = x.offset;
  for (let axis = x.rank - 1, rest = position; axis >= 0; axis--) {
    offset += (rest % x.shape[axis]) * x.strides[axis];
    rest = Math.floor(rest / x.shape[axis]);
  }
  return new Tensor(x.storage, x.dtype, [], [], offset);
}

/** A tensor of x's shape that holds 0, 1, 2, … */
function numbering(x: Tensor): Tensor {
  const out = allocate(x.shape, "int64");
  const data = backend().elements(out.storage, "int64") as BigInt64Array;
  for (let i = 0; i < data.length; i++) data[i] = BigInt(i);
  return out;
}

interface Resolved {
  /** x after numbers, ranges and new axes. */
  readonly basic: Tensor;
  /** Index tensors and the axes of `basic` that they pick from. */
  readonly tensors: readonly { axis: number; index: Tensor }[];
}

function resolve(x: Tensor, indices: readonly Index[]): Resolved {
  const consumed = indices.reduce<number>((sum, i) => {
    if (i === null || i === "...") return sum;
    return sum + (i instanceof Tensor && isMask(i) ? i.rank : 1);
  }, 0);
  if (consumed > x.rank) {
    throw new ShapeError(`index: ${consumed} indices for a tensor of ${x.rank} axes, ${formatShape(x.shape)}`);
  }
  if (indices.filter((i) => i === "...").length > 1) throw new ArgumentError('index: "..." may stand only once');
  let basic = x;
  let axis = 0;
  const tensors: { axis: number; index: Tensor }[] = [];
  for (const part of indices) {
    if (part === "...") {
      axis += x.rank - consumed;
    } else if (part === null) {
      basic = unsqueeze(basic, axis++);
    } else if (typeof part === "number") {
      basic = select(basic, axis, part);
    } else if (part instanceof Tensor) {
      for (const picked of asIndexTensors(part, basic, axis)) tensors.push({ axis: axis++, index: picked });
    } else if (typeof part === "object" && "step" in part) {
      basic = slice(basic, axis++, part.start, part.end, part.step);
    } else {
      throw new ArgumentError(`index: an index is a number, range(…), null, "..." or a tensor, got ${String(part)}`);
    }
  }
  return { basic, tensors };
}

/** uint8 is a mask too, as in PyTorch, which had no bool once. */
const isMask = (x: Tensor): boolean => x.dtype === "bool" || x.dtype === "uint8";

/** A mask becomes one index tensor for each of its axes; whole numbers are brought into range. */
function asIndexTensors(part: Tensor, x: Tensor, axis: number): Tensor[] {
  if (isMask(part)) {
    part.shape.forEach((size, i) => {
      if (size !== x.shape[axis + i]) {
        throw new ShapeError(
          `index: the mask ${formatShape(part.shape)} does not fit ${formatShape(x.shape)}: axis ${axis + i} is ${x.shape[axis + i]}`,
        );
      }
    });
    const positions = nonzeroPositions(part);
    return part.shape.map((_, i) => int64(positions.map((position) => position[i])));
  }
  if (part.dtype !== "int64" && part.dtype !== "int32") {
    throw new DTypeError(
      `index: an index tensor must be int64, int32 or a mask, got ${part.dtype}; cast it: i.to("int64"), or i.to("bool") for a mask`,
    );
  }
  const size = x.shape[axis];
  const values = readNumbers(part).map((value) => {
    if (value < -size || value >= size) {
      throw new ShapeError(
        `index: ${value} is out of range for axis ${axis} of ${formatShape(x.shape)} (size ${size})`,
      );
    }
    return value < 0 ? value + size : value;
  });
  return [reshape(int64(values), part.shape)];
}

function int64(values: readonly number[]): Tensor {
  const out = allocate([values.length], "int64");
  (backend().elements(out.storage, "int64") as BigInt64Array).set(values.map(BigInt));
  return out;
}

function nonzeroPositions(x: Tensor): number[][] {
  const positions: number[][] = [];
  readNumbers(x).forEach((value, flat) => {
    if (value === 0) return;
    const position = new Array<number>(x.rank);
    for (let axis = x.rank - 1, rest = flat; axis >= 0; axis--) {
      position[axis] = rest % x.shape[axis];
      rest = Math.floor(rest / x.shape[axis]);
    }
    positions.push(position);
  });
  return positions;
}

/** Where x is not zero: int64 [count, rank]. */
export function nonzero(x: Tensor): Tensor {
  checkTensor("nonzero", x);
  const positions = nonzeroPositions(x);
  return reshape(int64(positions.flat()), [positions.length, x.rank]);
}

/** PyTorch's rule: index tensors broadcast together; their axes stand where the first was, or in front if they are apart. */
function pickMany(x: Tensor, tensors: readonly { axis: number; index: Tensor }[]): Tensor {
  const axes = tensors.map(({ axis }) => axis);
  const shape = tensors.map(({ index: i }) => i.shape).reduce((a, b) => broadcastShapes("index", a, b));
  const together = axes.every((axis, i) => i === 0 || axis === axes[i - 1] + 1);
  // The picked axes go to the front and are joined into one, along which rows are selected.
  let moved = x;
  axes.forEach((axis, i) => {
    moved = movedim(moved, axis, i);
  });
  const sizes = axes.map((axis) => x.shape[axis]);
  const rest = moved.shape.slice(axes.length);
  let flat = expand(cast(tensors[0].index, "int64"), shape);
  for (let i = 1; i < tensors.length; i++) flat = add(mul(flat, sizes[i]), expand(tensors[i].index, shape));
  const rows = indexSelect(reshape(moved, [elementCount(sizes), ...rest]), 0, reshape(flat, [-1]));
  const picked = reshape(rows, [...shape, ...rest]);
  if (!together || axes[0] === 0) return picked;
  let out = picked;
  for (let i = 0; i < axes[0]; i++) out = movedim(out, shape.length + i, i);
  return out;
}

/**
 * The elements where the mask is true, in row-major order, as a vector; both broadcast.
 * @param mask bool
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  checkTensor("maskedSelect", x);
  checkTensor("maskedSelect", mask);
  if (mask.dtype !== "bool") {
    throw new DTypeError(
      `maskedSelect: the mask must be a bool tensor, got ${mask.dtype}; compare first, as in x.gt(0)`,
    );
  }
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  return index(expand(x, shape), expand(mask, shape));
}
