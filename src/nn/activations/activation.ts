/** Makes the module of an activation: its settings are given once, at construction, in the order of the function's. */

import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Module } from "../module.ts";
import { pythonFloat } from "../module-text.ts";

type Setting = number | string;
// biome-ignore lint/suspicious/noExplicitAny: the settings of any activation
type ActivationFunction = (x: Tensor, ...settings: any[]) => Tensor;
type SettingsOf<F> = F extends (x: Tensor, ...settings: infer S) => Tensor ? S : never;
type Fields<D> = { readonly [K in keyof D]: D[K] extends number ? number : D[K] };

/** Stands for the default of a number that has none. */
export const REQUIRED = Number.NaN;

export class Activation extends Module {
  readonly #name: string;
  readonly #apply: ActivationFunction;
  readonly #defaults: Readonly<Record<string, Setting>>;
  readonly #settings: readonly Setting[];

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
    this.#settings = Object.entries(defaults).map(([setting, fallback], i) => {
      const value = given[i] ?? fallback;
      if (typeof value !== typeof fallback || Number.isNaN(value)) {
        const got = given[i] === null ? "null" : typeof given[i];
        throw new ArgumentError(`${name}: ${setting} must be a ${typeof fallback}, got ${got}`);
      }
      Object.defineProperty(this, setting, { value, enumerable: true });
      return value as Setting;
    });
  }

  /** @param x any shape @returns the same shape */
  override forward(x: Tensor): Tensor {
    return this.#apply(x, ...this.#settings);
  }

  override get moduleName(): string {
    return this.#name;
  }

  override extraRepr(): string {
    return Object.entries(this.#defaults)
      .map(([setting, fallback], i) => `${snakeCase(setting)}=${pythonText(this.#settings[i], fallback)}`)
      .join(", ");
  }
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
export function activation<F extends ActivationFunction, const D extends Readonly<Record<string, Setting>>>(
  name: string,
  apply: F,
  defaults: D,
): new (
  ...settings: SettingsOf<F>
) => Activation & Fields<D> {
  const made = class extends Activation {
    constructor(...settings: readonly unknown[]) {
      super(name, apply, defaults, settings);
    }
  };
  return made as unknown as new (
    ...settings: SettingsOf<F>
  ) => Activation & Fields<D>;
}
