import { FormatError } from "refrain";
import { readIdx } from "refrain/data";
import { describe, expect, it } from "vitest";

/** [2, 3] bytes. */
const BYTES = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 253, 254, 255);

/** One axis of numbers, written by a DataView's method. */
function file(
  type: number,
  bytes: number,
  values: readonly number[],
  write: "Int8" | "Int16" | "Int32" | "Float32" | "Float64",
) {
  const view = new DataView(new ArrayBuffer(8 + bytes * values.length));
  view.setUint32(0, (type << 8) + 1);
  view.setUint32(4, values.length);
  for (const [i, value] of values.entries()) view[`set${write}`](8 + i * bytes, value);
  return new Uint8Array(view.buffer);
}

describe("readIdx", () => {
  it("gives the array with its shape, the last axis fastest", () => {
    const x = readIdx(BYTES);
    expect(x.dtype).toBe("uint8");
    expect(x.toArray()).toEqual([
      [0, 1, 2],
      [253, 254, 255],
    ]);
  });

  it("reads every type of element, highest byte first", () => {
    expect(readIdx(file(9, 1, [-128, 127], "Int8")).toArray()).toEqual([-128, 127]);
    expect(readIdx(file(11, 2, [-32768, 258], "Int16")).toArray()).toEqual([-32768, 258]);
    expect(readIdx(file(12, 4, [-(2 ** 31), 16909060], "Int32")).toArray()).toEqual([-(2 ** 31), 16909060]);
    expect(readIdx(file(13, 4, [0.1], "Float32")).toArray()).toEqual([Math.fround(0.1)]);
    const doubles = readIdx(file(14, 8, [0.1, -1e300], "Float64"));
    expect(doubles.dtype).toBe("float64");
    expect(doubles.toArray()).toEqual([0.1, -1e300]);
  });

  it("does not depend on where the bytes lie", () => {
    const padded = new Uint8Array(BYTES.length + 3);
    padded.set(BYTES, 3);
    expect(readIdx(padded.subarray(3)).toArray()).toEqual(readIdx(BYTES).toArray());
  });

  it("copies: what happens to the bytes later is not seen", () => {
    const bytes = BYTES.slice();
    const x = readIdx(bytes);
    bytes.fill(7);
    expect(x.toArray()).toEqual(readIdx(BYTES).toArray());
  });

  it("refuses a file that is cut short at any byte, and one that goes on", () => {
    for (let length = 0; length < BYTES.length; length++) {
      expect(() => readIdx(BYTES.subarray(0, length)), `${length} bytes`).toThrow(FormatError);
    }
    expect(() => readIdx(BYTES.subarray(0, 17))).toThrow(/\[2, 3\] takes 18 bytes, the file has 17; is it cut short/);
    expect(() => readIdx(Uint8Array.of(...BYTES, 0))).toThrow(/something behind the array/);
  });

  it("says what came instead of IDX", () => {
    expect(() => readIdx(Uint8Array.of(0x1f, 0x8b, 8, 0))).toThrow(/compressed by gzip/);
    expect(() => readIdx(new TextEncoder().encode("<html>"))).toThrow(/begins with 3c 68 74 6d/);
    expect(() => readIdx(Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 0))).toThrow(/no IDX file/);
  });
});
