/** Reading the values of options. A malformed one is a usage error that names what was expected. */

import { parseSplit } from "refrain/forecast";
import { UsageError } from "./exit-code.ts";

/** A parser of whole numbers ≥ `least`. */
export function wholeNumber(option: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < least) {
      throw new UsageError(`--${option} must be a whole number ≥ ${least}, got "${text}"`);
    }
    return value;
  };
}

/** A parser of numbers in (above, below). */
export function numberBetween(option: string, above: number, below: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!(value > above && value < below)) {
      const range = Number.isFinite(below) ? `between ${above} and ${below}` : `above ${above}`;
      throw new UsageError(`--${option} must be a number ${range}, got "${text}"`);
    }
    return value;
  };
}

/** A parser of one of several words, in capitals or not. */
export function oneOf<T extends string>(option: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text.toLowerCase());
    if (found === undefined) {
      const quoted = words.map((word) => JSON.stringify(word)).join(" or ");
      throw new UsageError(`--${option} must be ${quoted}, got "${text}"`);
    }
    return found;
  };
}

/** A parser of several of them, separated by commas, each at most once. */
export function listOf<T extends string>(option: string, words: readonly T[]): (text: string) => readonly T[] {
  const parse = oneOf(option, words);
  return (text) => {
    const list = text.split(",").map((word) => parse(word.trim()));
    const repeated = list.find((word, i) => list.indexOf(word) !== i);
    if (repeated !== undefined) throw new UsageError(`--${option} names "${repeated}" twice, got "${text}"`);
    return list;
  };
}

/** `auto`, `none` or a whole number of rows ≥ 2. */
export function season(text: string): number | "auto" | "none" {
  if (text === "auto" || text === "none") return text;
  return wholeNumber("season", 2)(text);
}

/** A label of the Encoding Standard. */
export function encoding(text: string): string {
  try {
    return new TextDecoder(text).encoding;
  } catch {
    throw new UsageError(`--encoding must be a name such as utf-8, shift_jis, euc-jp or windows-1252, got "${text}"`);
  }
}

/** One character; `\\t` for a tab. */
export function delimiter(text: string): string {
  const character = text === "\\t" ? "\t" : text;
  if (character.length === 1 && !/["\r\n]/.test(character)) return character;
  throw new UsageError(
    `--delimiter must be one character such as "," or ";" (or \\t for a tab), got ${JSON.stringify(text)}`,
  );
}

/** Three fractions or counts. */
export function split(text: string): readonly number[] {
  try {
    return parseSplit(text);
  } catch (error) {
    throw new UsageError(`--${(error as Error).message}`);
  }
}
