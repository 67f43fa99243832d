/**
 * A figure as SVG, by Vega-Lite and Vega without a browser. Text stays text; nothing is fetched: a figure carries its data.
 * Vega is heavy, so it is loaded when the first figure is drawn.
 */

import type { Figure } from "refrain/figure";
import type { LoggerInterface, View } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { loadFonts } from "./font.ts";

/** A figure that cannot be drawn. */
export class RenderError extends Error {
  override name = "RenderError";
}

export type RenderOptions = {
  /** Called with each warning of Vega-Lite or Vega. Default: `process.emitWarning`. */
  onWarning?: (message: string) => void;
};

/** @throws {RenderError} if the figure asks for data or pictures outside itself, or is no valid spec */
export async function renderSvg(figure: Figure, options: RenderOptions = {}): Promise<string> {
  const { onWarning = (message) => process.emitWarning(message, "RenderWarning") } = options;
  const { vega, vegaLite } = await loadVega();
  const name = figure.title || figure.description;
  const refused: string[] = [];
  const logger = loggerTo(onWarning, refused);
  let svg: string;
  try {
    // Vega marks the rows that it is given; the figure stays as it was.
    const { spec } = vegaLite.compile(structuredClone(figure.spec) as unknown as TopLevelSpec, { logger });
    const view: View = new vega.View(vega.parse(spec), { renderer: "none", loader: refusingLoader(refused), logger });
    svg = await view.toSVG();
    view.finalize();
  } catch (error) {
    throw new RenderError(`renderSvg: the figure "${name}" cannot be drawn: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (refused.length > 0) {
    throw new RenderError(
      `renderSvg: the figure "${name}" asks for ${refused[0]}; a figure must carry its data and pictures itself.`,
    );
  }
  return accessible(withIds(svg, "clip"), figure.description);
}

let vegaLoaded: Promise<{ vega: typeof import("vega"); vegaLite: typeof import("vega-lite") }> | undefined;

function loadVega() {
  vegaLoaded ??= Promise.all([import("vega"), import("vega-lite")]).then(([vega, vegaLite]) => {
    measureWithFont(vega);
    return { vega, vegaLite };
  });
  return vegaLoaded;
}

/** What Vega asks of a text item; its own types leave `textMetrics` out. */
type TextItem = { fontSize?: number; fontWeight?: string | number; limit?: number };
type TextMetrics = { width: (item: TextItem, text: string | null | undefined) => number };

function measureWithFont(vega: typeof import("vega")): void {
  const fonts = loadFonts();
  if (!fonts) return;
  const { textMetrics } = vega as unknown as { textMetrics: TextMetrics };
  textMetrics.width = (item, text) => {
    if (text === null || text === undefined) return 0;
    const isBold = item.fontWeight === "bold" || Number(item.fontWeight) >= 600;
    const width = fonts.width(`${text}`.trim(), item.fontSize ?? 11, isBold);
    // Vega cuts longer texts to their limit.
    return item.limit && item.limit > 0 ? Math.min(width, item.limit) : width;
  };
}

function loggerTo(onWarning: (message: string) => void, refused: string[]): LoggerInterface {
  const text = (parts: readonly unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(" ");
  const logger: LoggerInterface = {
    level: ((_?: number) => (_ === undefined ? 2 : logger)) as LoggerInterface["level"],
    error(...parts) {
      throw new RenderError(text(parts));
    },
    warn(...parts) {
      if (refused.length === 0) onWarning(text(parts));
      return logger;
    },
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** Loads nothing; of pictures it lets pass what is inside the figure. */
function refusingLoader(refused: string[]) {
  const refuse = (uri: string): Promise<never> => {
    refused.push(uri.slice(0, 80));
    return Promise.reject(new RenderError(`${uri.slice(0, 80)} is outside the figure`));
  };
  return {
    options: {},
    load: refuse,
    http: refuse,
    file: refuse,
    sanitize: (uri: string, { context }: { context?: string } = {}) =>
      context === "image" && /^data:image\/(png|jpeg|gif|webp);base64,/.test(uri)
        ? Promise.resolve({ href: uri })
        : refuse(uri),
  };
}

/** The same SVG with ids `prefix1`, `prefix2` …: Vega numbers them through the life of the process. */
export function withIds(svg: string, prefix: string): string {
  const names = new Map<string, string>();
  const rename = (id: string) => {
    if (!names.has(id)) names.set(id, `${prefix}${names.size + 1}`);
    return names.get(id);
  };
  return svg.replace(/<[^>]+>/g, (tag) =>
    tag
      .replace(/ id="([^"]*)"/g, (_, id: string) => ` id="${rename(id)}"`)
      .replace(/url\(#([^)]*)\)/g, (_, id: string) => `url(#${rename(id)})`),
  );
}

/** Screen readers get the description once, instead of every tick. */
function accessible(svg: string, description: string): string {
  return svg.replace("<svg ", `<svg role="img" aria-label="${escapeText(description)}" `);
}

/** For text and attributes of HTML and SVG. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
