/**
 * MT19937, the Mersenne Twister with 624 words of state: 32 equally likely bits a draw, period 2^19937 − 1.
 *
 *   x[k+n] = x[k+m] ⊕ (upper(x[k]) | lower(x[k+1])) A      n = 624, m = 397
 *   a draw is x tempered by four shifts and masks
 *
 * Matsumoto & Nishimura 1998, with the seeding of their 2002 revision (`init_genrand`, `init_by_array`).
 * PyTorch's CPU generator and NumPy's RandomState both stand on it.
 */

const N = 624;
const M = 397;
const MATRIX_A = 0x9908b0df;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;

export class MersenneTwister {
  /** The words x of the recurrence. */
  readonly words = new Uint32Array(N);
  /** How many words of the block have been drawn; 624 once all are, 625 while no block has been made since seeding. */
  position = N + 1;
  // The block after tempering: made at once, so that a draw is one load.
  readonly #drawn = new Uint32Array(N);

  /** @param seed 32 bits, for `init_genrand` */
  constructor(seed: number) {
    this.seed(seed);
  }

  /** Starts the stream of `seed` (32 bits): `init_genrand`. */
  seed(seed: number): void {
    const x = this.words;
    x[0] = seed;
    for (let k = 1; k < N; k++) x[k] = Math.imul(1812433253, x[k - 1] ^ (x[k - 1] >>> 30)) + k;
    this.position = N + 1;
  }

  /** Starts the stream of several 32-bit numbers: `init_by_array`. */
  seedByArray(key: ArrayLike<number>): void {
    const x = this.words;
    this.seed(19650218);
    let i = 1;
    let j = 0;
    const advance = () => {
      i++;
      if (i < N) return;
      x[0] = x[N - 1];
      i = 1;
    };
    for (let k = Math.max(N, key.length); k > 0; k--) {
      x[i] = (x[i] ^ Math.imul(x[i - 1] ^ (x[i - 1] >>> 30), 1664525)) + key[j] + j;
      j = j + 1 < key.length ? j + 1 : 0;
      advance();
    }
    for (let k = N - 1; k > 0; k--) {
      x[i] = (x[i] ^ Math.imul(x[i - 1] ^ (x[i - 1] >>> 30), 1566083941)) - i;
      advance();
    }
    x[0] = UPPER;
  }

  /** Continues a stream from its 624 words and the position within their block. */
  restore(words: ArrayLike<number>, position: number): void {
    this.words.set(words);
    this.position = position;
    this.#temper();
  }

  /** The next 32 bits, 0 ≤ draw < 2^32. */
  next(): number {
    if (this.position >= N) this.#nextBlock();
    return this.#drawn[this.position++];
  }

  #nextBlock(): void {
    const x = this.words;
    for (let k = 0; k < N - M; k++) x[k] = x[k + M] ^ twist(x[k], x[k + 1]);
    for (let k = N - M; k < N - 1; k++) x[k] = x[k + M - N] ^ twist(x[k], x[k + 1]);
    x[N - 1] = x[M - 1] ^ twist(x[N - 1], x[0]);
    this.position = 0;
    this.#temper();
  }

  #temper(): void {
    const x = this.words;
    const drawn = this.#drawn;
    for (let k = 0; k < N; k++) {
      let y = x[k];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      drawn[k] = y ^ (y >>> 18);
    }
  }
}

function twist(upper: number, lower: number): number {
  const y = (upper & UPPER) | (lower & LOWER);
  return (y >>> 1) ^ (-(y & 1) & MATRIX_A);
}
