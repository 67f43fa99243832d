/**
 * The state of an optimiser as it is saved: PyTorch's form, spelling and numbers, so that either can continue the other.
 *
 *   { state: { "0": { step: tensor(20.), exp_avg: […], exp_avg_sq: […] }, … },
 *     param_groups: [{ lr: 0.001, betas: [0.9, 0.999], weight_decay: 0, …, params: [0, 1, …] }] }
 *
 * Parameters are numbered in the order of the groups. Settings are camelCase in the program (`group.weightDecay`) and
 * snake_case here; the words of settings likewise (`strongWolfe`, `strong_wolfe`). Counters and running products are plain
 * numbers in the program and 0-d float32 tensors here, as PyTorch keeps them.
 */

import { tensor } from "../ops/create.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface OptimizerState {
  readonly state: Record<string, Record<string, MemoryValue>>;
  readonly param_groups: readonly SavedGroup[];
}

export interface SavedGroup {
  readonly params: readonly number[];
  readonly [setting: string]: unknown;
}

/** What an optimiser remembers of one parameter, under PyTorch's names. */
export type Memory = Record<string, MemoryValue>;
export type MemoryValue = number | Tensor | readonly (number | Tensor)[];

/** Remembered numbers that PyTorch keeps in 0-d float32 tensors. */
const SCALARS = new Set(["step", "mu_product", "eta", "mu"]);

/** Numbers of LBFGS, which PyTorch keeps in tensors of the parameters' dtype or as they are. */
const LOOSE_NUMBERS = new Set(["t", "H_diag", "prev_loss", "ro[]"]);

export const isScalarKey = (key: string): boolean => SCALARS.has(key) || LOOSE_NUMBERS.has(key);

export function savedMemory(memory: Memory): Memory {
  return Object.fromEntries(
    Object.entries(memory).map(([key, value]) => [
      key,
      SCALARS.has(key) && typeof value === "number" ? tensor(value) : value,
    ]),
  );
}

export const toSnakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const toCamelCase = (name: string): string =>
  name.replace(/(?<=.)_([a-z])/g, (_, letter) => letter.toUpperCase());

const spelled = (value: unknown, spell: (word: string) => string): unknown =>
  typeof value === "string" ? spell(value) : Array.isArray(value) ? [...value] : value;

/** Settings as they are saved. */
export function asSavedSettings(settings: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [toSnakeCase(name), spelled(value, toSnakeCase)]),
  );
}

/** The settings called `names`, out of a saved group. */
export function asGroupSettings(saved: SavedGroup, names: readonly string[]): Record<string, unknown> {
  const entries = names
    .map((name): [string, unknown] => [name, saved[toSnakeCase(name)]])
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, unknown] => [name, spelled(value, toCamelCase)]);
  return Object.fromEntries(entries);
}
