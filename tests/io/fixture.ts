/** The fixtures of tests/fixtures/io, and values in the form in which they are written there. */
import { readFileSync } from "node:fs";
import { nn, Tensor } from "refrain";
import { toTypedArray } from "../../src/ops/read.ts";

export interface PyTorchFixture {
  files: { line: string; file: string; value: unknown }[];
  networks: { line: string; file: string; x: PlainTensor; outputs: PlainTensor[] }[];
  refused: { what: string; file: string; message: string }[];
  writtenAlike: Record<string, string>;
}

export interface SafetensorsFixture {
  file: string;
  state: Record<string, unknown>;
  metadata: Record<string, string>;
}

export interface PlainTensor {
  $tensor: { dtype: string; shape: number[]; bytes: string };
}

export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/io/${name}.json`, import.meta.url), "utf8"));
}

export const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A value as the fixtures write it: what JSON lacks is an object with one key that begins with $. */
export function plain(value: unknown): unknown {
  if (value instanceof Tensor) {
    const elements = toTypedArray(value);
    return {
      $tensor: {
        dtype: value.dtype,
        shape: [...value.shape],
        requiresGrad: value.requiresGrad,
        parameter: value instanceof nn.Parameter,
        bytes: base64Of(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)),
      },
    };
  }
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (value instanceof Uint8Array) return { $bytes: base64Of(value) };
  if (value instanceof Set) return { $set: [...value].sort() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
