/**
 * A greyscale matrix as a PNG data URL, so that a grid of images is a few kilobytes instead of a rectangle per pixel.
 *
 * PNG (ISO/IEC 15948): signature, then the chunks IHDR, IDAT, IEND, each with its CRC-32. IDAT is a zlib stream (RFC 1950) of
 * stored blocks (RFC 1951, 3.2.4): the pictures are small, and a compressor would be longer than they are.
 */

import { crc32 } from "../tensor/crc-32.ts";

/**
 * @param rows equally long rows of values @param low drawn black @param high drawn white; values outside are clamped, NaN is black
 */
export function greyPngUrl(rows: readonly ArrayLike<number>[], low: number, high: number): string {
  const height = rows.length;
  const width = rows[0].length;
  const scanlines = new Uint8Array(height * (1 + width)); // each begins with filter type 0
  for (const [r, row] of rows.entries()) {
    for (let c = 0; c < width; c++) {
      scanlines[r * (1 + width) + 1 + c] = Math.round(255 * Math.min(1, Math.max(0, (row[c] - low) / (high - low))));
    }
  }
  const header = [...bigEndian(width), ...bigEndian(height), 8, 0, 0, 0, 0]; // 8 bits, greyscale
  const bytes = [
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", header),
    ...chunk("IDAT", zlibStored(scanlines)),
    ...chunk("IEND", []),
  ];
  return `data:image/png;base64,${base64(bytes)}`;
}

function bigEndian(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function chunk(name: string, data: readonly number[]): number[] {
  const body = [...Array.from(name, (letter) => letter.charCodeAt(0)), ...data];
  return [...bigEndian(data.length), ...body, ...bigEndian(crc32(body))];
}

function zlibStored(data: Uint8Array): number[] {
  const out = [0x78, 0x01];
  for (let start = 0; start < data.length; start += 65535) {
    const block = data.subarray(start, start + 65535);
    const last = start + 65535 >= data.length ? 1 : 0;
    const complement = ~block.length & 0xffff;
    out.push(last, block.length & 255, block.length >>> 8, complement & 255, complement >>> 8);
    for (const byte of block) out.push(byte);
  }
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  out.push(b >>> 8, b & 255, a >>> 8, a & 255); // Adler-32
  return out;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes: readonly number[]): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET[word >>> 18] + ALPHABET[(word >>> 12) & 63];
    text += i + 1 < bytes.length ? ALPHABET[(word >>> 6) & 63] : "=";
    text += i + 2 < bytes.length ? ALPHABET[word & 63] : "=";
  }
  return text;
}
