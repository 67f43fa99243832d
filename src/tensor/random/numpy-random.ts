/**
 * NumPy's legacy generator, `numpy.random.RandomState`: what `np.random.seed(0); np.random.rand(3)` draws. Notebooks that
 * were written with it can be followed number for number.
 *
 *   seeding   `init_genrand` for a number, `init_by_array` for several
 *   uniform   (a · 2^26 + b) / 2^53 from the upper 27 bits of one draw and the upper 26 of the next
 *   normal    the polar method (Marsaglia & Bray 1964), of a pair the second first
 *   integer   ≤ max: the low bits of a draw, again until they are ≤ max; 64 bits only where max needs them
 *
 * Measured on NumPy 2.4; NumPy has frozen this stream. `default_rng` is another generator, and not here.
 */
import { checkOptions } from "../check-options.ts";
import { ArgumentError } from "../errors.ts";
import { MersenneTwister } from "./mersenne-twister.ts";

/** As `RandomState.get_state()` has it. */
export interface NumpyRandomState {
  /** The 624 words of the Mersenne Twister. */
  key: Uint32Array;
  /** Words drawn of the block, 0 … 624. */
  position: number;
  /** Whether the second normal of a pair waits, and which. */
  hasGauss: boolean;
  cachedGaussian: number;
}

export interface ChoiceOptions {
  /** Whether an element can come again; default true. */
  replace?: boolean;
  /** The probability of each element, summing to 1; default equal. */
  p?: ArrayLike<number>;
}

/** How many draws, or a shape of them: the draws come flat, row by row, for `tensor(draws, { shape })`. */
export type DrawSize = number | readonly number[];

const WORDS = 624;

/** A random stream, `numpy.random.RandomState` draw for draw. */
export class NumpyRandom {
  readonly #twister = new MersenneTwister(0);
  #waitingNormal: number | undefined;

