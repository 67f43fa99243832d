/** A figure as PNG, drawn from its SVG by resvg with the fonts that come along, so that every machine makes the same picture. */

import type { Figure } from "refrain/figure";
import { type Fonts, loadFonts } from "./font.ts";
import { type RenderOptions, renderSvg } from "./svg.ts";

export type PngOptions = RenderOptions & {
  /** Pixels per pixel of the figure. Default 2, sharp on dense screens and in print. */
  scale?: number;
};

export async function renderPng(figure: Figure, options: PngOptions = {}): Promise<Uint8Array> {
  return pngOfSvg(await renderSvg(figure, options), options);
}

/** For those who have the SVG already. */
export async function pngOfSvg(svg: string, options: { scale?: number } = {}): Promise<Uint8Array> {
  const { scale = 2 } = options;
  const { renderAsync } = await import("@resvg/resvg-js");
  const fonts = loadFonts();
  const image = await renderAsync(fonts ? withFamilies(svg, fonts) : svg, {
    fitTo: { mode: "zoom", value: scale },
    background: "white",
    font: {
      // The system's fonts take long to search: only for letters that ours lack.
      loadSystemFonts: !fonts?.covers(svg),
      fontFiles: fonts?.paths ?? [],
      sansSerifFamily: fonts?.familyOf("") ?? "sans-serif",
    },
  });
  return image.asPng();
}

/** Each text with the one family that has its letters: resvg's own search for another font forgets the weight. */
function withFamilies(svg: string, fonts: Fonts): string {
  return svg.replace(/<text [^>]*>.*?<\/text>/gs, (element) => {
    const text = element.replace(/<[^>]*>/g, "");
    return element.replace(/font-family="[^"]*"/, `font-family="'${fonts.familyOf(text)}', sans-serif"`);
  });
}
