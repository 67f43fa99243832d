/** A page bundled by Vite and opened in a headless Chromium. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, createLogger, preview } from "vite";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const CANDIDATES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where Chromium lies, or undefined. $CHROMIUM goes first. */
export const chromiumPath = CANDIDATES.find((path) => path !== undefined && path !== "" && existsSync(path));

export interface Bundled {
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
  readonly warnings: readonly string[];
  readonly url: string;
  close(): Promise<void>;
}

/** What a server has to say so that a page may share memory between its workers. */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Bundles a folder with an index.html for production, from the sources of the library, and serves it on this machine. */
export async function bundle(folder: string, headers: Record<string, string> = {}): Promise<Bundled> {
  const warnings: string[] = [];
  const customLogger = createLogger("silent");
  customLogger.warn = (message) => warnings.push(message);
  customLogger.warnOnce = (message) => warnings.push(message);
  const outDir = mkdtempSync(join(tmpdir(), "refrain-page-"));
  const common = { root: at(folder), configFile: false, logLevel: "warn", customLogger } as const;
  const result = await build({
    ...common,
    resolve: {
      alias: [
        { find: /^refrain$/, replacement: at("src/index.ts") },
        { find: /^refrain\/inlined-wasm$/, replacement: at("src/inlined-wasm.ts") },
      ],
    },
    build: { outDir, emptyOutDir: true, reportCompressedSize: false },
  });
  if (!("output" in result)) throw new Error("Vite gave no single bundle");
  const bytes = (content: string | Uint8Array) => (typeof content === "string" ? Buffer.from(content) : content);
  const files = result.output.map((file) => ({
    name: file.fileName,
    content: bytes(file.type === "chunk" ? file.code : file.source),
  }));
  const server = await preview({ ...common, build: { outDir }, preview: { port: 0, host: "127.0.0.1", headers } });
  return {
    files,
    warnings,
    url: server.resolvedUrls!.local[0],
    async close() {
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

/** Runs `use` on an opened page; what the page reports as an error is an error here. */
export async function withPage<T>(url: string, use: (page: Page) => Promise<T>): Promise<T> {
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath!,
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(url);
    const result = await use(page);
    if (errors.length > 0) throw new Error(`the page reported: ${errors.join("; ")}`);
    return result;
  } finally {
    await browser.close();
  }
}
