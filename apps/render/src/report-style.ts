/**
 * The look of a page. Figures are drawn for a light ground; in the dark their few colours are exchanged by rules that name
 * the colour itself, which a presentation attribute in an SVG gives way to.
 */

import { fontStack, palette } from "refrain/figure";

/** Light → dark. What is not listed (the series' colours, pictures) is legible on both. */
const DARK: readonly (readonly [string, string])[] = [
  [palette.background, "#161b22"],
  [palette.truth, "#e6edf3"],
  [palette.quietInk, "#a5afba"],
  [palette.rule, "#7d8590"],
  [palette.grid, "#2b323b"],
  [palette.network, "#f0743c"],
  [palette.interval, "#5a3323"],
  [palette.quietBand, "#333b45"],
];

const darkFigures = DARK.map(
  ([light, dark]) =>
    `  figure svg [fill="${light}"] { fill: ${dark}; }\n  figure svg [stroke="${light}"] { stroke: ${dark}; }`,
).join("\n");

export const REPORT_STYLE = `:root { --ground: #ffffff; --raised: #f6f7f9; --ink: ${palette.ink}; --quiet: ${palette.quietInk}; --line: #d9dee4; --accent: ${palette.network}; --best: #fdf0e9; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --raised: #161b22; --ink: #e6edf3; --quiet: #a5afba; --line: #30363d; --accent: #f0743c; --best: #33201a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, ${fontStack}; }
main { max-width: 820px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 12px; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 44px 0 10px; }
p { margin: 0 0 12px; overflow-wrap: anywhere; }
.summary { font-size: 1.12rem; border-left: 4px solid var(--accent); padding-left: 14px; }
figure { margin: 14px 0 20px; background: var(--figure, #ffffff); border: 1px solid var(--line); border-radius: 8px; padding: 8px; overflow: hidden; }
figure svg { display: block; width: 100%; height: auto; margin: 0 auto; }
figure image { image-rendering: pixelated; }
.table { overflow-x: auto; margin: 14px 0 20px; }
table { border-collapse: collapse; min-width: 60%; font-size: 0.95rem; }
caption { caption-side: bottom; text-align: left; color: var(--quiet); font-size: 0.88rem; padding-top: 8px; }
th, td { padding: 7px 16px 7px 10px; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
td:last-child:not(.number) { white-space: normal; min-width: 7em; }
th { font-weight: 600; color: var(--quiet); border-bottom-width: 2px; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.best td { background: var(--best); font-weight: 700; }
tr.best td:first-child { box-shadow: inset 4px 0 var(--accent); }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; overflow-x: auto; font: 13.5px/1.5 ui-monospace, Consolas, Menlo, monospace; }
footer { margin-top: 48px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.88rem; }
.player { display: flex; gap: 12px; align-items: center; margin: 8px 0; }
.player button { font: inherit; min-width: 84px; padding: 5px 14px; color: var(--ink); background: var(--raised); border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
.player input { flex: 1; accent-color: var(--accent); min-width: 0; }
.player output { min-width: 7em; text-align: right; color: var(--quiet); font-variant-numeric: tabular-nums; }
.frames.playing figure { display: none; }
.frames.playing figure.shown { display: block; }
@media screen and (prefers-color-scheme: dark) {
  figure { --figure: #161b22; }
${darkFigures}
}
@media (max-width: 560px) {
  main { padding: 24px 14px 40px; }
  h1 { font-size: 1.5rem; }
}
@media print {
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  figure, tr, pre { break-inside: avoid; }
  tr.best td { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .player { display: none; }
}
`;
