/**
 * The font that pictures are drawn with, so that they look the same on every machine, and how wide its letters are.
 *
 * BIZ UDPGothic (SIL Open Font License), made to be read at small sizes: all 6,355 kanji of JIS X 0208, Latin, Greek and the
 * signs of mathematics, in two weights. It comes as TTF in an npm package without install scripts; resvg reads no WOFF.
 * Widths are read from the tables `cmap`, `hmtx` and `head` (OpenType 1.9): Vega measures text with a canvas or else guesses.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export const FONT_FAMILY = "BIZ UDPGothic";

export type Font = {
  /** Pixels that `text` takes at `fontSize` pixels. */
  width(text: string, fontSize: number): number;
  /** Whether every character has a glyph. */
  covers(text: string): boolean;
};

export type FontFiles = { paths: string[]; regular: Font; bold: Font };

let loaded: FontFiles | null | undefined;

/** The font, read once; null if its package is not installed, and then the system's fonts and Vega's guesses must do. */
export function loadFont(): FontFiles | null {
  if (loaded !== undefined) return loaded;
  try {
    const { resolve } = createRequire(import.meta.url);
    const root = "@expo-google-fonts/biz-udpgothic";
    const paths = [
      resolve(`${root}/400Regular/BIZUDPGothic_400Regular.ttf`),
      resolve(`${root}/700Bold/BIZUDPGothic_700Bold.ttf`),
    ];
    loaded = { paths, regular: readFont(readFileSync(paths[0])), bold: readFont(readFileSync(paths[1])) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    loaded = null;
  }
  return loaded;
}

function readFont(file: Buffer): Font {
  const table = (tag: string): Buffer => {
    for (let i = 0; i < file.readUInt16BE(4); i++) {
      const record = 12 + 16 * i;
      if (file.toString("latin1", record, record + 4) !== tag) continue;
      const start = file.readUInt32BE(record + 8);
      return file.subarray(start, start + file.readUInt32BE(record + 12));
    }
    throw new Error(`font: table ${tag} is missing`);
  };
  const unitsPerEm = table("head").readUInt16BE(18);
  const metrics = table("hhea").readUInt16BE(34); // glyphs with an advance of their own; the rest repeat the last
  const hmtx = table("hmtx");
  const glyphs = readGlyphs(table("cmap"));
  const advance = (codePoint: number) => hmtx.readUInt16BE(4 * Math.min(glyphs.get(codePoint) ?? 0, metrics - 1));
  return {
    width(text, fontSize) {
      let units = 0;
      for (const character of text) units += advance(character.codePointAt(0)!);
      return (units * fontSize) / unitsPerEm;
    },
    covers: (text) =>
      Array.from(text).every((character) => /\s/.test(character) || glyphs.has(character.codePointAt(0)!)),
  };
}

/** Code point → glyph, from the `cmap` subtable of format 12. */
function readGlyphs(cmap: Buffer): Map<number, number> {
  const glyphs = new Map<number, number>();
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const start = cmap.readUInt32BE(4 + 8 * i + 4);
    if (cmap.readUInt16BE(start) !== 12) continue;
    for (let group = 0; group < cmap.readUInt32BE(start + 12); group++) {
      const at = start + 16 + 12 * group;
      const first = cmap.readUInt32BE(at);
      const glyph = cmap.readUInt32BE(at + 8);
      for (let code = first; code <= cmap.readUInt32BE(at + 4); code++) glyphs.set(code, glyph + code - first);
    }
  }
  return glyphs;
}
