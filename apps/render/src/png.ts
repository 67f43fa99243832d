/** A figure as PNG, drawn from its SVG by resvg with the font that comes along, so that every machine makes the same picture. */

import type { Figure } from "refrain/figure";
import { FONT_FAMILY, loadFont } from "./font.ts";
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
  const font = loadFont();
  // The system's fonts take long to search: only for letters that ours lacks.
  const loadSystemFonts = !font?.regular.covers(svg);
  const image = await renderAsync(svg, {
    fitTo: { mode: "zoom", value: scale },
    background: "white",
    imageRendering: 1,
    font: {
      loadSystemFonts,
      fontFiles: font?.paths ?? [],
      defaultFontFamily: FONT_FAMILY,
      sansSerifFamily: FONT_FAMILY,
    },
  });
  return image.asPng();
}
