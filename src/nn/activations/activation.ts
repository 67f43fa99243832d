/** Makes the module of an activation: its settings are given once, at construction, in the order of the function's. */

import { checkOptions } from "../../tensor/check-options.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Module } from "../module.ts";
import { pythonFloat } from "../module-text.ts";

type Setting = number | string;
// biome-ignore lint/suspicious/noExplicitAny: the settings of any activation
type ActivationFunction = (x: Tensor, ...settings: any[]) => Tensor;
type SettingsOf<D> = { -readonly [K in keyof D]: D[K] extends number ? number : D[K] };
type Fields<D> = Readonly<SettingsOf<D>> & { readonly inplace: boolean };

export interface InplaceOption {
  /**
   * PyTorch's request to reuse x's memory. It is taken and printed, but x stays as it is, so that its gradients stay right.
   * Default false
   */
  readonly inplace?: boolean;
}

/** The settings in their order, or by name: `new LeakyReLU(0.2)`, `new LeakyReLU({ negativeSlope: 0.2, inplace: true })`. */
type Given<D> = readonly (number | string | boolean)[] | readonly [Partial<SettingsOf<D>> & InplaceOption];

/** Stands for the default of a number that has none. */
export const REQUIRED = Number.NaN;

/** PyTorch's modules without an inplace: they are refused one. */
const WITHOUT_INPLACE = [...["GELU", "Sigmoid", "LogSigmoid", "Tanh", "Softplus", "Softsign", "Softmax", "LogSoftmax"]];
/** Those that take an inplace but do not print it. */
const SILENT = ["Hardsigmoid", "Hardswish"];

export class Activation extends Module {
  readonly #name: string;
  readonly #apply: ActivationFunction;
  readonly #defaults: Readonly<Record<string, Setting>>;
  readonly #settings: readonly Setting[];
  readonly inplace: boolean;

  constructor(
    name: string,
    apply: ActivationFunction,
    defaults: Readonly<Record<string, Setting>>,
    given: readonly unknown[],
  ) {
    super();
    this.#name = name;
    this.#apply = apply;
    this.#defaults = defaults;
    const names = [...Object.keys(defaults), ...(WITHOUT_INPLACE.includes(name) ? [] : ["inplace"])];
    const settings = byName(name, names, given);
    this.#settings = Object.entries(defaults).map(([setting, fallback]) => {
      const value = settings[setting] ?? fallback;
      if (typeof value !== typeof fallback || Number.isNaN(value)) {
        const got = settings[setting] === null ? "null" : typeof settings[setting];
        throw new ArgumentError(`${name}: ${setting} must be a ${typeof fallback}, got ${got}`);
      }
      Object.defineProperty(this, setting, { value, enumerable: true });
      return value as Setting;
    });
    this.inplace = checkInplace(name, settings.inplace ?? false);
  }

  /** @param x any shape @returns the same shape */
  override forward(x: Tensor): Tensor {
    return this.#apply(x, ...this.#settings);
  }

  override get moduleName(): string {
    return this.#name;
  }

  override extraRepr(): string {
    const parts = Object.entries(this.#defaults).map(
      ([setting, fallback], i) => `${snakeCase(setting)}=${pythonText(this.#settings[i], fallback)}`,
    );
    if (this.inplace && !SILENT.includes(this.#name)) parts.push("inplace=True");
    return parts.join(", ");
  }
}

/** What was given, in order or in one object, by the names of the settings. */
function byName(place: string, names: readonly string[], given: readonly unknown[]): Record<string, unknown> {
  const [first] = given;
  if (given.length === 1 && names.length > 0 && typeof first === "object" && first !== null) {
    checkOptions(place, first, names);
    return first as Record<string, unknown>;
  }
  if (given.length > names.length) {
    const takes = names.length === 0 ? "takes no settings" : `takes ${names.join(", ")}`;
    throw new ArgumentError(`${place}: ${takes}, got ${given.length} of them`);
  }
  return Object.fromEntries(given.map((value, i) => [names[i], value]));
}

function checkInplace(place: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ArgumentError(`${place}: inplace must be true or false, got ${typeof value}`);
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** PyTorch's defaults are floats (1.0); a whole number that somebody gave is printed as given. */
function pythonText(value: Setting, fallback: Setting): string {
  if (typeof value === "string") return `'${value}'`;
  return Number.isInteger(value) && value !== fallback ? String(value) : pythonFloat(value);
}

/**
 * @param name     PyTorch's name of the module
 * @param apply    `(x, ...settings) → y`
 * @param defaults the settings in their order, with their defaults
 */
export function activation<const D extends Readonly<Record<string, Setting>>>(
  name: string,
  apply: ActivationFunction,
  defaults: D,
): new (
  ...settings: Given<D>
) => Activation & Fields<D> {
  const made = class extends Activation {
    constructor(...settings: readonly unknown[]) {
      super(name, apply, defaults, settings);
    }
  };
  return made as unknown as new (
    ...settings: Given<D>
  ) => Activation & Fields<D>;
}
