/**
 * Standard normals from uniforms by Box & Muller 1958, the two ways in which PyTorch pairs them.
 *
 *   one by one   r = √(−2 log(1 − u2)), θ = 2π u1: (r cos θ, r sin θ), in float64
 *   in blocks    of 16 uniforms: u1 = 1 − data[j], u2 = data[j + 8], r = √(−2 log u1), θ = 2π u2;
 *                data[j] = r cos θ, data[j + 8] = r sin θ, j = 0 … 7, in the array's own precision
 *
 * Blocks in float32 are PyTorch's to the bit, with its vector kernel's own logarithm, sine and cosine; in float64 they are
 * right to the last bit but one, as far as two libraries' logarithms agree.
 */
import { cosSinOfTurns, logSingle } from "./single-precision.ts";

/** The elements of a floating-point tensor. */
export type FloatArray = Float32Array | Float64Array;

const HALF = 8;
const BLOCK = 2 * HALF;
const cosSin = new Float32Array(2);

/** Two independent standard normals from two uniforms in [0, 1). */
export function normalPair(u1: number, u2: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log1p(-u2));
  const theta = 2 * Math.PI * u1;
  return [radius * Math.cos(theta), radius * Math.sin(theta)];
}

/**
 * Turns 16 or more uniforms into normals in place. If their count is not a multiple of 16, the last 16 are drawn anew:
 * `redraw` refills them with uniforms.
 */
export function fillNormalInBlocks(
  out: FloatArray,
  mean: number,
  std: number,
  redraw: (last: FloatArray) => void,
): void {
  const transform = out instanceof Float32Array ? transformSingle : transformDouble;
  for (let start = 0; start + BLOCK <= out.length; start += BLOCK) transform(out, start, mean, std);
  if (out.length % BLOCK === 0) return;
  const start = out.length - BLOCK;
  redraw(out.subarray(start));
  transform(out, start, mean, std);
}

function transformSingle(data: FloatArray, start: number, mean: number, std: number): void {
  const center = Math.fround(mean);
  const scale = Math.fround(std);
  for (let j = start; j < start + HALF; j++) {
    const radius = Math.fround(Math.sqrt(-2 * logSingle(1 - data[j])));
    cosSinOfTurns(data[j + HALF], cosSin);
    data[j] = Math.fround(radius * cosSin[0]) * scale + center;
    data[j + HALF] = Math.fround(radius * cosSin[1]) * scale + center;
  }
}

function transformDouble(data: FloatArray, start: number, mean: number, std: number): void {
  for (let j = start; j < start + HALF; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - data[j]));
    const theta = 2 * Math.PI * data[j + HALF];
    data[j] = radius * Math.cos(theta) * std + mean;
    data[j + HALF] = radius * Math.sin(theta) * std + mean;
  }
}
