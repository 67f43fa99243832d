import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^refrain\/(data|io|figure|forecast)$/, replacement: `${at("./src/")}$1/index.ts` },
      { find: /^refrain$/, replacement: at("./src/index.ts") },
      { find: /^refrain-render$/, replacement: at("./apps/render/src/index.ts") },
      { find: /^refrain-tutorials$/, replacement: at("./tutorials/index.ts") },
    ],
  },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "threads",
  },
});
