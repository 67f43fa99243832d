/**
 * A report as one HTML file that needs nothing else: style inside, figures as SVG with text that can be selected and searched,
 * each figure's spec with its data as JSON beside it. No script runs and nothing is fetched; a content security policy in the
 * page holds it to that. Light and dark, narrow and wide, on screen and on paper.
 */

import { decimalsFor, type Figure } from "refrain/figure";
import { REPORT_STYLE } from "./report-style.ts";
import { escapeText, type RenderOptions, renderSvg, withIds } from "./svg.ts";

export type Cell = string | number | null;

export type ReportTable = {
  /** Below the table. */
  caption?: string;
  columns: readonly string[];
  /** Numbers stand right-aligned, digit under digit; null is a dash. */
  rows: readonly (readonly Cell[])[];
  /** The index of the row to emphasise. */
  bestRow?: number;
  /** Decimals of each column. Default: chosen per column so that four digits of its smallest number show. */
  decimals?: readonly (number | undefined)[];
};

export type ReportSection = {
  heading: string;
  paragraphs?: readonly string[];
  figure?: Figure;
  /** More than one figure. */
  figures?: readonly Figure[];
  table?: ReportTable;
  /** Shown as it is, in a fixed-width font. */
  code?: string;
};

export type Report = {
  title: string;
  /** The verdict: one or more sentences, set large below the title. */
  summary?: string | readonly string[];
  sections: readonly ReportSection[];
  /** Small, at the end: version, date, command. */
  footer?: string;
  /** BCP 47 language of the text. Default "en". */
  language?: string;
};

/** @throws {RenderError} if a figure cannot be drawn */
export async function renderReport(report: Report, options: RenderOptions = {}): Promise<string> {
  const parts: string[] = [];
  let drawnFigures = 0;
  for (const section of report.sections) {
    const figures = [...(section.figure ? [section.figure] : []), ...(section.figures ?? [])];
    parts.push("<section>", `<h2>${escapeText(section.heading)}</h2>`);
    for (const paragraph of section.paragraphs ?? []) parts.push(`<p>${escapeText(paragraph)}</p>`);
    for (const figure of figures)
      parts.push(figureHtml(figure, await renderSvg(figure, options), `f${++drawnFigures}-`));
    if (section.table) parts.push(tableHtml(section.table));
    if (section.code !== undefined) parts.push(`<pre><code>${escapeText(section.code)}</code></pre>`);
    parts.push("</section>");
  }
  const summary = typeof report.summary === "string" ? [report.summary] : (report.summary ?? []);
  return page({
    title: report.title,
    language: report.language ?? "en",
    body: [
      `<header><h1>${escapeText(report.title)}</h1>`,
      ...summary.map((sentence) => `<p class="summary">${escapeText(sentence)}</p>`),
      "</header>",
      ...parts,
      ...(report.footer ? [`<footer>${escapeText(report.footer)}</footer>`] : []),
    ].join("\n"),
  });
}

/** One figure as a page of its own. */
export async function renderHtml(figure: Figure, options: RenderOptions & { language?: string } = {}): Promise<string> {
  const { language = "en" } = options;
  return page({
    title: figure.title || figure.description,
    language,
    body: figureHtml(figure, await renderSvg(figure, options), "f1-"),
  });
}

/** The frame of every page that we write. `scriptHash` allows one script, and no other. */
export function page(content: {
  title: string;
  language: string;
  body: string;
  script?: { text: string; hash: string };
}): string {
  const { title, language, body, script } = content;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:${script ? `; script-src '${script.hash}'` : ""}`;
  return `<!doctype html>
<html lang="${escapeText(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>
${REPORT_STYLE}</style>
</head>
<body>
<main>
${body}
</main>
${script ? `<script>${script.text}</script>\n` : ""}</body>
</html>
`;
}

function figureHtml(figure: Figure, svg: string, idPrefix: string): string {
  // "<" inside JSON as an escape, so that no text in the data can end the element.
  const json = JSON.stringify(figure.spec).replaceAll("<", "\\u003c");
  return `<figure>${inlineSvg(svg, idPrefix)}<script type="application/json" class="vega-lite">${json}</script></figure>`;
}

/** Fit for a page that holds several: ids that do not clash, a size that follows the page's width. */
export function inlineSvg(svg: string, idPrefix: string): string {
  return withIds(svg, idPrefix).replace(/<svg [^>]*>/, (tag) =>
    tag.replace(/ height="[\d.]+"/, "").replace(/ width="([\d.]+)"/, ' style="max-width:$1px"'),
  );
}

function tableHtml({ caption, columns, rows, bestRow, decimals = [] }: ReportTable): string {
  const numeric = columns.map((_, c) => rows.some((row) => typeof row[c] === "number"));
  const places = columns.map(
    (_, c) => decimals[c] ?? decimalsFor(rows.flatMap((row) => (typeof row[c] === "number" ? [row[c]] : []))),
  );
  const aligned = (c: number) => (numeric[c] ? ' class="number"' : "");
  const head = columns.map((name, c) => `<th scope="col"${aligned(c)}>${escapeText(name)}</th>`).join("");
  const lines = rows.map((row, r) => {
    const cells = columns.map((_, c) => `<td${aligned(c)}>${cellText(row[c] ?? null, places[c])}</td>`).join("");
    return `<tr${r === bestRow ? ' class="best"' : ""}>${cells}</tr>`;
  });
  const below = caption ? `<caption>${escapeText(caption)}</caption>` : "";
  return `<div class="table"><table>${below}<thead><tr>${head}</tr></thead><tbody>\n${lines.join("\n")}\n</tbody></table></div>`;
}

function cellText(cell: Cell, decimals: number): string {
  if (typeof cell === "string") return escapeText(cell);
  if (cell === null || !Number.isFinite(cell)) return "–";
  const tooSmall = cell !== 0 && Math.abs(cell) < 0.5 * 10 ** -decimals;
  if (tooSmall) return cell.toExponential(1).replaceAll("-", "−");
  const text = cell.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return text.replace("-", "−");
}
