/** The library as its users get it, one file, from the sources as they are now, and the WASM modules beside it: in build/bench/. */
import { copyFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const to = join(root, "build", "bench");

/** @returns the path of the library's main file */
export async function bundle() {
  const build = await rolldown({
    input: { refrain: join(root, "src/index.ts") },
    cwd: root,
    platform: "neutral",
    external: [/^node:/, ...builtinModules],
  });
  await build.write({ dir: to, format: "esm", keepNames: true, chunkFileNames: "[name].js" });
  await build.close();
  for (const name of readdirSync(join(root, "src/backend/wasm")))
    if (name.endsWith(".wasm")) copyFileSync(join(root, "src/backend/wasm", name), join(to, name));
  return join(to, "refrain.js");
}
