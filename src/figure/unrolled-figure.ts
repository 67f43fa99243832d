/**
 * A recurrent layer unrolled in time: one box per step, its input from below, its state to the next box, its output above. The
 * arrows carry the names of their weights, each in one colour, so that one sees the same weights in every step.
 */

import { ArgumentError } from "../tensor/errors.ts";
import { type Figure, type FigureOptions, frameFigure, type Json } from "./figure.ts";
import { listed } from "./line-figure.ts";
import { palette, size } from "./theme.ts";

export type UnrolledStep = {
  /** Below the box: what goes in. */
  input: string;
  /** In the box: the state. Default "h₁", "h₂" … */
  state?: string;
  /** Above the box: what comes out. Default: nothing, and no arrow. */
  output?: string;
};

export type UnrolledFigureOptions = Omit<FigureOptions, "height"> & {
  /** The weights' names on the arrows. Defaults "W", "U" and "V". */
  inputWeight?: string;
  stateWeight?: string;
  outputWeight?: string;
  /** Left of the first box: the state it begins with. Default "0". */
  initialState?: string;
};

/** Pixels: the sides of a box, and the length of an arrow up or down. */
const BOX = 58;
const ARROW = 48;
const HEAD = 7;

/**
 * @param steps from the first to the last
 * @example
 * unrolledFigure([..."hell"].map((input) => ({ input, output: "…" })), { title: "Many to many" });
 */
export function unrolledFigure(steps: readonly UnrolledStep[], options: UnrolledFigureOptions = {}): Figure {
  if (steps.length === 0) throw new ArgumentError("unrolledFigure: expected at least one step, got none.");
  const { inputWeight = "W", stateWeight = "U", outputWeight = "V", initialState = "0", width = size.width } = options;
  const left = 34;
  const spacing = Math.min(150, (width - 24 - left) / steps.length);
  const gap = Math.max(20, spacing - BOX);
  const top = 24 + ARROW;
  const middle = top + BOX / 2;
  const bottom = top + BOX;
  const [inputColour, stateColour, outputColour] = palette.series;

  const boxes: Json[] = [];
  const arrows: { [key: string]: Json }[] = [];
  const words: { [key: string]: Json }[] = [{ x: left - 20, y: middle, text: initialState, colour: palette.ink }];
  for (const [i, { input, state = `h${subscript(i + 1)}`, output }] of steps.entries()) {
    const x = left + gap + i * (gap + BOX);
    const centre = x + BOX / 2;
    boxes.push({ x, y: top, x2: x + BOX, y2: bottom });
    const from = i === 0 ? left - 10 : x - gap;
    arrows.push({ x: from, y: middle, x2: x - HEAD, y2: middle, angle: 90, colour: stateColour });
    arrows.push({ x: centre, y: bottom + ARROW, x2: centre, y2: bottom + HEAD, angle: 0, colour: inputColour });
    words.push(
      { x: centre, y: middle, text: state, colour: palette.ink },
      { x: centre, y: bottom + ARROW + 14, text: input, colour: palette.ink },
      { x: (from + x - HEAD) / 2, y: middle - 14, text: stateWeight, colour: stateColour },
      { x: centre + 16, y: bottom + ARROW / 2 + 4, text: inputWeight, colour: inputColour },
    );
    if (output === undefined) continue;
    arrows.push({ x: centre, y: top, x2: centre, y2: top - ARROW + HEAD, angle: 0, colour: outputColour });
    words.push(
      { x: centre, y: 10, text: output, colour: palette.ink },
      { x: centre + 16, y: top - ARROW / 2 + 4, text: outputWeight, colour: outputColour },
    );
  }

  const pixel = (field: string) => ({ field, type: "quantitative", scale: null, axis: null });
  const place = { x: pixel("x"), y: pixel("y") };
  const end = { x2: { field: "x2" }, y2: { field: "y2" } };
  const color = { field: "colour", type: "nominal", scale: null };
  const layer: Json[] = [
    {
      data: { values: boxes },
      mark: { type: "rect", fill: palette.grid, stroke: palette.rule, cornerRadius: 8 },
      encoding: { ...place, ...end },
    },
    {
      data: { values: arrows },
      mark: { type: "rule", strokeWidth: size.thick },
      encoding: { ...place, ...end, color },
    },
    {
      data: { values: arrows.map(({ x2, y2, angle, colour }) => ({ x: x2, y: y2, angle, colour })) },
      mark: { type: "point", shape: "triangle", filled: true, size: 110, opacity: 1 },
      encoding: { ...place, color, angle: { field: "angle", type: "quantitative", scale: null } },
    },
    {
      data: { values: words },
      mark: { type: "text", fontSize: size.axisTitle, baseline: "middle" },
      encoding: { ...place, text: { field: "text", type: "nominal" }, color },
    },
  ];
  const outputs = steps.flatMap((step) => step.output ?? []);
  const described =
    `A recurrent layer unrolled over ${steps.length} steps with the inputs ${listed(steps.map((step) => step.input))}` +
    `${outputs.length > 0 ? ` and the outputs ${listed(outputs)}` : ""}; every step has the same weights.`;
  return frameFigure(options, described, {
    layer,
    width: Math.ceil(left + steps.length * (gap + BOX) + 10),
    height: bottom + ARROW + 26,
    autosize: { type: "pad" },
  });
}

const subscript = (n: number): string => [...String(n)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");
