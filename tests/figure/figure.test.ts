import type { Figure, Json } from "refrain/figure";
import { describe, expect, it } from "vitest";
import { everyFigure } from "./every-figure.ts";

/** Every object inside a spec. */
function objectsIn(node: Json): { [key: string]: Json }[] {
  if (Array.isArray(node)) return node.flatMap(objectsIn);
  if (node === null || typeof node !== "object") return [];
  return [node as { [key: string]: Json }, ...Object.values(node).flatMap(objectsIn)];
}

const encodings = (figure: Figure) =>
  objectsIn(figure.spec).flatMap((object) =>
    object.encoding ? [object.encoding as Record<string, Record<string, Json>>] : [],
  );

describe.each(Object.entries(everyFigure))("the figure %s", (_, figure) => {
  it("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(figure.spec))).toEqual(figure.spec);
  });

  it("carries its data: no url but of pictures inside it", () => {
    for (const object of objectsIn(figure.spec)) {
      if (typeof object.url === "string") expect(object.url).toMatch(/^data:image\/png;base64,/);
    }
  });

  it("has a title on every axis", () => {
    for (const encoding of encodings(figure)) {
      for (const channel of [encoding.x, encoding.y]) {
        if (channel?.field === undefined || channel.axis === null) continue;
        expect(channel.title, JSON.stringify(channel)).toMatch(/\S/);
      }
    }
  });

  it("has room for the longest label between an axis and its title", () => {
    const { axis } = figure.spec.config as { axis: Record<string, number> };
    const { labelLimit, labelPadding, titlePadding, titleFontSize } = axis;
    expect(axis.maxExtent).toBeGreaterThanOrEqual(labelLimit + labelPadding + titlePadding + titleFontSize);
  });

  it("says in words what it shows", () => {
    expect(figure.description).toMatch(/\S+ \S+/);
    expect(figure.spec.description).toBe(figure.description);
  });

  it("stays small", () => {
    expect(JSON.stringify(figure.spec).length).toBeLessThan(130_000);
  });
});
