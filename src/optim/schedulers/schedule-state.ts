/** The state of a schedule as it is saved: the fields of the object under PyTorch's names, as `state_dict()` has them. */

import { FormatError } from "../../tensor/errors.ts";
import { asSavedSettings, toCamelCase, toSnakeCase } from "../state-dict.ts";

export type SchedulerState = Record<string, unknown>;

/** Names that are not simply the snake_case of ours. */
const SPELLINGS: Readonly<Record<string, string>> = {
  stepCount: "_step_count",
  lastLr: "_last_lr",
  tMax: "T_max",
  t0: "T_0",
  tI: "T_i",
  tCur: "T_cur",
  tMult: "T_mult",
};

const isState = (name: string, value: unknown): boolean =>
  name !== "optimizer" && name !== "place" && !isFunction(value) && !(Array.isArray(value) && value.some(isFunction));

const isFunction = (value: unknown): boolean => typeof value === "function";

const savedName = (name: string): string => SPELLINGS[name] ?? toSnakeCase(name);

/** All fields of a schedule but the optimiser and functions, which no file can hold. */
export function saveFields(schedule: object): SchedulerState {
  const state: SchedulerState = {};
  for (const [name, value] of Object.entries(schedule)) {
    if (isState(name, value)) state[savedName(name)] = asSavedSettings({ value }).value;
  }
  return state;
}

/** Sets the fields that `state` knows. @throws {FormatError} if it has no `last_epoch`: it is no schedule's state */
export function loadFields(place: string, schedule: object, state: SchedulerState): void {
  if (typeof state?.last_epoch !== "number") {
    throw new FormatError(`${place}.loadStateDict: not the state of a schedule: last_epoch is missing`);
  }
  for (const [name, value] of Object.entries(schedule)) {
    const saved = state[savedName(name)];
    if (!isState(name, value) || saved === undefined) continue;
    const own = typeof saved === "string" ? toCamelCase(saved) : Array.isArray(saved) ? [...saved] : saved;
    (schedule as Record<string, unknown>)[name] = own;
  }
}
