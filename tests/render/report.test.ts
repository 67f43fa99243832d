import { createHash } from "node:crypto";
import { type Figure, lineFigure } from "refrain/figure";
import { type Report, renderAnimation, renderHtml, renderReport } from "refrain-render";
import { describe, expect, it } from "vitest";
import { everyFigure } from "../figure/every-figure.ts";
import { externalReferences } from "./external-references.ts";

const evil = `<script>alert("x")</script>&'`;
const report: Report = {
  title: `日経平均 ${evil}`,
  summary: [evil, "The forecast wins."],
  sections: [
    {
      heading: evil,
      paragraphs: [evil],
      code: evil,
      figures: [everyFigure.forecast, everyFigure.images, everyFigure.panels],
    },
    {
      heading: "Scores",
      figure: lineFigure([{ name: evil, y: [1, 2, 3] }], { title: evil, xTitle: "step", yTitle: evil }),
      table: {
        caption: evil,
        columns: ["method", evil, "seeds"],
        rows: [
          ["naive", 1069.25, 1],
          [evil, 12.6, 3],
          ["none", null, -2],
        ],
        bestRow: 1,
      },
    },
  ],
  footer: evil,
};

/** The text of each script in the page, by type. */
function scripts(html: string): { type: string; text: string }[] {
  return [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].map(([, attributes, text]) => ({
    type: /type="([^"]*)"/.exec(attributes)?.[1] ?? "text/javascript",
    text,
  }));
}

describe("a report", () => {
  it("runs nothing, whatever its texts say", async () => {
    const html = await renderReport(report);
    expect(scripts(html).map((script) => script.type)).toEqual(Array(4).fill("application/json"));
    expect(html).not.toContain("<script>alert");
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/ on[a-z]+=/);
  });

  it("refers to nothing outside itself", async () => {
    expect(externalReferences(await renderReport(report))).toEqual([]);
  });

  it("shows the texts as they were given", async () => {
    const html = await renderReport(report);
    expect(html).toContain("<h1>日経平均 &#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#38;&#39;</h1>");
    expect(html).toContain('<p class="summary">The forecast wins.</p>');
  });

  it("carries every figure's spec with its data", async () => {
    const specs = scripts(await renderReport(report)).map((script) => JSON.parse(script.text));
    const figures = report.sections
      .flatMap((section) => [section.figure, ...(section.figures ?? [])])
      .filter((f): f is Figure => f !== undefined);
    expect(specs).toEqual(figures.map((figure) => figure.spec));
  });

  it("aligns numbers, shows absent ones as a dash, and emphasises the best row", async () => {
    const html = await renderReport(report);
    expect(html).toContain('<td>naive</td><td class="number">1,069.25</td><td class="number">1</td>');
    expect(html).toContain('<td class="number">–</td><td class="number">−2</td>');
    expect(html.match(/<tr class="best">.*/g)).toHaveLength(1);
    expect(html).toMatch(/<tr class="best">.*12\.60/);
  });

  it("has no id twice", async () => {
    const ids = [...(await renderReport(report)).matchAll(/<[^>]* id="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("a page of one figure", () => {
  it("holds the picture with its text, and its spec", async () => {
    const html = await renderHtml(everyFigure.forecastJapanese, { language: "ja" });
    expect(html).toContain('<html lang="ja">');
    expect(html).toContain(">実測値<");
    expect(JSON.parse(scripts(html)[0].text)).toEqual(everyFigure.forecastJapanese.spec);
  });
});

describe("an animation", () => {
  const frames = [1, 2, 3].map((k) =>
    lineFigure([{ name: "sine", y: [0, k, 0] }], { xTitle: "step", yTitle: "y", yDomain: [0, 3] }),
  );

  it("is one file with every frame, whose only script is the one its policy names", async () => {
    const html = await renderAnimation(frames, { title: evil, captions: ["epoch 10", evil] });
    expect(html.match(/<figure /g)).toHaveLength(3);
    expect(externalReferences(html)).toEqual([]);
    const [player, ...others] = scripts(html);
    expect(others).toEqual([]);
    expect(html).toContain(`script-src 'sha256-${createHash("sha256").update(player.text).digest("base64")}'`);
    expect(html).toContain('data-caption="epoch 10"');
    expect(html).toContain('data-caption="3 / 3"');
  });

  it("has frames of one size", async () => {
    const boxes = [...(await renderAnimation(frames)).matchAll(/viewBox="([^"]*)"/g)].map((match) => match[1]);
    expect(boxes).toEqual(Array(3).fill("0 0 720 380"));
  });

  it("needs a frame", async () => {
    await expect(renderAnimation([])).rejects.toThrow("expected at least one frame");
  });
});
