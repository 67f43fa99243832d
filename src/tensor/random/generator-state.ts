/**
 * A generator's state in the 5056 bytes of PyTorch's `Generator.get_state()`, so that either can continue the other.
 *
 *   0     u64        seed
 *   8     i32        left: 625 − next, or 1 before the first draw
 *   12    i32        1: seeded
 *   16    u64        next: position in the block of 624 words, 0 before the first draw
 *   24    u64 [624]  the words
 *   5016  f64 [3]    normal x, y, rho; y is the normal that waits
 *   5040  i32        1 if a normal waits
 *   5048  f32, bool  the same in float32, which the CPU never fills
 *
 * Little endian. Found by reading states back from PyTorch 2.13.
 */
import { FormatError } from "../errors.ts";

export interface GeneratorState {
  /** 64 unsigned bits. */
  seed: bigint;
  /** The 624 words of the Mersenne Twister. */
  words: ArrayLike<number>;
  /** Words drawn of the block; 625 before the first draw. */
  position: number;
  /** The second normal of a pair, not yet handed out. */
  waitingNormal: number | undefined;
}

const SIZE_BYTES = 5056;
const WORDS = 624;
const AT = { seed: 0, left: 8, seeded: 12, next: 16, words: 24, normalY: 5024, normalWaits: 5040 };

export function writeGeneratorState(state: GeneratorState): Uint8Array {
  const bytes = new Uint8Array(SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  const next = state.position > WORDS ? 0 : state.position;
  view.setBigUint64(AT.seed, state.seed, true);
  view.setInt32(AT.left, next === 0 ? 1 : WORDS + 1 - next, true);
  view.setInt32(AT.seeded, 1, true);
  view.setUint32(AT.next, next, true);
  for (let k = 0; k < WORDS; k++) view.setUint32(AT.words + 8 * k, state.words[k], true);
  if (state.waitingNormal !== undefined) {
    view.setFloat64(AT.normalY, state.waitingNormal, true);
    view.setInt32(AT.normalWaits, 1, true);
  }
  return bytes;
}

/** @throws {FormatError} if the size is not 5056 bytes or the position is impossible */
export function readGeneratorState(bytes: Uint8Array): GeneratorState {
  if (bytes.length !== SIZE_BYTES) {
    throw new FormatError(`setState: a generator state has ${SIZE_BYTES} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE_BYTES);
  const next = view.getUint32(AT.next, true);
  const left = view.getInt32(AT.left, true);
  if (next > WORDS || left !== (next === 0 ? 1 : WORDS + 1 - next)) {
    throw new FormatError(`setState: not a generator state: position ${next} with ${left} left of ${WORDS} words`);
  }
  return {
    seed: view.getBigUint64(AT.seed, true),
    words: Uint32Array.from({ length: WORDS }, (_, k) => view.getUint32(AT.words + 8 * k, true)),
    position: next === 0 ? WORDS + 1 : next,
    waitingNormal: view.getInt32(AT.normalWaits, true) === 0 ? undefined : view.getFloat64(AT.normalY, true),
  };
}
