/** The README's example in a real browser: bundled by Vite, trained on WASM. */

import { gzipSync } from "node:zlib";
import { backend, setBackend } from "refrain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { train } from "../../examples/browser/train.ts";
import { type Bundled, bundle, chromiumPath, ISOLATED, withPage } from "./page.ts";

/** Of the library and one WASM module, gzipped: what a page has to load. */
const LARGEST_DOWNLOAD = 120 * 1024;

let page: Bundled;
let threadsPage: Bundled;
beforeAll(async () => {
  page = await bundle("examples/browser");
  threadsPage = await bundle("tests/browser/threads", ISOLATED);
});
afterAll(async () => {
  await page.close();
  await threadsPage.close();
});

test("the bundle needs nothing of Node, and says so by no warning", () => {
  expect(page.warnings).toEqual([]);
  for (const { name, content } of page.files) {
    if (name.endsWith(".js")) expect(Buffer.from(content).toString()).not.toMatch(/\b(from|import)\s*\(?\s*["']node:/);
  }
});

test("the library and its WASM module are a small download", () => {
  const size = page.files
    .filter(({ name }) => !/relaxed|threads/.test(name))
    .reduce((sum, { content }) => sum + gzipSync(content, { level: 9 }).length, 0);
  expect(page.files.some(({ name }) => name.includes("simd128"))).toBe(true);
  expect(size).toBeLessThan(LARGEST_DOWNLOAD);
});

describe.skipIf(chromiumPath === undefined)(
  chromiumPath === undefined
    ? "in Chromium (skipped: none is installed here, and $CHROMIUM is not set)"
    : "in Chromium",
  () => {
    test("it trains on WASM, and gives the losses that Node's WASM gives", async () => {
      const losses = await withPage(page.url, async (tab) => {
        await tab.locator("#status", { hasText: /^(done|failed)/ }).waitFor();
        expect(await tab.textContent("#status")).toMatch(/^done in .* on wasm \(C\+\+, simd128/);
        return (await tab.locator("#losses li").allTextContents()).map(Number);
      });
      const before = backend().name;
      await setBackend("wasm");
      const expected = [...train(losses.length)];
      await setBackend(before);
      expect(losses).toHaveLength(60);
      expect(losses).toEqual(expected);
      expect(losses[59]).toBeLessThan(losses[0] / 10);
    });

    test("with threads, on an isolated page, it gives the same losses", async () => {
      const [described, isolated, one, two] = await withPage(threadsPage.url, async (tab) => {
        await tab.locator("#status", { hasText: /^(done|failed)/ }).waitFor();
        const read = (id: string) => tab.textContent(id);
        return [await read("#status"), await read("#present"), await read("#one"), await read("#two")];
      });
      expect(described).toBe("done on wasm (C++, simd128, 2 threads)");
      expect(isolated).toBe("2 present");
      expect(two).toBe(one);
      expect(JSON.parse(one!)).toHaveLength(20);
    });
  },
);
