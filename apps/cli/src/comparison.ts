/** A comparison of cells as people and programs read it: a table, a JSON object, figures, a report. */

import { backend } from "refrain";
import { boxFigure, decimalsFor, type Figure, scoreFigure } from "refrain/figure";
import type { CellComparison, CellScores } from "refrain/forecast";
import type { Report } from "refrain-render";
import { METHOD_NAMES, type Timings } from "./result.ts";
import { textTable } from "./text-table.ts";

/** Increased when a field of the JSON changes its meaning or goes away. */
const SCHEMA_VERSION = 1;

export const cellName = (cell: CellScores["cell"]): string => cell.toUpperCase();

/** The mean over seeds, the deviation between them, and each of them. */
interface Spread {
  readonly mean: number | null;
  /** Of the sample; null with one seed. */
  readonly deviation: number | null;
  readonly seeds: readonly (number | null)[];
}

function spreadOf(seeds: readonly (number | null)[]): Spread {
  const known = seeds.filter((value) => value !== null);
  if (known.length === 0) return { mean: null, deviation: null, seeds };
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: known.length < 2 ? null : Math.sqrt(squares / (known.length - 1)), seeds };
}

const inPercent = (shares: readonly (number | null)[]) => shares.map((share) => (share === null ? null : 100 * share));
const inSeconds = (times: readonly number[]) => times.map((ms) => ms / 1000);

/** Mean ± deviation with the decimals of the column. */
function shown({ mean, deviation }: Spread, decimals: number, unit = ""): string {
  if (mean === null) return "–";
  const spread = deviation === null ? "" : ` ± ${deviation.toFixed(decimals)}`;
  return `${mean.toFixed(decimals)}${spread}${unit}`;
}

const HEAD = ["", "params", "RMSE", "MAE", "direction", "time (s)", ""];

/** The rows of the table below its head: the cells, then the simple methods. */
function rowsOf({ cells, baselines, config }: CellComparison): string[][] {
  const simple = Object.entries(baselines);
  const decimals = (pick: (scores: { rmse: number; mae: number }) => number) =>
    decimalsFor([
      ...cells.flatMap(({ rmse, mae }) => rmse.map((value, i) => pick({ rmse: value, mae: mae[i] }))),
      ...simple.map(([, scores]) => pick(scores)),
    ]);
  const [rmseDecimals, maeDecimals] = [decimals(({ rmse }) => rmse), decimals(({ mae }) => mae)];
  const reads = config.skip === "linear" ? "corrects the linear map" : "";
  return [
    ...cells.map((cell) => [
      cellName(cell.cell),
      String(cell.parameters),
      shown(spreadOf(cell.rmse), rmseDecimals),
      shown(spreadOf(cell.mae), maeDecimals),
      shown(spreadOf(inPercent(cell.directionalAccuracy)), 1, " %"),
      shown(spreadOf(inSeconds(cell.trainingMs)), 2),
      reads,
    ]),
    ...simple.map(([name, { rmse, mae, directionalAccuracy, description }]) => [
      METHOD_NAMES[name],
      "–",
      rmse.toFixed(rmseDecimals),
      mae.toFixed(maeDecimals),
      directionalAccuracy === null ? "–" : `${(100 * directionalAccuracy).toFixed(1)} %`,
      "–",
      description,
    ]),
  ];
}

const seedsText = ({ config }: CellComparison): string =>
  config.seeds === 1 ? "one seed" : `mean ± deviation over ${config.seeds} seeds`;

const testText = (comparison: CellComparison): string =>
  `Test part: ${comparison.testOrigins} origins, horizon ${comparison.config.horizon}; ${seedsText(comparison)}`;

/** The table and what can be concluded from it, in lines of text. */
export function comparisonText(comparison: CellComparison, width?: number): string {
  const { conclusions, pairs, againstBaselines } = comparison;
  const table = textTable([HEAD, ...rowsOf(comparison)], width);
  const reasons = [...pairs, ...againstBaselines].map(({ text }) => `  ${text}`);
  return `${testText(comparison)}\n\n${table}\n\n${conclusions.join("\n")}\n\nOne by one:\n${reasons.join("\n")}\n`;
}

