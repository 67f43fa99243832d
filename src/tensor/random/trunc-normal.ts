/**
 * Normal draws kept within bounds, as `torch.nn.init.trunc_normal_` of PyTorch 2.13, draw for draw.
 *
 *   P(low ≤ x ≤ high) > 0.3   normal draws; while any is outside, a whole new array is drawn for those outside
 *   otherwise                 uniform candidates x, accepted where log u ≤ log φ(x) − log φ(the most likely x within)
 *
 * Earlier versions of PyTorch invert the error function instead and give other numbers.
 */
import { ArgumentError } from "../errors.ts";
import type { Generator } from "./generator.ts";
import type { FloatArray } from "./normal.ts";

/**
 * Fills with N(mean, std²) restricted to [low, high].
 * @param inBlocks whether 16 normals or more are drawn in blocks, as into row-major tensors. Default true
 * @throws {ArgumentError} unless std > 0 and low < high
 */
export function truncNormal<A extends FloatArray>(
  generator: Generator,
  out: A,
  mean = 0,
  std = 1,
  low = -2,
  high = 2,
  inBlocks = true,
): A {
  // Draws are repeated until they fit: a mean that is no number would be waited for forever.
  if (!Number.isFinite(mean)) throw new ArgumentError(`truncNormal: a finite mean expected, got ${String(mean)}`);
  if (!(std > 0 && Number.isFinite(std))) {
    throw new ArgumentError(`truncNormal: a finite std > 0 expected, got ${String(std)}`);
  }
  if (!(low < high)) throw new ArgumentError(`truncNormal: low < high expected, got low ${low} and high ${high}`);
  const within = normalBelow((high - mean) / std) - normalBelow((low - mean) / std);
  if (within > 0.3) redrawOutside(generator, out, mean, std, low, high, inBlocks);
  else rejectFromUniform(generator, out, mean, std, low, high);
  return out;
}

function redrawOutside(
  g: Generator,
  out: FloatArray,
  mean: number,
  std: number,
  low: number,
  high: number,
  inBlocks: boolean,
): void {
  const fill = (draws: FloatArray) => {
    if (inBlocks) g.fillNormal(draws, mean, std);
    else for (let i = 0; i < draws.length; i++) draws[i] = g.normal() * std + mean;
  };
  const round = rounding(out);
  const [from, to] = [round(low), round(high)];
  const isOutside = (x: number) => x < from || x > to;
  fill(out);
  const again = out.slice();
  while (out.some(isOutside)) {
    fill(again);
    for (let i = 0; i < out.length; i++) if (isOutside(out[i])) out[i] = again[i];
  }
}

function rejectFromUniform(g: Generator, out: FloatArray, mean: number, std: number, low: number, high: number): void {
  const round = rounding(out);
  const mostLikely = Math.max(low, Math.min(mean, high));
  const logPeak = round(-0.5 * ((mostLikely - mean) / std) ** 2);
  const [roundMean, roundStd] = [round(mean), round(std)];
  const logDensity = (x: number) => {
    const z = round(round(x - roundMean) / roundStd);
    return round(round(round(z * z) * -0.5) - logPeak);
  };
  const candidates = out.slice();
  const chances = out.slice();
  const pending = new Uint8Array(out.length).fill(1);
  while (pending.includes(1)) {
    g.fillUniform(candidates, low, high);
    g.fillUniform(chances);
    for (let i = 0; i < out.length; i++) {
      if (pending[i] === 0) continue;
      out[i] = candidates[i];
      if (round(Math.log(chances[i])) <= logDensity(candidates[i])) pending[i] = 0;
    }
  }
}

function rounding(out: FloatArray): (x: number) => number {
  return out instanceof Float32Array ? Math.fround : (x) => x;
}

/** The normal distribution function to 1e-7, enough for a threshold: Abramowitz & Stegun 26.2.17. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * poly;
  return z >= 0 ? 1 - above : above;
}
