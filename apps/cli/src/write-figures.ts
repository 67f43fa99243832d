/** Figures in an output folder: each as its spec, as SVG and as PNG. */

import { join } from "node:path";
import type { Figure } from "refrain/figure";
import type { OutputFolder } from "./output-folder.ts";

/** @param figures by file name without ending */
export async function writeFigures(folder: OutputFolder, figures: Readonly<Record<string, Figure>>): Promise<void> {
  const { renderPng, renderSvg } = await import("refrain-render");
  for (const [name, figure] of Object.entries(figures)) {
    await folder.write(join("figures", `${name}.json`), `${JSON.stringify(figure.spec, null, 2)}\n`);
    await folder.write(join("figures", `${name}.svg`), await renderSvg(figure));
    await folder.write(join("figures", `${name}.png`), await renderPng(figure));
  }
}
