import { describe, expect, it } from "vitest";
import { decodeElements } from "../../src/io/element-format.ts";

/** IEEE 754's definition of half precision, for one pattern of 16 bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

describe("decodeElements", () => {
  it("reads every one of the 65,536 halves as the number it is", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const numbers = new Float32Array(decodeElements("float16", new Uint8Array(bits.buffer)));
    expect(Array.from(bits, float16).every((wanted, i) => Object.is(wanted, numbers[i]))).toBe(true);
  });

  it("reads a bfloat16 as the upper half of a float32", () => {
    const wanted = new Float32Array([1, -2.5, 2 ** -130, Number.NEGATIVE_INFINITY, -0]);
    const upper = Uint16Array.from(new Uint32Array(wanted.buffer), (bits) => bits >>> 16);
    const numbers = new Float32Array(decodeElements("bfloat16", new Uint8Array(upper.buffer)));
    expect([...numbers]).toEqual([...wanted]);
  });

  it("reads any byte but 0 as true", () => {
    expect([...new Uint8Array(decodeElements("bool", Uint8Array.of(0, 1, 2, 255)))]).toEqual([0, 1, 1, 1]);
  });
});
