/** The generator that everything draws from which is not given one of its own: initial values, dropout, shuffling. */
import { Generator } from "./generator.ts";

/** The stream that everything draws from that is not given another. */
export const defaultGenerator = new Generator();

/** Starts the default generator's stream of `seed`, and returns the generator, as `torch.manual_seed`. */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}
