/** Reads a PNG of 8-bit grey or RGBA, without interlacing: enough to check our own. CRCs and the zlib checksum are verified. */

import { crc32, inflateSync } from "node:zlib";

type Pixels = { width: number; height: number; channels: number; data: Uint8Array };

export function pixelsOf(png: Uint8Array): Pixels {
  const file = Buffer.from(png);
  const parts: Buffer[] = [];
  let width = 0;
  let height = 0;
  let channels = 0;
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== file.readUInt32BE(at + 8 + length)) throw new Error("a chunk's CRC is wrong");
    const name = body.toString("latin1", 0, 4);
    if (name === "IHDR") {
      [width, height] = [body.readUInt32BE(4), body.readUInt32BE(8)];
      channels = body[13] === 0 ? 1 : 4;
    } else if (name === "IDAT") parts.push(body.subarray(4));
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts));
  return { width, height, channels, data: unfiltered(raw, width * channels, height, channels) };
}

export function greyPixels(png: Uint8Array): { width: number; height: number; grey: Uint8Array } {
  const { width, height, data } = pixelsOf(png);
  return { width, height, grey: data };
}

function unfiltered(raw: Buffer, stride: number, height: number, channels: number): Uint8Array {
  const data = new Uint8Array(stride * height);
  for (let r = 0; r < height; r++) {
    const filter = raw[r * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= channels ? data[r * stride + i - channels] : 0;
      const up = r > 0 ? data[(r - 1) * stride + i] : 0;
      const corner = i >= channels && r > 0 ? data[(r - 1) * stride + i - channels] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      data[r * stride + i] = raw[r * (stride + 1) + 1 + i] + guess;
    }
  }
  return data;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
