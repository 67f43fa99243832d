/**
 * The fonts that pictures are drawn with, so that they look the same on every machine, and how wide their letters are.
 *
 *   Open Sans       Latin, Greek, the signs of mathematics
 *   BIZ UDPGothic   what Open Sans lacks: kana and all 6,355 kanji of JIS X 0208, made to be read at small sizes
 *
 * Both are under the SIL Open Font License, in two weights, as TTF in npm packages without install scripts; resvg reads no WOFF.
 * BIZ UDPGothic alone would do, but its underscore vanishes at half size, and columns are called `close_price`.
 * Widths are read from the tables `cmap`, `hmtx` and `head` (OpenType 1.9): Vega measures text with a canvas or else guesses.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** In order of preference; a text is drawn by the first that has all its characters, else by the last. */
const FAMILIES = [
  {
    family: "Open Sans",
    regular: "@expo-google-fonts/open-sans/400Regular/OpenSans_400Regular.ttf",
    bold: "@expo-google-fonts/open-sans/700Bold/OpenSans_700Bold.ttf",
  },
  {
    family: "BIZ UDPGothic",
    regular: "@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf",
    bold: "@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf",
  },
];

export type Fonts = {
  /** The files that resvg is to read. */
  paths: string[];
  /** Pixels that `text` takes at `fontSize` pixels. */
  width(text: string, fontSize: number, bold: boolean): number;
  /** The family that draws `text`. */
  familyOf(text: string): string;
  /** Whether every character has a glyph in one of the fonts. */
  covers(text: string): boolean;
};

/** Code point → width in ems. */
type Advances = Map<number, number>;

let loaded: Fonts | null | undefined;

/** The fonts, read once; null if a package is not installed, and then the system's fonts and Vega's guesses must do. */
export function loadFonts(): Fonts | null {
  if (loaded !== undefined) return loaded;
  try {
    const { resolve } = createRequire(import.meta.url);
    const faces = FAMILIES.map(({ family, regular, bold }) => {
      const paths = [resolve(regular), resolve(bold)];
      return {
        family,
        paths,
        regular: readAdvances(readFileSync(paths[0])),
        bold: readAdvances(readFileSync(paths[1])),
      };
    });
    const faceOf = (text: string) => faces.find((face) => covers(face.regular, text)) ?? faces[faces.length - 1];
    loaded = {
      paths: faces.flatMap((face) => face.paths),
      width: (text, fontSize, bold) => fontSize * widthInEms(text, faceOf(text)[bold ? "bold" : "regular"]),
      familyOf: (text) => faceOf(text).family,
      covers: (text) => Array.from(text).every((character) => faces.some((face) => covers(face.regular, character))),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    loaded = null;
  }
  return loaded;
}

function covers(advances: Advances, text: string): boolean {
  return Array.from(text).every((character) => /\s/.test(character) || advances.has(character.codePointAt(0)!));
}

/** A character that the font lacks counts as an ideograph. */
function widthInEms(text: string, advances: Advances): number {
  return Array.from(text).reduce((sum, character) => sum + (advances.get(character.codePointAt(0)!) ?? 1), 0);
}

/** From a TrueType file. */
function readAdvances(file: Buffer): Advances {
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
  const advances: Advances = new Map();
  for (const [codePoint, glyph] of glyphsOf(table("cmap"))) {
    advances.set(codePoint, hmtx.readUInt16BE(4 * Math.min(glyph, metrics - 1)) / unitsPerEm);
  }
  return advances;
}

/** [code point, glyph] from the first `cmap` subtable of format 12 (32-bit groups) or else 4 (16-bit segments). */
function glyphsOf(cmap: Buffer): [number, number][] {
  const starts = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => cmap.readUInt32BE(4 + 8 * i + 4));
  const wide = starts.find((start) => cmap.readUInt16BE(start) === 12);
  if (wide !== undefined) return groupsOf(cmap.subarray(wide));
  const narrow = starts.find((start) => cmap.readUInt16BE(start) === 4);
  return narrow === undefined ? [] : segmentsOf(cmap.subarray(narrow));
}

function groupsOf(subtable: Buffer): [number, number][] {
  const pairs: [number, number][] = [];
  for (let group = 0; group < subtable.readUInt32BE(12); group++) {
    const at = 16 + 12 * group;
    const first = subtable.readUInt32BE(at);
    const glyph = subtable.readUInt32BE(at + 8);
    for (let code = first; code <= subtable.readUInt32BE(at + 4); code++) pairs.push([code, glyph + code - first]);
  }
  return pairs;
}

function segmentsOf(subtable: Buffer): [number, number][] {
  const pairs: [number, number][] = [];
  const doubled = subtable.readUInt16BE(6); // twice the number of segments: the length of each of the four arrays
  for (let at = 0; at < doubled; at += 2) {
    const last = subtable.readUInt16BE(14 + at);
    const first = subtable.readUInt16BE(16 + doubled + at);
    const delta = subtable.readUInt16BE(16 + 2 * doubled + at);
    const offsetAt = 16 + 3 * doubled + at;
    const offset = subtable.readUInt16BE(offsetAt);
    for (let code = first; code <= last && code < 0xffff; code++) {
      const listed = offset === 0 ? code : subtable.readUInt16BE(offsetAt + offset + 2 * (code - first));
      const glyph = listed === 0 && offset !== 0 ? 0 : (listed + delta) & 0xffff;
      if (glyph !== 0) pairs.push([code, glyph]);
    }
  }
  return pairs;
}
