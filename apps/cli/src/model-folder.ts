/**
 * A trained forecaster as three files: `config.json` (what it is), `scaler.json` (how windows are encoded) and
 * `model.safetensors` (weights). Only what `predict` needs is in them, and nothing in them is code.
 */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Tensor, tensor } from "refrain";
import {
  CELL_NAMES,
  FORM_NAMES,
  ForecastModel,
  type ForecastModelState,
  type FormState,
  type Intervals,
  type NetworkShape,
  type SimpleState,
} from "refrain/forecast";
import { loadSafetensors, saveSafetensors } from "refrain/io";
import { DataError, fileError } from "./exit-code.ts";

const FORMAT = "refrain-forecaster";
const VERSION = 1;

export interface SavedForecaster {
  readonly model: ForecastModel;
  readonly intervals: Intervals;
}

interface Config {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly columns: readonly string[];
  readonly horizon: number;
  readonly network: NetworkShape;
  readonly networks: number;
  readonly linear: { readonly ridge: number } | null;
  /** A simple method that forecasts alone. */
  readonly simple: SimpleState | null;
  readonly correctionScale: readonly number[];
  readonly interval: {
    readonly level: number;
    readonly halfWidth: readonly number[];
    readonly attained: readonly number[];
  };
}

interface Scaler {
  readonly network: readonly FormState[];
  readonly linear: FormState | null;
}

/** The files by name. */
export function modelFiles({ model, intervals }: SavedForecaster): Record<string, string | Uint8Array> {
  const { columns, horizon, network, encoding, linear, simple, correctionScale } = model.state;
  const config: Config = {
    format: FORMAT,
    version: VERSION,
    columns,
    horizon,
    network,
    networks: model.networks.length,
    linear: linear === null ? null : { ridge: linear.map.ridge },
    simple,
    correctionScale,
    interval: {
      level: intervals.level,
      halfWidth: Array.from(intervals.halfWidth),
      attained: Array.from(intervals.attained),
    },
  };
  const scaler: Scaler = { network: encoding, linear: linear?.encoding ?? null };
  const tensors: Record<string, Tensor> = {};
  model.networks.forEach((each, i) => {
    for (const [name, value] of Object.entries(each.stateDict())) tensors[`network.${i}.${name}`] = value;
  });
  if (linear !== null) {
    const { weights, intercept, inputs, outputs } = linear.map;
    tensors["linear.weight"] = tensor(weights, { shape: [outputs, inputs] });
    tensors["linear.bias"] = tensor(intercept);
  }
  return {
    "config.json": `${JSON.stringify(config, null, 2)}\n`,
    "scaler.json": `${JSON.stringify(scaler, null, 2)}\n`,
    "model.safetensors": saveSafetensors(tensors, { format: FORMAT }),
  };
}

/** Loads a model folder, or the output folder of a forecast that holds one. @throws {DataError} if a file is missing or damaged */
export async function loadModel(path: string): Promise<SavedForecaster> {
  const found = await stat(path).catch((error) => {
    throw fileError(`cannot read the model ${path}`, error);
  });
  if (!found.isDirectory())
    throw new DataError(`${path} is a file; a model is a folder with config.json, scaler.json and model.safetensors`);
  const inner = join(path, "model");
  const folder = (await stat(join(inner, "config.json")).catch(() => null)) === null ? path : inner;
  const config = await readJson<Config>(folder, "config.json");
  if (config.format !== FORMAT) throw damaged(folder, "config.json", "it is not a Refrain forecaster's");
  if (config.version !== VERSION) {
    throw new DataError(
      `${join(folder, "config.json")} is of version ${config.version}, this Refrain reads version ${VERSION}; train the model again`,
    );
  }
  const lost = lostField(config);
  if (lost !== null) throw damaged(folder, "config.json", `its field "${lost}" is missing or wrong`);
  const scaler = await readJson<Scaler>(folder, "scaler.json");
  if (!isScaler(scaler, config)) throw damaged(folder, "scaler.json", "the forms of its columns are missing or wrong");
  const bytes = await read(folder, "model.safetensors");
  try {
    const { state } = loadSafetensors(bytes);
    return build(config, scaler, state);
  } catch (error) {
    throw damaged(folder, "model.safetensors", error instanceof Error ? error.message : String(error));
  }
}

