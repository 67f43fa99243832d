/**
 * A figure: a Vega-Lite spec that carries its own data, with a title and a description for those who cannot see it.
 * The spec is plain JSON, so the same one becomes an SVG, a PNG, a page, or a cell in a notebook.
 */

import { wrapText } from "./text-extent.ts";
import { config, size } from "./theme.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A Vega-Lite 6 spec as plain JSON. */
export type VegaLiteSpec = { readonly [key: string]: Json };

export type Figure = {
  /** The Vega-Lite spec; its data are inside it. */
  readonly spec: VegaLiteSpec;
  /** What stands above the picture; the empty string if nothing does. */
  readonly title: string;
  /** What the picture shows, in words: its alternative text. */
  readonly description: string;
};

/** What every figure takes. */
export type FigureOptions = {
  /** Above the picture, at its left edge; long ones are broken into lines. Default: none. */
  title?: string;
  /** Smaller, below the title: data, period, what was measured. Default: none. */
  subtitle?: string;
  /** Alternative text. Default: made from the names and the data. */
  description?: string;
  /** Pixels, axes and labels included. Default 720. */
  width?: number;
  /** Pixels, title and legend included. Default 380, or what the rows need. */
  height?: number;
};

/** The frame that all figures share around their own `body`: theme, title, size and description. */
export function frameFigure(options: FigureOptions, description: string, body: VegaLiteSpec): Figure {
  const { title = "", subtitle = "", width = size.width, height = size.height } = options;
  const text = options.description ?? (title === "" ? description : `${title}. ${description}`);
  const heading: { [key: string]: Json } = { text: wrapText(title, width - 24, size.title) };
  if (subtitle !== "") heading.subtitle = wrapText(subtitle, width - 24, size.label);
  const spec: { [key: string]: Json } = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: text,
    background: config.background,
    padding: 12,
    // The whole picture, text included, has the size asked for.
    width,
    height,
    autosize: { type: "fit", contains: "padding" },
    ...body,
    config,
  };
  if (title !== "" || subtitle !== "") spec.title = heading;
  return { spec, title, description: text };
}
