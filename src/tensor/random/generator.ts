/**
 * PyTorch's CPU generator: from the same seed the same stream, draw for draw.
 *
 *   32 bits   one draw of MT19937 seeded by `init_genrand(seed mod 2^32)`; 64 bits: two draws, the high word first
 *   uniform   float32 (u32 mod 2^24) / 2^24; float64 (u64 mod 2^53) / 2^53
 *
 * Everything drawn is PyTorch's to the bit, except where a float64 logarithm, sine or cosine comes in (exponentials, and
 * normals in float64 or fewer than 16): those are right to the last bit but one. Measured on PyTorch 2.13 with AVX2 and
 * AVX-512; builds without either round bounded uniforms twice and have other float32 logarithms (2e-6), and PyTorch 1.13
 * draws integers from 64 bits only at ranges of 2^32.
 */
import type { TypedArray } from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import { readGeneratorState, writeGeneratorState } from "./generator-state.ts";
import { MersenneTwister } from "./mersenne-twister.ts";
import { multiplyAdd } from "./multiply-add.ts";
import { type FloatArray, fillNormalInBlocks, normalPair } from "./normal.ts";

/** The seed of a generator that was given none, as in PyTorch. */
const DEFAULT_SEED = 67280421310721n;
/** From this range on integers are drawn from 64 bits. */
const WIDE_RANGE = 2 ** 28;
/** From this size on normals are drawn in blocks. */
const BLOCK_SIZE = 16;

/** A random stream, PyTorch's CPU generator draw for draw. As `torch.Generator`. */
export class Generator {
  readonly #twister: MersenneTwister;
  #seed: bigint;
  // Box–Muller makes two normals; the second waits here, whatever is drawn in between.
  #waitingNormal: number | undefined;

  /** @param seed as for `manualSeed`; by default PyTorch's 67280421310721 */
  constructor(seed: number | bigint = DEFAULT_SEED) {
    this.#seed = seedBits(seed);
    this.#twister = new MersenneTwister(Number(this.#seed & 0xffffffffn));
  }

  /**
   * Starts the stream of `seed`. Only its low 32 bits matter to the stream, as in PyTorch.
   * @param seed −2^63 to 2^64 − 1; a negative one counts from 2^64 down
   * @throws {ArgumentError} for anything but a whole number in that range
   */
  manualSeed(seed: number | bigint): this {
    this.#seed = seedBits(seed);
    this.#twister.seed(Number(this.#seed & 0xffffffffn));
    this.#waitingNormal = undefined;
    return this;
  }

  /** The seed that the stream was started with, as 64 unsigned bits. */
  initialSeed(): bigint {
    return this.#seed;
  }

  /** Starts a stream from a seed that nobody can foresee, and returns the seed. */
  seed(): bigint {
    const [seed] = crypto.getRandomValues(new BigUint64Array(1));
    this.manualSeed(seed);
    return seed;
  }

  /** All that the stream depends on, in the 5056 bytes of PyTorch's `Generator.get_state()`. */
  getState(): Uint8Array {
    return writeGeneratorState({
      seed: this.#seed,
      words: this.#twister.words,
      position: this.#twister.position,
      waitingNormal: this.#waitingNormal,
    });
  }

  /**
   * Continues the stream of a state from `getState`, here or in PyTorch.
   * @throws {FormatError} if the bytes are not such a state
   */
  setState(bytes: Uint8Array): this {
    const state = readGeneratorState(bytes);
    this.#seed = state.seed;
    this.#twister.restore(state.words, state.position);
    this.#waitingNormal = state.waitingNormal;
    return this;
  }

  /** 32 random bits: 0 ≤ draw < 2^32. */
  random32(): number {
    return this.#twister.next();
  }