function build(config: Config, scaler: Scaler, tensors: Record<string, Tensor>): SavedForecaster {
  const { columns, horizon, network, simple, correctionScale, interval } = config;
  const doubles = (name: string) => Float64Array.from(need(tensors, name).double().toTypedArray() as Float64Array);
  const linear =
    config.linear === null || scaler.linear === null
      ? null
      : {
          encoding: scaler.linear,
          map: {
            inputs: need(tensors, "linear.weight").shape[1],
            outputs: need(tensors, "linear.weight").shape[0],
            weights: doubles("linear.weight"),
            intercept: doubles("linear.bias"),
            ridge: config.linear.ridge,
          },
        };
  const state: ForecastModelState = {
    columns,
    horizon,
    network,
    encoding: scaler.network,
    linear,
    simple,
    correctionScale,
  };
  const weights = Array.from({ length: config.networks }, (_, i) => {
    const prefix = `network.${i}.`;
    const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
  });
  const intervals = {
    level: interval.level,
    halfWidth: Float64Array.from(interval.halfWidth),
    attained: Float64Array.from(interval.attained),
  };
  return { model: ForecastModel.withWeights(state, weights), intervals };
}

const isWhole = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
const isNumbers = (value: unknown, length: number): boolean =>
  Array.isArray(value) && value.length === length && value.every(Number.isFinite);

/** The first field of a config that cannot be what was saved. */
function lostField({
  columns,
  horizon,
  network,
  networks,
  linear,
  simple,
  correctionScale,
  interval,
}: Config): string | null {
  const corrects = linear !== null && networks > 0;
  const right: Record<string, boolean> = {
    columns: Array.isArray(columns) && columns.length > 0 && columns.every((name) => typeof name === "string"),
    horizon: isWhole(horizon),
    networks: Number.isInteger(networks) && networks >= 0,
    network:
      [network?.window, network?.features, network?.hidden, network?.layers].every(isWhole) &&
      CELL_NAMES.includes(network.cell) &&
      network.horizon === horizon,
    simple: simple === null || isSimple(simple),
    linear: linear === null || Number.isFinite(linear?.ridge),
    correctionScale: isNumbers(correctionScale, corrects ? horizon : 0),
    interval: isNumbers(interval?.halfWidth, horizon) && isNumbers(interval.attained, horizon),
  };
  return Object.keys(right).find((name) => !right[name]) ?? null;
}

function isSimple(state: SimpleState): boolean {
  switch (state?.name) {
    case "naive":
      return true;
    case "seasonalNaive":
      return isWhole(state.season);
    case "drift":
      return Number.isFinite(state.slope);
    case "ar":
      return (
        typeof state.transform === "object" &&
        typeof state.differenced === "boolean" &&
        Number.isFinite(state.intercept) &&
        isNumbers(state.coefficients, state.coefficients?.length)
      );
    default:
      return false;
  }
}

function isScaler({ network, linear }: Scaler, config: Config): boolean {
  const isForm = (form: FormState | null | undefined) =>
    form !== null &&
    FORM_NAMES.includes(form?.form as FormState["form"]) &&
    typeof form?.transform === "object" &&
    isWhole(form.window) &&
    form.horizon === config.horizon &&
    [form.inputShift, form.inputScale, form.targetShift, form.targetScale].every(Number.isFinite);
  return Array.isArray(network) && network.every(isForm) && (config.linear === null ? linear === null : isForm(linear));
}

function need(tensors: Record<string, Tensor>, name: string): Tensor {
  if (!Object.hasOwn(tensors, name)) throw new DataError(`the tensor ${name} is missing`);
  return tensors[name];
}

async function read(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    throw fileError(`the model in ${folder} is not whole, cannot read ${name}`, error);
  }
}

async function readJson<T>(folder: string, name: string): Promise<T> {
  const text = new TextDecoder().decode(await read(folder, name));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // told below
  }
  throw damaged(folder, name, "it is not JSON");
}

const damaged = (folder: string, name: string, why: string): DataError =>
  new DataError(
    `${join(folder, name)} is damaged (${why.replace(/\.$/, "")}); train the model again or restore the file`,
  );
