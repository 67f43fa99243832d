/** Several figures side by side as one: a picture series, such as a curve after 10, 20, 30 … epochs. */

import { type Figure, type FigureOptions, frameFigure, type Json } from "./figure.ts";
import { size } from "./theme.ts";

export type PanelFigureOptions = Omit<FigureOptions, "height"> & {
  /** Panels in a row. Default 3. */
  columns?: number;
  /** Of one panel's plot, in pixels. Default 170. */
  panelHeight?: number;
};

/** @param panels figures with axes, from left to right and top to bottom; their titles stay above them */
export function panelFigure(panels: readonly Figure[], options: PanelFigureOptions = {}): Figure {
  const { columns = 3, panelHeight = 170, width = size.width } = options;
  const perRow = Math.max(1, Math.min(columns, panels.length));
  const panelWidth = Math.floor((width - 24 - (perRow - 1) * 24) / perRow) - 62;
  const concat = panels.map((panel): Json => {
    const { $schema, description, background, padding, autosize, config, ...own } = panel.spec;
    const heading = panel.title === "" ? {} : { title: { text: panel.title, fontSize: size.axisTitle, offset: 6 } };
    return { ...own, ...heading, width: panelWidth, height: panelHeight };
  });
  const shared = new Set(panels.map(namesIn)).size === 1;
  const described = `${panels.length} panels: ${panels.map((panel) => panel.title || panel.description).join("; ")}`;
  const framed = frameFigure(options, described, {
    concat,
    columns: perRow,
    spacing: 24,
    // Panels with the same names share one legend above them all.
    resolve: {
      scale: { color: shared ? "shared" : "independent" },
      legend: { color: shared ? "shared" : "independent" },
    },
    autosize: { type: "pad" },
  });
  // The size of a concatenation is that of its panels.
  const { width: _, height: __, ...spec } = framed.spec;
  return { ...framed, spec };
}

/** The names in a panel's legend: the domain of its colour scale. */
function namesIn(panel: Figure): string {
  const layers = (panel.spec.layer ?? []) as readonly { encoding?: { color?: { scale?: { domain?: Json } | null } } }[];
  return JSON.stringify(
    layers.map((layer) => layer.encoding?.color?.scale?.domain).find((domain) => domain !== undefined) ?? null,
  );
}
