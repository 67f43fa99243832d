/** The series that the forecasting tests run on, and seeded noise. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folders = ["../../apps/cli/data/", "../../../shared/data/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** A numeric column of a CSV, or null if the file is not here: some series may not be shipped and lie beside the project only. */
export function column(file: string, index: number, headerRows = 1, encoding = "utf-8"): Float64Array | null {
  const path = folders.map((folder) => folder + file).find((candidate) => existsSync(candidate));
  if (!path) return null;
  const lines = new TextDecoder(encoding).decode(readFileSync(path)).trim().split(/\r?\n/).slice(headerRows);
  return Float64Array.from(lines, (line) => Number(line.replaceAll('"', "").split(",")[index]));
}

export const airPassengers = column("AirPassengers.csv", 1)!;
export const sunspots = column("sunspots_yearly.csv", 1)!;
/** Both without a licence to ship: null where they do not lie beside the project. */
export const stockClose = column("stock_daily.csv", 4);
export const nikkeiClose = column("nikkei_1001_2010-2017.csv", 4, 2, "shift_jis");

/** Seeded noise for synthetic series (mulberry32 and Box–Muller): no test depends on a particular stream. */
export function noise(seed: number): {
  uniform: () => number;
  normal: () => number;
  normals: (n: number) => Float64Array;
} {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal, normals: (n) => Float64Array.from({ length: n }, normal) };
}
