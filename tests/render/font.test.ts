import { Resvg } from "@resvg/resvg-js";
import { describe, expect, it } from "vitest";
import { loadFonts } from "../../apps/render/src/font.ts";

const fonts = loadFonts()!;

/** resvg gives the extent of ink in whole pixels. */
const INK_ROUNDING = 1;

/** The kanji of JIS X 0208, levels 1 and 2: rows 16 … 84, as Shift-JIS decodes them. */
function jisKanji(): string[] {
  const decoder = new TextDecoder("shift_jis");
  const found: string[] = [];
  for (let lead = 0x88; lead <= 0xea; lead++) {
    if (lead > 0x9f && lead < 0xe0) continue;
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      const text = trail === 0x7f ? "" : decoder.decode(Uint8Array.of(lead, trail));
      if ([...text].length === 1 && text !== "\ufffd") found.push(text);
    }
  }
  return found;
}

describe("the fonts", () => {
  it("have every kanji of JIS X 0208, kana, and what figures of networks need besides", () => {
    const kanji = jisKanji();
    expect(kanji.length).toBe(6355);
    expect(kanji.filter((character) => !fonts.covers(character))).toEqual([]);
    expect([..."ぁんァヶー（）「」、。−×·²³₀₁σμαβ∂∇‖∞≤≥→…–“”°±%€£¥é㈱円髙①"].filter((c) => !fonts.covers(c))).toEqual(
      [],
    );
    expect(fonts.covers("한")).toBe(false);
  });

  it("measure as resvg draws, in both weights", () => {
    for (const weight of ["normal", "bold"]) {
      for (const [family, letter] of [
        ["Open Sans", "H"],
        ["Open Sans", "8"],
        ["Open Sans", "_"],
        ["BIZ UDPGothic", "終"],
        ["BIZ UDPGothic", "ー"],
      ]) {
        const ink = (text: string) =>
          new Resvg(
            `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="90"><text x="9" y="60" font-size="40" font-weight="${weight}" font-family="'${family}'">${text}</text></svg>`,
            { font: { loadSystemFonts: false, fontFiles: fonts.paths } },
          ).innerBBox()!.width;
        const tenAdvances = ink(letter.repeat(11)) - ink(letter);
        const difference = fonts.width(letter.repeat(10), 40, weight === "bold") - tenAdvances;
        expect(Math.abs(difference), `${weight} ${letter}`).toBeLessThanOrEqual(INK_ROUNDING);
      }
    }
  });

  it("measure a text as the sum of its letters, an ideograph as one em", () => {
    const letters = [..."forecast"].reduce((sum, letter) => sum + fonts.width(letter, 13, false), 0);
    expect(fonts.width("forecast", 13, false)).toBeCloseTo(letters, 10);
    expect(fonts.width("終値", 10, false)).toBe(20);
  });

  it("draw a text in one family, the first that has its letters", () => {
    expect(fonts.familyOf("close_price")).toBe("Open Sans");
    expect(fonts.familyOf("終値 (close)")).toBe("BIZ UDPGothic");
  });
});
