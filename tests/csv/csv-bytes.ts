/** Where the CSV tests get their bytes: text in any encoding, bundled files, and files that may not be shipped. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file that comes with the CLI. */
export function bundled(name: string): Uint8Array {
  return readFileSync(new URL(`../../apps/cli/data/${name}`, import.meta.url));
}

/** Data without a licence, beside the project if at all; null elsewhere. */
export function beside(name: string): Uint8Array | null {
  const path = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
  return existsSync(path) ? readFileSync(path) : null;
}

/** Encodes into what TextDecoder can only decode, by turning its table round. */
export function encode(
  text: string,
  encoding: "utf-8" | "utf-8 BOM" | "utf-16le" | "utf-16be" | "shift_jis" | "euc-jp",
): Uint8Array {
  if (encoding === "utf-8") return utf8(text);
  if (encoding === "utf-8 BOM") return Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8(text));
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    const codes = [0xfeff, ...Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))];
    return Uint8Array.from(codes.flatMap((c) => (encoding === "utf-16le" ? [c & 255, c >> 8] : [c >> 8, c & 255])));
  }
  const table = doubleByteTable(encoding);
  return Uint8Array.from(
    [...text].flatMap((character) => {
      if (character < "\x80") return [character.charCodeAt(0)];
      const bytes = table.get(character);
      if (bytes === undefined) throw new Error(`${encoding} has no ${character}`);
      return bytes;
    }),
  );
}

const tables = new Map<string, Map<string, number[]>>();

function doubleByteTable(encoding: string): Map<string, number[]> {
  const known = tables.get(encoding);
  if (known) return known;
  const decoder = new TextDecoder(encoding);
  const table = new Map<string, number[]>();
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (character.length === 1 && character !== "\ufffd" && !table.has(character))
        table.set(character, [lead, trail]);
    }
  }
  tables.set(encoding, table);
  return table;
}