  /** 64 random bits: 0 ≤ draw < 2^64. */
  random64(): bigint {
    const high = this.#twister.next();
    return (BigInt(high) << 32n) | BigInt(this.#twister.next());
  }

  /** `random64() mod 2^53` as a number, without making a bigint. */
  random53(): number {
    return draw53(this.#twister);
  }

  /**
   * Fills with uniform draws from [low, high), as `tensor.uniform_(low, high)` and, without bounds, `torch.rand`.
   * @throws {ArgumentError} unless low ≤ high and both are finite
   */
  fillUniform<A extends FloatArray>(out: A, low = 0, high = 1): A {
    if (!(low <= high) || !Number.isFinite(high - low)) {
      throw new ArgumentError(`fillUniform: low ≤ high, both finite, expected; got low ${low} and high ${high}`);
    }
    const twister = this.#twister;
    if (out instanceof Float32Array) {
      const from = Math.fround(low);
      const range = Math.fround(Math.fround(high) - from);
      // 24 by 24 bits are exact in a double, so that the sum rounds once, as PyTorch's fused multiply-add does.
      for (let i = 0; i < out.length; i++) out[i] = (twister.next() & 0xffffff) * 2 ** -24 * range + from;
    } else {
      const range = high - low;
      for (let i = 0; i < out.length; i++) out[i] = multiplyAdd(draw53(twister) * 2 ** -53, range, low);
    }
    return out;
  }

  /**
   * Fills with normal draws, as `tensor.normal_(mean, std)` and `torch.randn`. PyTorch has two ways to draw them, and so
   * `fillNormal` of 20 elements is not `fillNormal` of 10 twice: fewer than 16 come in pairs, 16 or more in blocks.
   * @throws {ArgumentError} if `std` is negative or NaN
   */
  fillNormal<A extends FloatArray>(out: A, mean = 0, std = 1): A {
    if (!(std >= 0)) throw new ArgumentError(`fillNormal: std ≥ 0 expected, got ${std}`);
    if (out.length >= BLOCK_SIZE) {
      this.fillUniform(out);
      fillNormalInBlocks(out, mean, std, (last) => this.fillUniform(last));
    } else {
      for (let i = 0; i < out.length; i++) out[i] = this.normal() * std + mean;
    }
    return out;
  }

  /** One standard normal draw in float64: `torch.randn(1, dtype=float64)`. */
  normal(): number {
    const waiting = this.#waitingNormal;
    if (waiting !== undefined) {
      this.#waitingNormal = undefined;
      return waiting;
    }
    const u1 = this.random53() * 2 ** -53;
    const u2 = this.random53() * 2 ** -53;
    const [now, next] = normalPair(u1, u2);
    this.#waitingNormal = next;
    return now;
  }

  /**
   * Fills with whole numbers, low ≤ draw < high, as `torch.randint`. A range of 2^28 or more takes 64 bits a draw.
   * @throws {ArgumentError} unless both are whole numbers and low < high
   */
  randint<A extends TypedArray>(out: A, low: number | bigint, high: number | bigint): A {
    if (!isWhole(low) || !isWhole(high) || low >= high) {
      throw new ArgumentError(`randint: whole numbers low < high expected, got low ${low} and high ${high}`);
    }
    const range = BigInt(high) - BigInt(low);
    if (range > 2n ** 64n) throw new ArgumentError(`randint: a range within 64 bits expected, got ${low} to ${high}`);
    if (range < WIDE_RANGE) {
      const twister = this.#twister;
      const span = Number(range);
      if (out instanceof BigInt64Array) {
        const from = BigInt(low);
        for (let i = 0; i < out.length; i++) out[i] = BigInt(twister.next() % span) + from;
      } else {
        const from = Number(low);
        for (let i = 0; i < out.length; i++) out[i] = (twister.next() % span) + from;
      }
    } else {
      const from = BigInt(low);
      // All of int64 is PyTorch's special case: the 64 bits as they are.
      const full = range === 2n ** 64n;
      for (let i = 0; i < out.length; i++) {
        const bits = this.random64();
        put(out, i, full ? BigInt.asIntN(64, bits) : (bits % range) + from);
      }
    }
    return out;
  }

  /**
   * Fills with whole numbers from 0 to the largest that the array holds exactly, as `tensor.random_()`:
   * below 2^63 (int64), 2^31 (int32), 2^8 (uint8), and up to 2^24 (float32) or 2^53 (float64).
   */
  random<A extends TypedArray>(out: A): A {
    const twister = this.#twister;
    if (out instanceof BigInt64Array) {
      for (let i = 0; i < out.length; i++) out[i] = this.random64() & (2n ** 63n - 1n);
    } else if (out instanceof Float64Array) {
      for (let i = 0; i < out.length; i++) out[i] = Number(this.random64() % (2n ** 53n + 1n));
    } else if (out instanceof Float32Array) {
      for (let i = 0; i < out.length; i++) out[i] = twister.next() % (2 ** 24 + 1);
    } else if (out instanceof Int32Array) {
      for (let i = 0; i < out.length; i++) out[i] = twister.next() & 0x7fffffff;
    } else {
      for (let i = 0; i < out.length; i++) out[i] = twister.next() & 0xff;
    }
    return out;
  }

  /**
   * The numbers 0 … n − 1 in random order, as `torch.randperm(n)`; takes n − 1 draws.
   * @throws {ArgumentError} unless 0 ≤ n < 2^31 is whole
   */
  randperm(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
      throw new ArgumentError(`randperm: a whole number 0 ≤ n < 2^31 expected, got ${n}`);
    }
    const twister = this.#twister;
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = 0; i < n - 1; i++) {
      const other = i + (twister.next() % (n - i));
      const moved = order[i];
      order[i] = order[other];
      order[other] = moved;
    }
    return order;
  }

