/** Named curves over one axis: the general figure, for whatever the others are not made for. */

import { type AxesOptions, type Curve, curveLayers } from "./curves.ts";
import { type Figure, type FigureOptions, frameFigure } from "./figure.ts";

export type LineFigureOptions = FigureOptions & AxesOptions;

/**
 * @param curves drawn in order, the last on top; see `Curve` for names, roles, bands and gaps
 * @example
 * lineFigure([{ name: "LSTM", y: normByLag }], { xTitle: "lag (steps)", yTitle: "‖∂L/∂x‖", yLog: true });
 */
export function lineFigure(curves: readonly Curve[], options: LineFigureOptions = {}): Figure {
  const { body } = curveLayers(curves, options);
  const { xTitle = "step", yTitle = "value" } = options;
  return frameFigure(options, `Lines of ${listed(curves.map((curve) => curve.name))}: ${yTitle} by ${xTitle}.`, body);
}

/** "a, b and c". */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}
