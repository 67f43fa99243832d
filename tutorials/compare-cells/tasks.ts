/** The two tasks of the comparison: windows, targets, and the way back to the data's unit. */

import { type Tensor, tensor } from "refrain";
import { StandardScaler, windows } from "refrain/data";
import type { DataSource } from "../data-source.ts";
import { priceWindows } from "../price-windows.ts";

export const OWN_PRICES = "nikkei_1001_2010-2017.csv";
const OWN_DAYS = 1962;
const STAND_IN = "dax_in_nikkei_format.csv";
const PRICE_STEPS = 6;
const SUNSPOT_STEPS = 24;
/** Years for training and validation; the test part is the other 58. */
const SUNSPOT_SPLIT = [201, 50] as const;

export interface Task {
  readonly name: string;
  readonly unit: string;
  /** [N, T, 1] and [N, 1]. */
  readonly x: Tensor;
  readonly y: Tensor;
  /** Windows 0 … fitted train, fitted … trained tell when to stop, the others are the test. */
  readonly fitted: number;
  readonly trained: number;
  readonly truth: Float64Array;
  readonly last: Float64Array;
  /** From the outputs for the test windows to the data's unit. */
  readonly toValues: (outputs: Float64Array) => Float64Array;
}

/** Changes of daily closes; `owns` if the file is the one that the mark holds for. */
export async function priceTask(data: DataSource): Promise<{ task: Task; owns: boolean; file: string }> {
  const { name: file, table } = await data.table(OWN_PRICES, STAND_IN);
  const close = table.column("終値").values;
  const trained = Math.floor(0.7 * (close.length - PRICE_STEPS));
  const { x, y, last, truth, toPrices } = priceWindows({ close }, PRICE_STEPS, trained + PRICE_STEPS);
  const task: Task = {
    name: "prices by day",
    unit: "points",
    x,
    y,
    fitted: Math.floor(0.8 * trained),
    trained,
    truth: truth.subarray(trained),
    last: last.subarray(trained),
    toValues: (outputs) => toPrices(outputs, trained),
  };
  return { task, owns: file === OWN_PRICES && close.length === OWN_DAYS, file };
}

/** Yearly sunspots, scaled by the training years. */
export async function sunspotTask(data: DataSource): Promise<Task> {
  const { table } = await data.table("sunspots_yearly.csv");
  const { values } = table.column("value");
  const [trainYears, validationYears] = SUNSPOT_SPLIT;
  const series = tensor(Array.from(values, (value) => [value])); // [309, 1]
  const scaler = new StandardScaler().fit(series.narrow(0, 0, trainYears));
  const [x, targets] = windows(scaler.transform(series), { inputSteps: SUNSPOT_STEPS });
  const trained = trainYears + validationYears - SUNSPOT_STEPS;
  return {
    name: "sunspots by year",
    unit: "sunspot number",
    x: x.contiguous(), // [285, 24, 1]
    y: targets.squeeze(2), // [285, 1]
    fitted: trainYears - SUNSPOT_STEPS,
    trained,
    truth: values.slice(trainYears + validationYears),
    last: values.slice(trainYears + validationYears - 1, -1),
    toValues: (outputs) => outputs.map((output) => output * scaler.scale[0] + scaler.offset[0]),
  };
}
