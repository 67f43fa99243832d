/**
 * How wide a text will be, without a font at hand: ideographs and kana are one em, other characters about half of one.
 * Good enough to break titles and to see whether a label fits; a renderer measures exactly.
 */

const WIDE =
  /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{1f000}-\u{3ffff}]/u;

/** Pixels that `text` takes at `fontSize` pixels. */
export function textExtent(text: string, fontSize: number): number {
  let ems = 0;
  for (const character of text) ems += WIDE.test(character) ? 1 : 0.56;
  return ems * fontSize;
}

/** `text` broken into lines of at most `width` pixels: at spaces, and between ideographs. One line stays a string. */
export function wrapText(text: string, width: number, fontSize: number): string | string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces(text)) {
    if (line !== "" && textExtent((line + piece).trimEnd(), fontSize) > width) {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    } else line += piece;
  }
  lines.push(line.trimEnd());
  return lines.length === 1 ? lines[0] : lines;
}

/** Words with the space after them; an ideograph is a word of its own. */
function pieces(text: string): string[] {
  const found: string[] = [];
  let word = "";
  for (const character of text.replace(/\s+/g, " ")) {
    if (WIDE.test(character)) {
      if (word !== "") found.push(word);
      word = "";
      found.push(character);
    } else {
      word += character;
      if (character === " ") {
        found.push(word);
        word = "";
      }
    }
  }
  if (word !== "") found.push(word);
  return found;
}
