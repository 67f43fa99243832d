/** An animation in a real browser: it plays by itself to its end, and obeys button, slider and keys. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lineFigure } from "refrain/figure";
import { renderAnimation } from "refrain-render";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, withPage } from "./page.ts";

const EPOCHS = [10, 20, 30, 40];
const captions = EPOCHS.map((epoch) => `epoch ${epoch}`);

describe.skipIf(chromiumPath === undefined)(
  chromiumPath === undefined
    ? "an animation (skipped: no Chromium is installed here, and $CHROMIUM is not set)"
    : "an animation in Chromium",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "refrain-animation-"));
    const url = pathToFileURL(join(folder, "animation.html")).href;
    beforeAll(async () => {
      const frames = EPOCHS.map((epoch) =>
        lineFigure([{ name: "curve", y: [0, epoch / 40, 0] }], { title: `epoch ${epoch}`, yDomain: [0, 1] }),
      );
      writeFileSync(join(folder, "animation.html"), await renderAnimation(frames, { captions, frameMs: 150 }));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test("plays from the first frame to the last, one at a time, and again when asked", async () => {
      await withPage(url, async (tab) => {
        const seen: string[] = [];
        const caption = tab.locator(".player output");
        for (;;) {
          const text = await caption.textContent();
          if (text !== null && seen.at(-1) !== text) seen.push(text);
          expect(await tab.locator("figure:visible").count()).toBe(1);
          if ((await tab.textContent(".player button")) === "Play") break;
        }
        expect(captions).toEqual(expect.arrayContaining(seen));
        expect(seen).toEqual([...seen].sort());
        expect(seen.at(-1)).toBe("epoch 40");
        await tab.click(".player button");
        expect(await tab.textContent(".player button")).toBe("Pause");
        await caption.filter({ hasText: "epoch 40" }).waitFor();
      });
    });

    test("stops where button, slider or keys say", async () => {
      await withPage(url, async (tab) => {
        await tab.focus(".player input");
        await tab.keyboard.press("End");
        expect(await tab.textContent(".player output")).toBe("epoch 40");
        await tab.keyboard.press("ArrowLeft");
        expect(await tab.textContent(".player output")).toBe("epoch 30");
        expect(await tab.getAttribute("figure:visible", "data-caption")).toBe("epoch 30");
        await tab.waitForTimeout(400);
        expect(await tab.textContent(".player output")).toBe("epoch 30");
        expect(await tab.textContent(".player button")).toBe("Play");
      });
    });
  },
);