  /**
   * Fills with 1 at probability p, else 0. A number p is `tensor.bernoulli_(p)` and takes 64 bits a draw; an array of
   * probabilities, one for each element, is `torch.bernoulli(p)` and takes 32 bits in float32, 64 in float64.
   * @throws {ArgumentError} if a probability is outside [0, 1] or their count is not that of `out`
   */
  bernoulli<A extends TypedArray>(out: A, p: number | FloatArray): A {
    const twister = this.#twister;
    if (typeof p === "number") {
      checkProbability("bernoulli", p);
      for (let i = 0; i < out.length; i++) put(out, i, draw53(twister) * 2 ** -53 < p ? 1 : 0);
      return out;
    }
    if (p.length !== out.length) {
      throw new ArgumentError(`bernoulli: one probability an element expected, got ${p.length} for ${out.length}`);
    }
    for (const probability of p) checkProbability("bernoulli", probability);
    const single = p instanceof Float32Array;
    for (let i = 0; i < out.length; i++) {
      const u = single ? (twister.next() & 0xffffff) * 2 ** -24 : draw53(twister) * 2 ** -53;
      put(out, i, u < p[i] ? 1 : 0);
    }
    return out;
  }

  /**
   * Fills with what dropout multiplies by: 0 at probability p, else 1 / (1 − p). As in PyTorch p = 0 and p = 1 draw nothing.
   * @throws {ArgumentError} if p is outside [0, 1]
   */
  dropoutMask<A extends FloatArray>(out: A, p: number): A {
    checkProbability("dropoutMask", p);
    if (p === 0 || p === 1) return out.fill(1 - p) as A;
    const twister = this.#twister;
    const keep = 1 - p;
    const scale = 1 / (out instanceof Float32Array ? Math.fround(keep) : keep);
    for (let i = 0; i < out.length; i++) out[i] = draw53(twister) * 2 ** -53 < keep ? scale : 0;
    return out;
  }

  /**
   * Fills with exponential draws of rate λ, −log(1 − u) / λ, as `tensor.exponential_(λ)`.
   * @throws {ArgumentError} unless λ > 0
   */
  exponential<A extends FloatArray>(out: A, lambda = 1): A {
    if (!(lambda > 0)) throw new ArgumentError(`exponential: lambda > 0 expected, got ${lambda}`);
    const twister = this.#twister;
    for (let i = 0; i < out.length; i++) out[i] = (-1 / lambda) * Math.log1p(-draw53(twister) * 2 ** -53);
    return out;
  }
}

function draw53(twister: MersenneTwister): number {
  const high = twister.next() & 0x1fffff;
  return high * 2 ** 32 + twister.next();
}

function put(out: TypedArray, index: number, value: number | bigint): void {
  if (out instanceof BigInt64Array) out[index] = BigInt(value);
  else out[index] = Number(value);
}

function isWhole(x: number | bigint): boolean {
  return typeof x === "bigint" || Number.isInteger(x);
}

function checkProbability(place: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`${place}: a probability 0 ≤ p ≤ 1 expected, got ${p}`);
}

function seedBits(seed: number | bigint): bigint {
  if (!isWhole(seed) || seed < -(2n ** 63n) || seed >= 2n ** 64n) {
    throw new ArgumentError(`manualSeed: a whole number −2^63 ≤ seed < 2^64 expected, got ${seed}`);
  }
  return BigInt.asUintN(64, BigInt(seed));
}
