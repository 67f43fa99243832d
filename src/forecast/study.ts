/**
 * The series under study: everything that is fixed before any training. The columns, the split, the season, the window; and
 * the training part, which is all that anything may be fitted on before the test.
 */

import { ArgumentError, FormatError } from "../tensor/errors.ts";
import { defaultWindow } from "./baselines/linear.ts";
import { isConstant } from "./constant.ts";
import type { ForecastColumn } from "./forecast-result.ts";
import type { FormName } from "./forms.ts";
import { fitWindowEncoder, type WindowEncoder } from "./inputs.ts";
import { type Mask, maseScale } from "./metrics.ts";
import { type Examples, examplesAt } from "./network/examples.ts";
import type { NetworkShape } from "./network/forecast-network.ts";
import type { CompleteOptions } from "./options.ts";
import { detectSeason } from "./season.ts";
import { originsOf, type Part, type Split, splitRows } from "./split.ts";
import type { TransformName } from "./transform.ts";

/** A form, a transform, and the encoder that was fitted for them. */
export interface Choice {
  readonly form: FormName;
  readonly transform: TransformName;
  readonly encoder: WindowEncoder;
}

export class Study {
  readonly options: CompleteOptions;
  readonly names: readonly string[];
  /** The target's values, then those of the further inputs. */
  readonly values: readonly Float64Array[];
  /** 1 for rows of the target that were observed. */
  readonly observed: Mask;
  readonly split: Split;
  /** Rows of one season, or null. */
  readonly season: number | null;
  /** How the season was found; null if it was given. */
  readonly seasonReason: string | null;
  readonly window: number;

  /** @throws {FormatError} if the series or its training part is constant @throws {ArgumentError} if it is too short */
  constructor(columns: readonly ForecastColumn[], options: CompleteOptions) {
    checkColumns(columns);
    this.options = options;
    this.names = columns.map(({ name }) => name);
    this.values = columns.map(({ values }) => values);
    const rows = this.target.length;
    this.observed = columns[0].observed ?? new Uint8Array(rows).fill(1);
    if (isConstant(this.target)) {
      throw new FormatError(
        `the series "${this.names[0]}" is constant (${this.target[0]} in all ${rows} rows): there is nothing to forecast; choose another target`,
      );
    }
    this.split = splitRows(rows, options.split, { horizon: options.horizon, window: options.window ?? 1 });
    const training = this.training();
    if (isConstant(training)) {
      throw new FormatError(
        `the training part of "${this.names[0]}" is constant (${training[0]} in ${training.length} rows): nothing can be learned from it; give the training part more rows with --split`,
      );
    }
    const found = options.season === "auto" ? detectSeason(training, { frequencyHint: options.seasonHint }) : null;
    if (typeof options.season === "number" && options.season > training.length) {
      throw new ArgumentError(
        `forecast: a season of ${options.season} rows is longer than the training part of ${training.length}; take a shorter season or a longer series`,
      );
    }
    this.season = options.season === "auto" ? found!.period : options.season;
    this.seasonReason = found?.reason ?? null;
    this.window = options.window ?? defaultWindow(training.length, options.horizon, this.season);
  }

  get target(): Float64Array {
    return this.values[0];
  }

  /** All rows, the future's past. */
  get allRows(): Part {
    return { start: 0, end: this.target.length };
  }

  /** The training part of a column; the target's by default. */
  training(column = 0): Float64Array {
    return this.values[column].subarray(0, this.split.train.end);
  }

  /** A form fitted to the rows of a part, the training part by default. */
  choice(form: FormName, transform: TransformName, part: Part = this.split.train): Choice {
    const encoder = fitWindowEncoder(
      this.values.map((column) => column.subarray(part.start, part.end)),
      { form, transform, window: this.window, horizon: this.options.horizon, season: this.season },
    );
    return { form, transform, encoder };
  }

  /** The windows of a part and what a perfect network would answer, from `firstOrigin` on. */
  examples(encoder: WindowEncoder, part: Part, targetsAt: (origin: number) => Float64Array, firstOrigin = 0): Examples {
    const origins = originsOf(part, this.options.horizon, Math.max(encoder.firstOrigin, firstOrigin));
    return examplesAt(encoder, this.values, origins, targetsAt);
  }

  get networkShape(): NetworkShape {
    const { cell, hidden, layers, horizon } = this.options;
    return { cell, window: this.window, features: this.values.length, hidden, layers, horizon };
  }

  /** Examples in a batch: 16, or 32 for more than 500 examples, unless asked otherwise. */
  batchSize(examples: number): number {
    return this.options.batchSize ?? (examples > 500 ? 32 : 16);
  }

  /** The scale of MASE, from the observed rows of the training part. */
  get maseScale(): number {
    const observed = Uint8Array.from({ length: this.split.train.end }, (_, i) => (this.observed[i] ? 1 : 0));
    return maseScale(this.training(), this.season ?? 1, observed);
  }
}

function checkColumns(columns: readonly ForecastColumn[]): void {
  if (columns.length === 0) throw new ArgumentError("forecast: expected at least one column, the target, got none");
  const rows = columns[0].values.length;
  for (const { name, values, observed } of columns) {
    if (values.length !== rows || (observed !== undefined && observed.length !== rows)) {
      const got = values.length !== rows ? `${values.length} rows` : `${observed!.length} marks of what was observed`;
      throw new ArgumentError(
        `forecast: all columns must be of one length; "${columns[0].name}" has ${rows} rows, "${name}" has ${got}`,
      );
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) continue;
    throw new ArgumentError(
      `forecast: column "${name}" holds ${values[bad]} at row ${bad}; fill gaps first (fillCausally) and mark them in observed`,
    );
  }
}
