/** Pictures in the form of Fashion-MNIST that the tests draw themselves, and the files they would come in. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll } from "vitest";

const SIDE = 28;

/** A shape of shaded cloth on a black ground, another one for each n: as in tools/fixtures/training-runs.py. */
export function drawnPictures(count: number, first = 0): Uint8Array {
  return Uint8Array.from({ length: count * SIDE * SIDE }, (_, i) => {
    const n = first + Math.floor(i / (SIDE * SIDE));
    const row = Math.floor(i / SIDE) % SIDE;
    const column = i % SIDE;
    const inside = (n * 7) % 6 <= row && 4 + ((n * 5) % 8) <= column && column <= 27 - ((n * 3) % 8);
    return inside ? 100 + ((n * 29 + row * 5 + column * 3) % 156) : 0;
  });
}

/** An IDX file of bytes. */
export function idx(shape: readonly number[], elements: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  for (const [axis, size] of shape.entries()) header.setUint32(4 + 4 * axis, size);
  return Uint8Array.of(...new Uint8Array(header.buffer), ...elements);
}

/** The four files: 36 pictures to learn from and 14 to test with, labelled 0, 1, …, 9, 0, 1, … */
export function drawnFiles(): Record<string, Uint8Array> {
  const part = (prefix: string, count: number, first: number) => ({
    [`${prefix}-images-idx3-ubyte.gz`]: gzipSync(idx([count, SIDE, SIDE], drawnPictures(count, first))),
    [`${prefix}-labels-idx1-ubyte.gz`]: gzipSync(
      idx(
        [count],
        Uint8Array.from({ length: count }, (_, n) => n % 10),
      ),
    ),
  });
  return { ...part("train", 36, 0), ...part("t10k", 14, 36) };
}

const folders: string[] = [];

/** A new folder that holds these files, gone when the tests are over. To be called in a test file that ends by `clearFolders`. */
export function folderOf(files: Record<string, Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "refrain-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** To be called once at the top of a test file. */
export function clearFolders(): void {
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
}
