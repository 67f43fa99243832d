/** Figures to SVG, PNG and self-contained HTML, in Node. Vega and resvg load with the first picture, not with this module. */

export { type AnimationOptions, renderAnimation } from "./animation.ts";
export { type PngOptions, pngOfSvg, renderPng } from "./png.ts";
export { type Cell, type Report, type ReportSection, type ReportTable, renderHtml, renderReport } from "./report.ts";
export { RenderError, type RenderOptions, renderSvg } from "./svg.ts";
