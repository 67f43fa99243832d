/**
 * What scalers have in common: one offset and one scale a column, found in the training part and in nothing else.
 *
 *   transform  y = (x − offset) / scale,   inverse  x = y · scale + offset
 *
 * A column is the last axis: [T] is one, [T, F] and [N, T, F] have F. NaN is ignored in fitting and stays NaN in
 * transforming. A constant column has scale 1.
 */

import { add, div, mul, sub } from "../ops/arithmetic.ts";
import { tensor } from "../ops/create.ts";
import { toTypedArray } from "../ops/read.ts";
import { type DType, floatingDType } from "../tensor/dtype.ts";
import { ArgumentError, FormatError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { checkTensor, type Tensor } from "../tensor/tensor.ts";

/** A fitted scaler as plain data, for JSON. */
export interface ScalerState {
  /** Which scaler it is: `MinMaxScaler`, `StandardScaler`. */
  readonly scaler: string;
  /** One a column, in the column's unit. */
  readonly offset: readonly number[];
  readonly scale: readonly number[];
}

/**
 * What scalers have in common: fitted column by column on [..., columns], `transform` and its `inverse`, a state to
 * save.
 */
export abstract class Scaler {
  #offset: readonly number[] | null = null;
  #scale: readonly number[] = [];

  protected abstract get scalerName(): string;

  /** Offset and scale of one column, whose values are finite; `scale` may come out as 0. */
  protected abstract fitColumn(values: Float64Array): { offset: number; scale: number };

  /** The column's offset, in its unit; fitted scalers only. */
  get offset(): readonly number[] {
    return this.#fitted("offset");
  }

  get scale(): readonly number[] {
    this.#fitted("scale");
    return this.#scale;
  }

  /**
   * Finds offset and scale of every column. Give it the training part alone: what is learnt from the rest leaks.
   * @throws {ArgumentError} for an infinite value, or a column without any value
   */
  fit(x: Tensor): this {
    checkTensor(`${this.scalerName}.fit`, x);
    const columns = columnsOf(x);
    const flat = toTypedArray(x) as ArrayLike<number | bigint>;
    const rows = columns === 0 ? 0 : flat.length / columns;
    const fits = Array.from({ length: columns }, (_, column) => {
      const values = new Float64Array(rows);
      let count = 0;
      for (let row = 0; row < rows; row++) {
        const value = Number(flat[row * columns + column]);
        if (Number.isNaN(value)) continue;
        if (!Number.isFinite(value)) {
          throw new ArgumentError(`${this.scalerName}.fit: column ${column} has ${value} in row ${row}; make it NaN`);
        }
        values[count++] = value;
      }
      if (count === 0) throw new ArgumentError(`${this.scalerName}.fit: column ${column} has no values to learn from`);
      return this.fitColumn(values.subarray(0, count));
    });
    this.#set(
      fits.map(({ offset }) => offset),
      fits.map(({ scale }) => (scale === 0 ? 1 : scale)),
    );
    return this;
  }

  /** `(x − offset) / scale`, column by column; the gradient passes. Whole numbers become float32. */
  transform(x: Tensor): Tensor {
    const dtype = floatingDType(x.dtype);
    return div(sub(x, this.#row("transform", x, this.offset, dtype)), this.#row("transform", x, this.scale, dtype));
  }

  /** Back to the column's unit: `y · scale + offset`; the gradient passes. */
  inverse(y: Tensor): Tensor {
    const dtype = floatingDType(y.dtype);
    return add(mul(y, this.#row("inverse", y, this.scale, dtype)), this.#row("inverse", y, this.offset, dtype));
  }

  fitTransform(x: Tensor): Tensor {
    return this.fit(x).transform(x);
  }

  /** The state; `JSON.stringify(scaler)` writes it, and `fromJSON` of the class reads it. */
  toJSON(): ScalerState {
    return { scaler: this.scalerName, offset: [...this.offset], scale: [...this.scale] };
  }

  /**
   * Continues from a state.
   * @throws {FormatError} if it is another scaler's, or no state at all
   */
  loadState(state: ScalerState): this {
    const isList = (list: unknown) => Array.isArray(list) && list.every((value) => Number.isFinite(value));
    if (state?.scaler !== this.scalerName || !isList(state.offset) || !isList(state.scale)) {
      throw new FormatError(
        `${this.scalerName}.loadState: not the state of a ${this.scalerName} (it says ${String(state?.scaler)})`,
      );
    }
    if (state.offset.length !== state.scale.length || state.scale.some((scale) => scale === 0)) {
      throw new FormatError(`${this.scalerName}.loadState: one offset and one scale other than 0 a column expected`);
    }
    this.#set([...state.offset], [...state.scale]);
    return this;
  }

  #set(offset: readonly number[], scale: readonly number[]): void {
    this.#offset = offset;
    this.#scale = scale;
  }

  #fitted(place: string): readonly number[] {
    if (this.#offset !== null) return this.#offset;
    throw new ArgumentError(`${this.scalerName}.${place}: nothing was learnt yet; call fit(trainingPart) first`);
  }

  #row(place: string, x: Tensor, values: readonly number[], dtype: DType): Tensor {
    if (columnsOf(x) !== values.length) {
      throw new ShapeError(
        `${this.scalerName}.${place}: it was fitted on ${values.length} columns, ${formatShape(x.shape)} has ${columnsOf(x)}; ` +
          "for some of them use columns([…])",
      );
    }
    return tensor(values, { dtype });
  }

  /** Copies the columns named by their numbers into `other`, a new scaler of the same kind. */
  protected pick<S extends Scaler>(other: S, columns: readonly number[]): S {
    const { offset, scale } = this;
    for (const column of columns) {
      if (!(column in offset)) {
        throw new ArgumentError(`${this.scalerName}.columns: there is no column ${column}; there are ${offset.length}`);
      }
    }
    return other.loadState({
      scaler: this.scalerName,
      offset: columns.map((column) => offset[column]),
      scale: columns.map((column) => scale[column]),
    }) as S;
  }
}

function columnsOf(x: Tensor): number {
  return x.rank <= 1 ? 1 : x.shape[x.rank - 1];
}