  /** @param seed as for `seed`; by default one that nobody can foresee */
  constructor(seed?: number | readonly number[]) {
    this.seed(seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  }

  /**
   * Starts the stream of `seed`, as `np.random.seed`.
   * @param seed one whole number or several, each 0 ≤ seed < 2^32
   * @throws {ArgumentError} for anything else
   */
  seed(seed: number | readonly number[]): this {
    const all = typeof seed === "number" ? [seed] : seed;
    if (all.length === 0 || !all.every((s) => Number.isInteger(s) && s >= 0 && s < 2 ** 32)) {
      throw new ArgumentError(`NumpyRandom.seed: whole numbers 0 ≤ seed < 2^32 expected, got ${seed}`);
    }
    if (typeof seed === "number") this.#twister.seed(seed);
    else this.#twister.seedByArray(seed);
    this.#waitingNormal = undefined;
    return this;
  }

  getState(): NumpyRandomState {
    return {
      key: this.#twister.words.slice(),
      position: Math.min(this.#twister.position, WORDS),
      hasGauss: this.#waitingNormal !== undefined,
      cachedGaussian: this.#waitingNormal ?? 0,
    };
  }

  /** @throws {ArgumentError} unless the key has 624 words and the position is one of theirs */
  setState({ key, position, hasGauss, cachedGaussian }: NumpyRandomState): this {
    if (key.length !== WORDS || !Number.isInteger(position) || position < 0 || position > WORDS) {
      throw new ArgumentError(
        `NumpyRandom.setState: ${WORDS} words and a position 0 … ${WORDS} expected, got ${key.length} and ${position}`,
      );
    }
    this.#twister.restore(key, position);
    this.#waitingNormal = hasGauss ? cachedGaussian : undefined;
    return this;
  }

  /** One uniform draw from [0, 1), or `size` of them: `np.random.random()`. */
  random(): number;
  random(size: DrawSize): Float64Array;
  random(size?: DrawSize): number | Float64Array {
    const draw = () => this.#nextUniform();
    return size === undefined ? draw() : filled("random", size, draw);
  }

  /** The other name of `random`: `np.random.random_sample`. */
  randomSample(size: DrawSize): Float64Array {
    return this.random(size);
  }

  /** Uniform draws from [0, 1), as many as the sizes multiply to: `np.random.rand(3, 2)`; one without any. */
  rand(): number;
  rand(...sizes: readonly DrawSize[]): Float64Array;
  rand(...sizes: readonly DrawSize[]): number | Float64Array {
    return sizes.length === 0 ? this.random() : this.random(sizes.flat());
  }

  /** One uniform draw from [low, high), or `size` of them. */
  uniform(low?: number, high?: number): number;
  uniform(low: number, high: number, size: DrawSize): Float64Array;
  uniform(low = 0, high = 1, size?: DrawSize): number | Float64Array {
    if (!Number.isFinite(low) || !Number.isFinite(high)) {
      throw new ArgumentError(`NumpyRandom.uniform: finite bounds expected, got ${String(low)} and ${String(high)}`);
    }
    const draw = () => low + (high - low) * this.#nextUniform();
    return size === undefined ? draw() : filled("uniform", size, draw);
  }

  /** Standard normal draws, as many as the sizes multiply to: `np.random.randn(3, 2)`; one without any. */
  randn(): number;
  randn(...sizes: readonly DrawSize[]): Float64Array;
  randn(...sizes: readonly DrawSize[]): number | Float64Array {
    return sizes.length === 0 ? this.standardNormal() : this.standardNormal(sizes.flat());
  }

  /** One standard normal draw, or `size` of them. */
  standardNormal(): number;
  standardNormal(size: DrawSize): Float64Array;
  standardNormal(size?: DrawSize): number | Float64Array {
    const draw = () => this.#nextNormal();
    return size === undefined ? draw() : filled("standardNormal", size, draw);
  }

  /** One draw from N(loc, scale²), or `size` of them. @throws {ArgumentError} if the scale is negative or NaN */
  normal(loc?: number, scale?: number): number;
  normal(loc: number, scale: number, size: DrawSize): Float64Array;
  normal(loc = 0, scale = 1, size?: DrawSize): number | Float64Array {
    if (typeof loc !== "number") {
      throw new ArgumentError(`NumpyRandom.normal: loc must be a number, as normal(0, 1, [3, 2]), got ${typeof loc}`);
    }
    if (!(scale >= 0)) throw new ArgumentError(`NumpyRandom.normal: scale ≥ 0 expected, got ${scale}`);
    const draw = () => loc + scale * this.#nextNormal();
    return size === undefined ? draw() : filled("normal", size, draw);
  }

  /**
   * One whole number, low ≤ draw < high, or `size` of them: `np.random.randint(low, high, size)`. With one bound, or null for
   * the second, from 0 to below it.
   * @throws {ArgumentError} unless both are whole numbers within ±2^53 and low < high
   */
  randint(low: number, high?: number | null): number;
  randint(low: number, high: number | null, size: DrawSize): Float64Array;
  randint(first: number, second?: number | null, size?: DrawSize): number | Float64Array {
    const [low, high] = second === undefined || second === null ? [0, first] : [first, second];
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high - low) || low >= high) {
      throw new ArgumentError(`NumpyRandom.randint: whole numbers low < high expected, got ${low} and ${high}`);
    }
    const draw = () => low + this.#upTo(high - low - 1);
    return size === undefined ? draw() : filled("randint", size, draw);
  }

  /** Puts the elements into random order in place: `np.random.shuffle`. */
  shuffle(elements: { readonly length: number; [index: number]: unknown }): void {
    for (let i = elements.length - 1; i > 0; i--) {
      const other = this.#upTo(i);
      const moved = elements[i];
      elements[i] = elements[other];
      elements[other] = moved;
    }
  }

  /** The numbers 0 … n − 1, or a copy of the elements, in random order: `np.random.permutation`. */
  permutation(ofWhat: number | ArrayLike<number>): Float64Array {
    const order = range("permutation", ofWhat);
    this.shuffle(order);
    return order;
  }

