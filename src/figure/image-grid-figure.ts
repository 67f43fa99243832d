/** Greyscale pictures in rows and columns, with words beside the rows, above the columns and below each picture. */

import { ArgumentError } from "../tensor/errors.ts";
import { type Figure, type FigureOptions, frameFigure, type Json } from "./figure.ts";
import { greyPngUrl } from "./grey-png.ts";
import { textExtent } from "./text-extent.ts";
import { palette, size } from "./theme.ts";

export type GreyImage = {
  /** Rows from top to bottom, all of one length. */
  pixels: readonly ArrayLike<number>[];
  /** Below the picture. Default: none. */
  caption?: string;
};

export type ImageGridOptions = Omit<FigureOptions, "height"> & {
  /** Left of the rows: ["original", "completed"]. Default: none. */
  rowNames?: readonly string[];
  /** Above the columns. Default: none. */
  columnNames?: readonly string[];
  /** The values drawn black and white; what lies outside is clamped. Default [0, 1]. */
  range?: readonly [number, number];
  /** Sides of a picture in pixels, at most; smaller if the width does not suffice. Default 84. */
  cell?: number;
  /** A line across each picture above this row of pixels: where the given part ends. Default: none. */
  cut?: number;
};

/**
 * @param grid rows of pictures; rows may differ in length
 * @example
 * imageGridFigure([originals, completed], { rowNames: ["original", "completed"], cut: 14 });
 */
export function imageGridFigure(grid: readonly (readonly GreyImage[])[], options: ImageGridOptions = {}): Figure {
  const { rowNames = [], columnNames = [], range = [0, 1], width = size.width } = options;
  const columns = Math.max(0, ...grid.map((row) => row.length));
  if (columns === 0)
    throw new ArgumentError("imageGridFigure: the grid has no picture; give at least one row with one.");
  const gap = 6;
  const left = Math.max(0, ...rowNames.map((name) => textExtent(name, size.label))) + (rowNames.length > 0 ? 12 : 0);
  const cell = Math.floor(Math.min(options.cell ?? 84, (width - 24 - left) / columns - gap));
  const top = columnNames.length > 0 ? 22 : 0;
  const captionSize = captionSizeFor(grid, cell + gap);

  const pictures: { [key: string]: Json }[] = [];
  const words: { [key: string]: Json }[] = [];
  let y = top;
  for (const [r, row] of grid.entries()) {
    if (rowNames[r]) words.push({ x: left - 12, y: y + cell / 2, text: rowNames[r], align: "right" });
    for (const [c, image] of row.entries()) {
      checkImage(image, r, c);
      const x = left + c * (cell + gap);
      pictures.push({
        x,
        y,
        url: greyPngUrl(image.pixels, range[0], range[1]),
        cut: cutOf(image, options.cut, y, cell),
      });
      if (image.caption) words.push({ x: x + cell / 2, y: y + cell + 11, text: image.caption, align: "center" });
    }
    y += cell + gap + (row.some((image) => image.caption) ? 20 : 0);
  }
  for (const [c, text] of columnNames.entries())
    words.push({ x: left + c * (cell + gap) + cell / 2, y: 8, text, align: "center" });

  const pixel = (field: string) => ({ field, type: "quantitative", scale: null, axis: null });
  const place = { x: pixel("x"), y: pixel("y") };
  const layer: Json[] = [
    {
      data: { values: pictures },
      mark: { type: "image", width: cell, height: cell, align: "left", baseline: "top", aspect: false, smooth: false },
      encoding: { ...place, url: { field: "url", type: "nominal" } },
    },
  ];
  if (options.cut !== undefined) {
    layer.push({
      data: { values: pictures.map(({ x, cut }) => ({ x, y: cut, end: Number(x) + cell })) },
      mark: { type: "rule", color: palette.network, strokeWidth: 1.4 },
      encoding: { ...place, x2: { field: "end" } },
    });
  }
  for (const align of ["right", "center"]) {
    const values = words.filter((word) => word.align === align).map(({ align: _, ...word }) => word);
    if (values.length === 0) continue;
    layer.push({
      data: { values },
      mark: {
        type: "text",
        align,
        baseline: "middle",
        fontSize: align === "center" ? captionSize : size.label,
        color: palette.quietInk,
        limit: align === "center" ? cell + gap : 0,
      },
      encoding: { ...place, text: { field: "text", type: "nominal" } },
    });
  }
  const described = `${grid.length} rows of up to ${columns} greyscale pictures${rowNames.length > 0 ? `: ${rowNames.join(", ")}` : ""}.`;
  return frameFigure(options, described, {
    layer,
    width: Math.ceil(left + columns * (cell + gap)),
    height: y,
    autosize: { type: "pad" },
  });
}

/** Captions shrink to their pictures' width, but stay legible. */
function captionSizeFor(grid: readonly (readonly GreyImage[])[], room: number): number {
  const longest = Math.max(0, ...grid.flatMap((row) => row.map((image) => textExtent(image.caption ?? "", 1))));
  return longest === 0 ? size.label : Math.min(size.label, Math.max(10, Math.floor((room - 4) / longest)));
}

function cutOf(image: GreyImage, cut: number | undefined, y: number, cell: number): number {
  return cut === undefined ? y : y + (cell * cut) / image.pixels.length;
}

function checkImage(image: GreyImage, r: number, c: number): void {
  const width = image.pixels[0]?.length ?? 0;
  if (width === 0 || image.pixels.some((row) => row.length !== width)) {
    throw new ArgumentError(
      `imageGridFigure: picture [${r}][${c}] must have at least one row and rows of one length, ` +
        `got lengths ${JSON.stringify(image.pixels.map((row) => row.length))}.`,
    );
  }
}
