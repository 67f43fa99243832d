import { readdirSync, readFileSync } from "node:fs";
import { lineFigure } from "refrain/figure";
import { pngOfSvg, RenderError, renderPng, renderSvg } from "refrain-render";
import { describe, expect, it } from "vitest";
import { everyFigure } from "../figure/every-figure.ts";
import { externalReferences } from "./external-references.ts";
import { pixelsOf } from "./png-pixels.ts";

const failOnWarning = {
  onWarning: (message: string) => {
    throw new Error(`a warning: ${message}`);
  },
};

describe.each(Object.entries(everyFigure))("the picture %s", (_, figure) => {
  it("compiles and runs without a warning, twice the same", async () => {
    const svg = await renderSvg(figure, failOnWarning);
    expect(await renderSvg(figure, failOnWarning)).toBe(svg);
  });

  it("refers to nothing outside itself", async () => {
    const svg = await renderSvg(figure, failOnWarning);
    expect(externalReferences(svg)).toEqual([]);
    expect(svg).not.toMatch(/<script|<foreignObject/);
  });

  it("has the stated size as PNG, and nothing in it is cut off at the edge", async () => {
    const svg = await renderSvg(figure, failOnWarning);
    const [, w, h] = svg.match(/width="(\d+)" height="(\d+)"/)!.map(Number);
    const { width, height, channels, data } = pixelsOf(await pngOfSvg(svg, { scale: 1 }));
    expect([width, height]).toEqual([w, h]);
    const margin = 4;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (x === margin && y >= margin && y < height - margin) x = width - margin;
        const at = (y * width + x) * channels;
        if (data[at] + data[at + 1] + data[at + 2] !== 765)
          throw new Error(`ink at (${x}, ${y}) of ${width} × ${height}`);
      }
    }
  });
});

describe("a PNG", () => {
  it("grows with its scale, twice by default", async () => {
    const sizeOf = (png: Uint8Array) => [pixelsOf(png).width, pixelsOf(png).height];
    expect(sizeOf(await renderPng(everyFigure.forecast))).toEqual([1440, 760]);
    expect(sizeOf(await renderPng(everyFigure.forecast, { scale: 0.5 }))).toEqual([360, 190]);
  });

  it("draws every letter of a Japanese title: no two of them look alike, as boxes would", async () => {
    const titled = async (title: string) =>
      Buffer.from(await renderPng(lineFigure([{ name: "a", y: [1, 2] }], { title })));
    const pictures = await Promise.all(["終", "値", "均", "㈱", "∂"].map(titled));
    expect(new Set(pictures.map((picture) => picture.toString("base64"))).size).toBe(5);
  });

  it("draws bold Japanese bold", async () => {
    const ink = async (weight: string) => {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text x="5" y="22" font-size="20" font-weight="${weight}" font-family="'Open Sans'">終値</text></svg>`;
      return pixelsOf(await pngOfSvg(svg)).data.reduce((sum, value) => sum + 255 - value, 0);
    };
    expect(await ink("bold")).toBeGreaterThan(1.2 * (await ink("normal")));
  });
});

describe("an SVG", () => {
  it("leaves the figure as it was", async () => {
    const before = structuredClone(everyFigure.forecast.spec);
    await renderSvg(everyFigure.forecast);
    expect(everyFigure.forecast.spec).toStrictEqual(before);
  });

  it("keeps its text as text, Japanese too", async () => {
    const svg = await renderSvg(everyFigure.forecastJapanese);
    for (const words of ["日経平均株価の終値（1日先の予測）", "日付", "終値（円）", "実測値", "予測", "90 % 区間"]) {
      expect(svg).toContain(`>${words}<`);
    }
  });

  it("says what it shows to those who cannot see it", async () => {
    expect(await renderSvg(everyFigure.scores)).toMatch(
      /^<svg role="img" aria-label="[^"]*the lowest is forecast with 12.40/,
    );
  });

  it("does not run what stands in a name", async () => {
    const evil = '"><script>alert(1)</script>';
    const svg = await renderSvg(
      lineFigure(
        [
          { name: evil, y: [1, 2] },
          { name: "b", y: [2, 1] },
        ],
        { title: evil, xTitle: evil, yTitle: evil },
      ),
    );
    expect(svg).not.toContain("<script");
  });

  it("is never drawn from data or pictures outside the figure", async () => {
    const frame = { title: "t", description: "d" };
    const encoding = { x: { field: "x", type: "quantitative" } };
    const outside = { data: { url: "http://127.0.0.1:9/x.json" }, mark: "point", encoding };
    await expect(renderSvg({ ...frame, spec: outside })).rejects.toThrow(RenderError);
    await expect(renderSvg({ ...frame, spec: { ...outside, data: { url: "package.json" } } })).rejects.toThrow(
      'the figure "t" asks for package.json; a figure must carry its data',
    );
    const picture = {
      data: { values: [{ url: "http://127.0.0.1:9/x.png" }] },
      mark: "image",
      encoding: { url: { field: "url", type: "nominal" } },
    };
    await expect(renderSvg({ ...frame, spec: picture })).rejects.toThrow(RenderError);
  });

  it("reports what is no spec, with the figure's name", async () => {
    await expect(renderSvg({ title: "odd", description: "", spec: { mark: "nonsense" } })).rejects.toThrow(
      'the figure "odd" cannot be drawn',
    );
  });
});

it("loads Vega and resvg only when something is drawn", () => {
  const folder = new URL("../../apps/render/src/", import.meta.url);
  for (const name of readdirSync(folder)) {
    const source = readFileSync(new URL(name, folder), "utf8");
    expect(source, name).not.toMatch(/^import (?!type )[^;]*from "(vega|vega-lite|@resvg\/resvg-js)"/m);
  }
});