  /**
   * One of the numbers 0 … n − 1, or of the elements, or `size` of them: `np.random.choice(a, size, replace, p)`.
   * @throws {ArgumentError} for probabilities that are none, or more elements than there are without `replace`
   */
  choice(ofWhat: number | ArrayLike<number>, size?: undefined, options?: ChoiceOptions): number;
  choice(ofWhat: number | ArrayLike<number>, size: DrawSize, options?: ChoiceOptions): Float64Array;
  choice(ofWhat: number | ArrayLike<number>, size?: DrawSize, options: ChoiceOptions = {}): number | Float64Array {
    checkOptions("NumpyRandom.choice", options, ["replace", "p"]);
    const { replace = true, p } = options;
    const elements = range("choice", ofWhat);
    const count = size === undefined ? 1 : countOf("choice", size);
    if (elements.length === 0)
      throw new ArgumentError("NumpyRandom.choice: something to choose from expected, got none");
    if (p !== undefined) checkProbabilities(p, elements.length);
    const possible = p === undefined ? elements.length : Array.from(p).filter((x) => x > 0).length;
    if (!replace && count > possible) {
      throw new ArgumentError(
        `NumpyRandom.choice: ${count} of ${possible} elements cannot be chosen without replacement; did you mean replace: true?`,
      );
    }
    let chosen: Float64Array;
    if (p !== undefined) chosen = replace ? this.#weighted(p, count) : this.#weightedDistinct(p, count);
    else if (replace) chosen = this.randint(0, elements.length, count);
    else chosen = this.permutation(elements.length).slice(0, count);
    const result = chosen.map((index) => elements[index]);
    return size === undefined ? result[0] : result;
  }

  #weighted(p: ArrayLike<number>, count: number): Float64Array {
    const cumulated = cumulate(p);
    return filled("choice", count, () => firstAbove(cumulated, this.#nextUniform()));
  }

  /** Rounds of as many draws as are missing; repeats within a round are dropped, and what is chosen leaves the lottery. */
  #weightedDistinct(p: ArrayLike<number>, count: number): Float64Array {
    const left = Float64Array.from(p);
    const chosen = new Set<number>();
    while (chosen.size < count) {
      for (const index of chosen) left[index] = 0;
      for (const index of this.#weighted(left, count - chosen.size)) chosen.add(index);
    }
    return Float64Array.from(chosen);
  }

  #nextUniform(): number {
    const upper = this.#twister.next() >>> 5;
    return (upper * 2 ** 26 + (this.#twister.next() >>> 6)) * 2 ** -53;
  }

  #nextNormal(): number {
    const waiting = this.#waitingNormal;
    if (waiting !== undefined) {
      this.#waitingNormal = undefined;
      return waiting;
    }
    for (;;) {
      const x = 2 * this.#nextUniform() - 1;
      const y = 2 * this.#nextUniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#waitingNormal = scale * x;
      return scale * y;
    }
  }

  /** A whole number from 0 to max by masked rejection; max = 0 takes no draw. */
  #upTo(max: number): number {
    if (max === 0) return 0;
    const twister = this.#twister;
    if (max < 2 ** 32) {
      const mask = 2 ** (32 - Math.clz32(max)) - 1;
      for (;;) {
        const draw = (twister.next() & mask) >>> 0;
        if (draw <= max) return draw;
      }
    }
    const highMask = 2 ** (32 - Math.clz32(Math.floor(max / 2 ** 32))) - 1;
    for (;;) {
      const high = (twister.next() & highMask) >>> 0;
      const draw = high * 2 ** 32 + twister.next();
      if (draw <= max) return draw;
    }
  }
}

function filled(place: string, size: DrawSize, draw: () => number): Float64Array {
  const out = new Float64Array(countOf(place, size));
  for (let i = 0; i < out.length; i++) out[i] = draw();
  return out;
}

function countOf(place: string, size: DrawSize): number {
  let count = 1;
  for (const n of typeof size === "number" ? [size] : size) {
    if (!Number.isInteger(n) || n < 0) {
      throw new ArgumentError(`NumpyRandom.${place}: whole sizes ≥ 0 expected, got ${String(n)}`);
    }
    count *= n;
  }
  return count;
}

function range(place: string, ofWhat: number | ArrayLike<number>): Float64Array {
  if (typeof ofWhat !== "number") return Float64Array.from(ofWhat);
  let next = 0;
  return filled(place, ofWhat, () => next++);
}

function cumulate(p: ArrayLike<number>): Float64Array {
  let sum = 0;
  const cumulated = Float64Array.from(p, (x) => {
    sum += x;
    return sum;
  });
  return cumulated.map((x) => x / sum);
}

function firstAbove(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x < sorted[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

function checkProbabilities(p: ArrayLike<number>, count: number): void {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += p[i] >= 0 ? p[i] : Number.NaN;
  if (p.length === count && Math.abs(sum - 1) <= Math.sqrt(Number.EPSILON)) return;
  throw new ArgumentError(
    `NumpyRandom.choice: p must be ${count} probabilities that sum to 1, got ${p.length} that sum to ${sum}`,
  );
}
