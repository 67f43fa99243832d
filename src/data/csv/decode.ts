/**
 * Bytes → text, with the encoding found out.
 *
 * A byte-order mark decides. Without one the text is UTF-8 if it is valid UTF-8 (other encodings hardly ever are by chance).
 * Otherwise Shift-JIS and EUC-JP are both tried, and the one whose text looks more like Japanese is taken; if neither
 * does, it is read as windows-1252. What is no text at all is refused.
 */
import { FormatError } from "../../tensor/errors.ts";

export interface Decoded {
  text: string;
  /** The encoding's name as the Encoding Standard spells it: "utf-8", "shift_jis" … */
  encoding: string;
}

/** Labels that people write and the Encoding Standard does not know. */
const ALIASES: Record<string, string> = { cp932: "shift_jis", "ms-kanji": "shift_jis", cp1252: "windows-1252" };

/** How files that are often handed over by mistake begin. */
const MAGIC: readonly [bytes: readonly number[], what: string, cure: string][] = [
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive or an Excel workbook", "save the sheet as CSV, or unpack the archive"],
  [[0xd0, 0xcf, 0x11, 0xe0], "an old Excel workbook", "save the sheet as CSV"],
  [[0x1f, 0x8b], "a gzip archive", "unpack it first"],
  [[0x89, 0x50, 0x4e, 0x47], "a PNG image", "give a CSV file"],
  [[0xff, 0xd8, 0xff], "a JPEG image", "give a CSV file"],
  [[0x47, 0x49, 0x46, 0x38], "a GIF image", "give a CSV file"],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], "a PDF", "give a CSV file"],
  [[0x50, 0x41, 0x52, 0x31], "a Parquet file", "export it as CSV"],
];

/** How text begins that is no CSV either. */
const OTHER_TEXT: readonly [start: RegExp, what: string, cure: string][] = [
  [
    /^\s*(\{\s*["}]|\[\s*([[{"\]]|-?\d[\d.]*\s*[,\]]))/,
    "JSON, not CSV",
    "write it as CSV: a line with the names of the columns, then a line for each row",
  ],
  [/^\s*<(!doctype html|html|\?xml)\b/i, "a page of HTML or XML, not CSV", "save its table as CSV"],
];

/** The longest text that one JavaScript string holds everywhere. */
const LONGEST = 2 ** 29 - 25;

/**
 * @param encoding a label of the Encoding Standard ("shift_jis", "euc-jp", "utf-16le", …); found out if absent
 * @throws {FormatError} if the bytes are no text, the encoding is unknown, or the bytes are not valid in it
 */
export function decode(bytes: Uint8Array, encoding?: string): Decoded {
  if (bytes.length === 0) throw new FormatError("The file is empty; it needs a header and at least two rows of data.");
  if (bytes.length > LONGEST) {
    throw new FormatError(
      `The file has ${Math.round(bytes.length / 1e6)} MB; at most ${Math.floor(LONGEST / 1e6)} MB can be read at once. Keep only the columns and rows that are needed.`,
    );
  }
  refuseMagic(bytes);
  const decoded = encoding === undefined ? guess(bytes) : { text: decodeAs(bytes, encoding), encoding };
  refuseControls(decoded.text);
  refuseOtherText(decoded.text);
  return decoded;
}

function decodeAs(bytes: Uint8Array, encoding: string): string {
  const label = encoding.trim().toLowerCase();
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(ALIASES[label] ?? label, { fatal: true });
  } catch {
    throw new FormatError(
      `Unknown encoding "${encoding}"; known are utf-8, utf-16le, utf-16be, shift_jis, euc-jp, windows-1252 and the other names of the Encoding Standard.`,
    );
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FormatError(`The file is not valid ${encoding}; leave the encoding out to have it found.`);
  }
}

function guess(bytes: Uint8Array): Decoded {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: decodeAs(bytes, "utf-16le"), encoding: "utf-16le" };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: decodeAs(bytes, "utf-16be"), encoding: "utf-16be" };
  if (bytes.includes(0)) {
    throw new FormatError(
      "The file does not look like text: it holds NUL bytes. Give a CSV file; if it is UTF-16 without a byte-order mark, name the encoding.",
    );
  }
  const utf8 = decodeOrNull(bytes, "utf-8");
  if (utf8 !== null) return { text: utf8, encoding: "utf-8" };
  const candidates: (Decoded & { score: number })[] = [];
  for (const encoding of ["shift_jis", "euc-jp"]) {
    const text = decodeOrNull(bytes, encoding);
    if (text !== null) candidates.push({ text, encoding, score: japaneseness(text) });
  }
  candidates.sort((a, b) => b.score - a.score);
  const best = candidates[0];
  if (best !== undefined && best.score > 0) return { text: best.text, encoding: best.encoding };
  return { text: decodeAs(bytes, "windows-1252"), encoding: "windows-1252" };
}

function decodeOrNull(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * From −1 to 1: how much the characters beyond ASCII look like Japanese. EUC-JP read as Shift-JIS turns into half-width
 * katakana, Latin-1 into single kanji between Latin letters or into private-use characters.
 */
function japaneseness(text: string): number {
  const runs = text.slice(0, 1_000_000).matchAll(/[^\0-\x7f]+/g);
  let good = 0;
  let all = 0;
  for (const { 0: run, index } of runs) {
    all += run.length;
    const letterBefore = /[A-Za-z]/.test(text[index - 1] ?? "");
    const letterAfter = /[A-Za-z]/.test(text[index + run.length] ?? "");
    const strayLetter = run.length === 1 && (letterBefore || letterAfter);
    const japanese = run.match(/[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e\uffe0-\uffe6]/g)?.length ?? 0;
    const suspect = run.match(/[\uff61-\uff9f\ue000-\uf8ff\u0080-\u009f]/g)?.length ?? 0;
    good += strayLetter ? -1 : japanese - suspect;
    if (all > 20_000) break;
  }
  return all === 0 ? 0 : good / all;
}

function refuseMagic(bytes: Uint8Array): void {
  const found = MAGIC.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  if (found) throw new FormatError(`The file does not look like text: it is ${found[1]}; ${found[2]}.`);
}

function refuseControls(text: string): void {
  const sample = text.slice(0, 100_000);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const controls = sample.match(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g)?.length ?? 0;
  if (text.includes("\0") || controls > 0.02 * sample.length) {
    throw new FormatError("The file does not look like text: it is full of control characters. Give a CSV file.");
  }
  if (text.trim() === "") {
    throw new FormatError("The file holds only blanks; it needs a header and at least two rows of data.");
  }
}

function refuseOtherText(text: string): void {
  const found = OTHER_TEXT.find(([start]) => start.test(text.slice(0, 1000)));
  if (found) throw new FormatError(`The file is ${found[1]}; ${found[2]}.`);
}