/** The object of `--json` and `metrics.json`. */
export function comparisonJson(
  comparison: CellComparison,
  context: { file: string; notes: readonly string[]; timings: Timings<"compareMs"> },
) {
  const { cells, baselines, pairs, againstBaselines, conclusions, testOrigins, config } = comparison;
  return {
    schemaVersion: SCHEMA_VERSION,
    file: context.file,
    cells: cells.map(({ cell, parameters, epochs, validationRmse, ...lists }) => ({
      cell,
      parameters,
      rmse: spreadOf(lists.rmse),
      mae: spreadOf(lists.mae),
      directionalAccuracy: spreadOf(lists.directionalAccuracy),
      trainingSeconds: spreadOf(inSeconds(lists.trainingMs)),
      epochs,
      validation: { rmse: validationRmse },
    })),
    baselines,
    pairs,
    againstBaselines,
    conclusions,
    testOrigins,
    config,
    notes: context.notes,
    timings: context.timings,
    backend: backend().describe(),
  };
}

/** RMSE by cell and seed, and by method. */
export function comparisonFigures(comparison: CellComparison): Record<"seeds" | "scores", Figure> {
  const { cells, baselines, config } = comparison;
  const unit = `test RMSE (in units of ${config.target}), horizon ${config.horizon}`;
  const best = Object.entries(baselines).reduce((a, b) => (b[1].rmse < a[1].rmse ? b : a));
  return {
    seeds: boxFigure(
      cells.map(({ cell, rmse }) => ({ name: cellName(cell), values: rmse })),
      {
        title: `${config.target}: ${config.seeds} ${config.seeds === 1 ? "seed" : "seeds"} of each cell`,
        valueTitle: unit,
        nameTitle: "cell",
        reference: { value: best[1].rmse, name: METHOD_NAMES[best[0]] },
      },
    ),
    scores: scoreFigure(
      [
        ...cells.map(({ cell, rmse }) => ({
          name: cellName(cell),
          value: spreadOf(rmse).mean!,
          ours: true,
          ...(rmse.length > 1 ? { spread: [Math.min(...rmse), Math.max(...rmse)] as const } : {}),
        })),
        ...Object.entries(baselines).map(([name, { rmse }]) => ({ name: METHOD_NAMES[name], value: rmse })),
      ],
      { title: "Test RMSE by method", valueTitle: unit },
    ),
  };
}

export function comparisonReport(
  comparison: CellComparison,
  figures: Record<"seeds" | "scores", Figure>,
  notes: readonly string[],
): Report {
  const { config, conclusions, pairs, againstBaselines } = comparison;
  const rows = rowsOf(comparison);
  const seconds = comparison.cells.map(({ trainingMs }) => spreadOf(inSeconds(trainingMs)).mean);
  const methods = Object.entries(comparison.baselines).map(
    ([name, { description }]) => `${METHOD_NAMES[name]}: ${description}`,
  );
  const rmseOf = [
    ...comparison.cells.map(({ rmse }) => spreadOf(rmse).mean!),
    ...Object.values(comparison.baselines).map(({ rmse }) => rmse),
  ];
  return {
    title: `Cells compared on ${config.target}`,
    summary: conclusions.join(" "),
    sections: [
      {
        heading: "How good they are",
        paragraphs: [`${methods.join("; ")}.`],
        figures: [figures.seeds, figures.scores],
        table: {
          caption: `${testText(comparison)}. Direction: steps forecast to the right side of the last known value. Seconds: to train one network`,
          columns: ["", "parameters", "RMSE", "MAE", "direction", "seconds"],
          rows: rows.map((row, i) => [...row.slice(0, 5), seconds[i]?.toFixed(2) ?? "–"]),
          bestRow: rmseOf.indexOf(Math.min(...rmseOf)),
        },
      },
      {
        heading: "Which differences are real",
        paragraphs: [
          "A difference is called real only if it is beyond chance both over the test part (Diebold–Mariano, with p multiplied by the number of comparisons made) and over the seeds, whose errors must lie apart. The better of two, by the mean, stands first.",
        ],
        table: {
          caption: `The pairs of cells are one family of ${pairs.length}, those with a simple method another of ${againstBaselines.length}`,
          columns: ["", "and", "p", "seeds", "difference"],
          rows: [...pairs, ...againstBaselines].map(({ better, worse, pValue, apart, real }) => [
            better,
            worse,
            pValue < 0.01 ? "< 0.01" : pValue.toFixed(2),
            apart ? "lie apart" : "overlap",
            real ? "real" : "not shown",
          ]),
        },
      },
      { heading: "What was guessed and decided", paragraphs: [...notes] },
      { heading: "Configuration", code: JSON.stringify(config, null, 2) },
    ],
  };
}
